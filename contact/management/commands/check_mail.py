"""Sends a test message, and explains the answers of the mail server and of the domain's DNS."""

import re
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
from django.utils.module_loading import import_string

from clinic_site.web.mail import EmlBackend, quoted_address
from contact.models.clinic import Clinic
from contact.outbox.sender import describe_error
from contact.outbox.sender_domain import ADVICE, explain, texts_at


def email_address(text):
    try:
        validate_email(text)
    except ValidationError as error:
        raise ArgumentTypeError(
            f'"{text}" is not an email address. Write it like desk@clinic.example.'
        ) from error
    return text


def dkim_selector(text):
    """Return the text if it is a DKIM selector: labels separated by dots (RFC 6376, 3.1)."""
    label = r"[a-z0-9][a-z0-9_-]{0,62}"
    if not re.fullmatch(rf"{label}(\.{label})*", text, re.IGNORECASE):
        raise ArgumentTypeError(
            f'"{text}" is not a DKIM selector. Give only the part before ._domainkey, like s1.'
        )
    return text


def sender_domain():
    """Return the domain of DEFAULT_FROM_EMAIL."""
    try:
        address = parseaddr(quoted_address(settings.DEFAULT_FROM_EMAIL))[1]
        validate_email(address)
    except (ValueError, ValidationError) as error:
        raise CommandError(
            f'DEFAULT_FROM_EMAIL is "{settings.DEFAULT_FROM_EMAIL}", which is not valid. '
            "Set it to an address of your own domain, like web@clinic.example.",
            returncode=2,
        ) from error
    return address.rpartition("@")[2]


def describe_failure(error, connection):
    """Return one line on a failure: its meaning, the server's answer, and the solution."""
    failures = ADVICE["failures"]
    advice = next(entry for entry in failures if isinstance(error, import_string(entry["error"])))
    answer, fix = describe_error(error), advice["fix"]
    if answer.startswith("4"):  # codes from 400 to 499 are temporary (RFC 5321, 4.2.1)
        fix = "This is temporary. Try again in a few minutes."
    if isinstance(connection, smtp.EmailBackend):
        answer = f"{connection.host}:{connection.port}: {answer}"
    return f"{advice['meaning']} ({answer}). {fix}"


def describe_success(connection, files_before):
    """Return one line that says where the message is now."""
    if isinstance(connection, EmlBackend):
        new_files = ", ".join(map(str, sorted(mail_files() - files_before)))
        return f"There is no mail server yet. The message was written to {new_files}"
    if isinstance(connection, smtp.EmailBackend):
        return "The mail server accepted it. Check the inbox and the spam folder."
    return f"{settings.EMAIL_BACKEND} accepted it."


def mail_files():
    folder = settings.EMAIL_FILE_PATH
    return set(Path(folder).glob("*.eml")) if folder else set()


class Command(BaseCommand):
    help = "Send a test message, and explain SPF, DMARC and DKIM of the sender's domain."

    def add_arguments(self, parser):
        parser.add_argument(
            "--to", type=email_address, metavar="ADDRESS", help="instead of the clinic's recipients"
        )
        parser.add_argument(
            "--selector", type=dkim_selector, metavar="NAME", help="the DKIM selector to look up"
        )

    def handle(self, *args, to, selector, **options):
        domain = sender_domain()
        addresses = [to] if to else Clinic.objects.current().notification_addresses()
        if not addresses:
            raise CommandError(
                "Nobody gets enquiry emails yet. Add an address in the admin under Clinic, or give "
                "one here: --to ADDRESS.",
                returncode=2,
            )
        all_sent = self.send_to_each(addresses)
        for line in explain(domain, selector, texts_at):
            self.stdout.write(line)
        if not all_sent:
            raise CommandError("Not every test message was sent. See above.", returncode=2)

    def send_to_each(self, addresses):
        """Send one message to each address, and say whether the server accepted them all.

        One message to all of them would hide the refusal of a single address.
        """
        all_sent = True
        for address in addresses:
            connection = get_connection()
            files_before = mail_files()
            try:
                connection.open()
                EmailMessage(
                    "Test message from the website",
                    f"The website {settings.SITE_URL} can send you mail. This is not an enquiry.\n",
                    to=[address],
                    connection=connection,
                ).send()
            except Exception as error:
                all_sent = False
                self.stdout.write(f"{address}: {describe_failure(error, connection)}")
                if not getattr(connection, "mail_started", True):
                    break  # the server is down for every address
            else:
                self.stdout.write(f"{address}: {describe_success(connection, files_before)}")
            finally:
                with suppress(Exception):
                    connection.close()
        return all_sent
