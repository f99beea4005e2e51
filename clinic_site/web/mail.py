"""Mail backends: SMTP with a time limit for a whole send, and files for development.

All mail of the site passes here, so this is where each message is marked as automatic and encoded.
The only place that relies on how smtplib.SMTP reads replies (getreply, mail, close and sock).
"""

import quopri
import smtplib
import socket
import threading
import time
from contextlib import suppress
from email import message_from_bytes, policy
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import formataddr, make_msgid, parseaddr, unquote
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import idna
from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

SEND_SECONDS = 60  # for a whole send, even if the server sends single bytes
CUT_SECONDS = 0.2  # between two looks at the clock
MOST_MESSAGES = 100  # over one connection; many servers end it then
LONGEST_LINE = 998  # bytes (RFC 5322, 2.1.1)

# So that absence notes and other robots send no answer (RFC 3834; the second is Microsoft's).
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


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


def site_host():
    """Return the host of SITE_URL as mail servers write it: in ASCII, an IP address in brackets."""
    host = urlsplit(settings.SITE_URL).hostname
    try:
        address = ip_address(host)
    except ValueError:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    return f"[IPv6:{host}]" if address.version == 6 else f"[{host}]"


def new_message_id():
    """Return a Message-ID of our own domain."""
    return make_msgid(domain=site_host())


def quoted_address(text):
    """Return an address like Clinic, Inc. <web@clinic.example> with its name in quotes if needed.

    Raises:
        ValueError: the address itself is not ASCII, and no ASCII form exists.
    """
    name, is_named, address = text.strip().removesuffix(">").rpartition("<")
    if not is_named or not text.strip().endswith(">"):
        return text
    return formataddr((unquote(name.strip()), ascii_address(address.strip())))


def prepare(message):
    """Give a Django message its Message-ID, the marks of automatic mail, and quoted names.

    Raises:
        ValueError: the sender is not an email address.
    """
    message.from_email = quoted_address(message.from_email)
    if "@" not in parseaddr(message.from_email)[1]:
        raise ValueError(
            f"The sender {message.from_email} is not an email address. Correct it in "
            "DEFAULT_FROM_EMAIL or ALARM_FROM."
        )
    headers = {"Message-ID": new_message_id(), **AUTOMATIC}
    message.extra_headers = headers | message.extra_headers
    message.to = [quoted_address(address) for address in message.to]


def is_plain(content):
    return content.isascii() and all(len(line) <= LONGEST_LINE for line in content.splitlines())


def in_seven_bits(content, linesep="\r\n"):
    """Return a message's bytes in ASCII and short lines, which every mail server accepts."""
    if is_plain(content):
        return content
    message = message_from_bytes(content)
    for part in message.walk():
        text = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and not is_plain(text):
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "quoted-printable"
            part.set_payload(quopri.encodestring(text).decode())
    as_given = policy.compat32.clone(
        linesep=linesep,
        mangle_from_=False,
        max_line_length=None,  # Django has folded the headers
    )
    return message.as_bytes(policy=as_given)


class EmlBackend(BaseEmailBackend):
    """Write each message to EMAIL_FILE_PATH as an .eml file, which mail programs can open."""

    def send_messages(self, email_messages):
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            prepare(message)
            draft = folder / f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.new"
            draft.write_bytes(in_seven_bits(message.message().as_bytes(), linesep="\n"))
            draft.replace(draft.with_suffix(".eml"))  # nobody sees half a message
        return len(email_messages)


class Bounded:
    """An SMTP connection that is cut when a send takes SEND_SECONDS.

    A socket's timeout starts again with each byte, so a slow server could hold it for ever. The
    first send includes connecting.

    Attributes:
        mail_started: whether this send has reached MAIL.
        sent: how many messages the server has accepted.
    """

    is_cut = mail_started = False
    sent = 0

    def __init__(self, *args, **kwargs):
        self.ends_at = time.monotonic() + SEND_SECONDS
        self.is_over = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()
        try:
            super().__init__(*args, **kwargs | {"local_hostname": site_host()})
        except BaseException:
            self.close()
            raise

    def watch(self):
        # Repeatedly: there is no socket yet while it connects or starts TLS.
        while not self.is_over.wait(CUT_SECONDS):
            if time.monotonic() >= self.ends_at:
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

    def sendmail(self, from_addr, to_addrs, msg, **options):
        refused = super().sendmail(from_addr, to_addrs, in_seven_bits(msg), **options)
        self.sent += 1
        return refused

    def is_ready(self):
        """Say whether the server is ready for another message; a used connection starts anew."""
        if not self.mail_started:
            return True
        self.ends_at = time.monotonic() + SEND_SECONDS
        self.mail_started = False
        with suppress(smtplib.SMTPException):
            return self.rset()[0] == 250
        return False

    def close(self):
        self.is_over.set()
        super().close()


class BoundedSMTP(Bounded, smtplib.SMTP):
    pass


class BoundedSMTPOverTLS(Bounded, smtplib.SMTP_SSL):
    pass


class SMTPBackend(smtp.EmailBackend):
    """Django's SMTP backend with a bounded connection, which may be kept for many messages."""

    most_messages = MOST_MESSAGES

    @property
    def connection_class(self):
        return BoundedSMTPOverTLS if self.use_ssl else BoundedSMTP

    @property
    def mail_started(self):
        """Whether the last send reached MAIL: from there on, a failure may be the message's."""
        return bool(self.connection and self.connection.mail_started)

    def open(self):
        """Open a connection, unless the server is ready for another message over this one."""
        if self.connection and (
            self.connection.sent >= self.most_messages or not self.connection.is_ready()
        ):
            self.close()
        return super().open()

    def send_messages(self, email_messages):
        """Send messages, of which a caller who keeps the connection gives one at a time.

        A server that ends a used connection gets the message again over a new one, and from then
        on as many over each as it took.
        """
        for message in email_messages:
            prepare(message)
        try:
            return super().send_messages(email_messages)
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code != 421 or not self.connection or not self.connection.sent:
                raise
            self.most_messages = self.connection.sent
            self.close()
            return self.open() and super().send_messages(email_messages)
