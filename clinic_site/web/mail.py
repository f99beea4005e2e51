"""Mail backends: SMTP with a time limit for a whole send, and files for development.

The only place that relies on how smtplib.SMTP reads replies (getreply, mail, close and sock).
"""

import smtplib
import socket
import threading
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from uuid import uuid4

import idna
from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

SEND_SECONDS = 60  # for a whole send, even if the server sends single bytes
CUT_SECONDS = 0.2  # between two cuts


def ascii_address(address):
    """Return an address with its domain in ASCII, or raise ValueError if none can exist.

    Django uses IDNA 2003, which sends mail for straße.example to strasse.example.
    """
    name, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    return f"{name}@{idna.encode(domain, uts46=True).decode()}"


def is_mailable(address):
    """Say whether mail servers accept an address; they are stricter than the standard."""
    name, _, domain = address.rpartition("@")
    if not name or not name.isascii() or '"' in name or domain.startswith("["):
        return False
    try:
        reachable = ascii_address(address)
        Address(addr_spec=reachable)
    except (ValueError, MessageError):
        return False
    return "." in reachable.rpartition("@")[2]


class EmlBackend(BaseEmailBackend):
    """Write each message to EMAIL_FILE_PATH as an .eml file, which mail programs can open."""

    def send_messages(self, email_messages):
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            draft = folder / f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.new"
            draft.write_bytes(message.message().as_bytes())
            draft.replace(draft.with_suffix(".eml"))  # nobody sees half a message
        return len(email_messages)


class Bounded:
    """An SMTP connection that is cut after SEND_SECONDS, and knows whether MAIL was sent.

    A socket's timeout starts again with each byte, so a slow server could hold it for ever.
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
        # Repeatedly: there is no socket yet while it connects or starts TLS.
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
            # Otherwise half a line would look like a reply.
            if self.is_cut:
                raise smtplib.SMTPServerDisconnected(f"not finished after {SEND_SECONDS} seconds")

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
    """Django's SMTP backend with a bounded connection."""

    @property
    def connection_class(self):
        return BoundedSMTPOverTLS if self.use_ssl else BoundedSMTP

    @property
    def mail_started(self):
        """Whether the last connection reached MAIL: from there on, a failure is the message's."""
        return bool(self.connection and self.connection.mail_started)
