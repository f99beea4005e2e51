"""Ways out for mail: SMTP with a bound on a whole send, and files where there is no mail server."""

import smtplib
import socket
import threading
from contextlib import suppress
from email.errors import MessageError
from pathlib import Path
from uuid import uuid4

import idna
from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.utils import timezone

SEND_SECONDS = 60  # a whole send, even if the server drips
CUT_SECONDS = 0.2  # between two cuts


def ascii_address(address):
    """Return an address as mail servers take it: its domain in ASCII, by IDNA 2008.

    Django itself would use IDNA 2003, which writes to strasse.example for straße.example.

    Raises:
        ValueError: no such domain can exist.
    """
    name, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    return f"{name}@{idna.encode(domain, uts46=True).decode()}"


def is_mailable(address):
    """Say whether a mail server can be asked to write to an address.

    Quoted names, IP literals, a domain without a dot and letters outside ASCII before the @ pass as
    addresses by the standard and are refused or mangled on the way; a domain in any script is fine.
    """
    name, _, domain = address.rpartition("@")
    if not name or not name.isascii() or '"' in name or domain.startswith("["):
        return False
    try:
        reachable = ascii_address(address)
        sanitize_address(reachable, "utf-8")
    except (ValueError, MessageError):
        return False
    return "." in reachable.rpartition("@")[2]


class EmlBackend(BaseEmailBackend):
    """Write each message to EMAIL_FILE_PATH as an .eml file, which every mail program opens.

    Django's own file backend writes .log files and puts a whole batch into one.
    """

    def send_messages(self, email_messages):
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            draft = folder / f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.new"
            draft.write_bytes(message.message().as_bytes())
            draft.replace(draft.with_suffix(".eml"))  # whole, for whoever opens it at once
        return len(email_messages)


class Bounded:
    """An SMTP conversation that is cut after SEND_SECONDS, and knows whether MAIL was reached.

    A socket's own timeout starts again with each byte, so a dripping server would hold it for ever.
    """

    mail_started = False
    is_cut = False

    def __init__(self, *args, **kwargs):
        self.is_over = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self.close()
            raise

    def watch(self):
        if self.is_over.wait(SEND_SECONDS):
            return
        # More than once: there is nothing to cut yet while it connects or agrees on encryption.
        while not self.is_over.wait(CUT_SECONDS):
            self.cut()

    def cut(self):
        self.is_cut = True
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def getreply(self):
        try:
            return super().getreply()
        finally:
            # Half a line would pass for a reply, and the cut for the server's own.
            if self.is_cut:
                raise smtplib.SMTPServerDisconnected(f"not done after {SEND_SECONDS} seconds")

    def mail(self, *args, **kwargs):
        self.mail_started = True
        return super().mail(*args, **kwargs)

    def close(self):
        self.is_over.set()
        super().close()


class BoundedSMTP(Bounded, smtplib.SMTP):
    pass


class BoundedSMTPOverTLS(Bounded, smtplib.SMTP_SSL):
    pass


class SMTPBackend(smtp.EmailBackend):
    """Django's SMTP backend over a bounded conversation."""

    @property
    def connection_class(self):
        return BoundedSMTPOverTLS if self.use_ssl else BoundedSMTP

    @property
    def mail_started(self):
        """Whether the last conversation reached MAIL: from there on a failure is the message's."""
        return bool(self.connection and self.connection.mail_started)
