"""Sends a test message, and says plainly how the mail server and the sender's domain stand."""

import re
import smtplib
import socket
import ssl
from argparse import ArgumentTypeError
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from clinic_site.web.mail import EmlBackend
from contact.models.clinic import Clinic
from contact.models.delivery import new_message_id
from contact.outbox.sender import describe_error
from contact.outbox.sender_domain import explain, texts_at

ENCRYPTION = (
    "Begin EMAIL_URL with smtp+tls:// and port 587, or smtp+ssl:// and port 465, as your mail "
    "provider says."
)
LATER = "That is for now only: try again in a few minutes."
UNKNOWN = ("The mail did not go out", "Check EMAIL_URL.")

# What went wrong and its mend; the first class that fits, so the narrower stands first.
TROUBLES = {
    smtplib.SMTPAuthenticationError: (
        "The mail server refused the user name or password",
        "Correct them in EMAIL_URL, signs like @ : / written as %40 %3A %2F. Some providers want "
        "a password made for one app.",
    ),
    smtplib.SMTPSenderRefused: (
        "The mail server refused the sender",
        "Set DEFAULT_FROM_EMAIL to an address this account may send from. If it asks for a login, "
        "put user and password into EMAIL_URL.",
    ),
    smtplib.SMTPRecipientsRefused: (
        "The mail server refused the recipient",
        "Correct the address. If it does not relay or asks for a login, put user and password "
        "into EMAIL_URL.",
    ),
    smtplib.SMTPDataError: (
        "The mail server refused the message",
        "Its words say why; what is said below on SPF, DMARC and DKIM may be the cause.",
    ),
    smtplib.SMTPNotSupportedError: ("The mail server does not offer what we ask", ENCRYPTION),
    smtplib.SMTPServerDisconnected: (
        "The mail server broke off",
        f"Try again. If it stays so: {ENCRYPTION}",
    ),
    ssl.SSLCertVerificationError: (
        "The mail server's certificate is not good",
        "Write the host name its certificate bears into EMAIL_URL, or have the server's "
        "certificate renewed.",
    ),
    ssl.SSLError: ("No encrypted connection came about", ENCRYPTION),
    socket.gaierror: ("The mail server's name was not found", "Check the host in EMAIL_URL."),
    ConnectionRefusedError: (
        "The mail server refused the connection",
        "Check host and port in EMAIL_URL, and that the server runs.",
    ),
    TimeoutError: (
        "The mail server did not answer in time",
        "Check host and port in EMAIL_URL. Many hosters block port 25: use 587 or 465.",
    ),
    PermissionError: ("The system does not allow it", "Run this as the user the site runs as."),
}


def email_address(text):
    """Return the text if it is one email address."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise ArgumentTypeError(
            f'"{text}" is not an email address. Write it like desk@clinic.example.'
        ) from error
    return text


def dkim_selector(text):
    """Return the text if it can be a selector: labels with dots between (RFC 6376, 3.1)."""
    label = r"[a-z0-9][a-z0-9_-]{0,62}"
    if not re.fullmatch(rf"{label}(\.{label})*", text, re.IGNORECASE):
        raise ArgumentTypeError(
            f'"{text}" is not a DKIM selector. Give only what stands before ._domainkey, like s1.'
        )
    return text


def sender_domain():
    """Return the domain of DEFAULT_FROM_EMAIL, which is the envelope's sender too."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    try:
        validate_email(address)
    except ValidationError as error:
        raise CommandError(
            f'DEFAULT_FROM_EMAIL is "{settings.DEFAULT_FROM_EMAIL}", which is no sender. '
            "Set it to an address of your own domain, like web@clinic.example.",
            returncode=2,
        ) from error
    return address.rpartition("@")[2]


def trouble(error, connection):
    """Return one line on a failure: what it means, the server with its words, and the mend."""
    meaning, mend = next(
        (words for kind, words in TROUBLES.items() if isinstance(error, kind)), UNKNOWN
    )
    words = describe_error(error)
    if words.startswith("4"):  # a reply code from 400 to 499 is no final no (RFC 5321, 4.2.1)
        mend = LATER
    if isinstance(connection, smtp.EmailBackend):
        words = f"{connection.host}:{connection.port}: {words}"
    return f"{meaning} ({words}). {mend}"


def taken_by(connection, kept_before):
    """Return who has the message now, in words."""
    if isinstance(connection, EmlBackend):
        places = ", ".join(str(path) for path in sorted(kept_mail() - kept_before))
        return f"There is no mail server yet: it was written to {places}"
    if isinstance(connection, smtp.EmailBackend):
        return "The mail server took it. Look into the inbox, and into spam."
    return f"{settings.EMAIL_BACKEND} took it."


def kept_mail():
    folder = settings.EMAIL_FILE_PATH
    return set(Path(folder).glob("*.eml")) if folder else set()


class Command(BaseCommand):
    help = "Send a test message, and say what SPF, DMARC and DKIM say for the sender's domain."

    def add_arguments(self, parser):
        parser.add_argument(
            "--to", type=email_address, metavar="ADDRESS", help="instead of the clinic's recipients"
        )
        parser.add_argument(
            "--selector", type=dkim_selector, metavar="NAME", help="the DKIM selector to look up"
        )

    def handle(self, *args, to, selector, **options):
        domain = sender_domain()
        addresses = [to] if to else Clinic.objects.current().notice_addresses()
        if not addresses:
            raise CommandError(
                "Nobody gets the mail yet. Add an address in the admin under Clinic, or give one "
                "here: --to ADDRESS.",
                returncode=2,
            )
        went_out = self.send_to_each(addresses)
        for line in explain(domain, selector, texts_at):
            self.stdout.write(line)
        if not went_out:
            raise CommandError("Not every test message went out: see above.", returncode=2)

    def send_to_each(self, addresses):
        """Send to each address by itself, as the outbox does: together, one refusal is not told.

        Returns:
            Whether every message was taken.
        """
        went_out = True
        for address in addresses:
            connection = get_connection()
            kept_before = kept_mail()
            try:
                connection.open()
                self.message(address, connection).send()
            except Exception as error:
                went_out = False
                self.stdout.write(f"{address}: {trouble(error, connection)}")
                if not getattr(connection, "mail_started", True):
                    break  # the server's fault, so the same for all
            else:
                self.stdout.write(f"{address}: {taken_by(connection, kept_before)}")
            finally:
                with suppress(Exception):
                    connection.close()
        return went_out

    def message(self, address, connection):
        return EmailMessage(
            subject="Test message from the website",
            body=f"The website {settings.SITE_URL} can send you mail. No patient wrote.\n",
            to=[address],
            headers={"Message-ID": new_message_id()},
            connection=connection,
        )
