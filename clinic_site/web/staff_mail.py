"""Mail to one member of staff, in the background: a mail server that is away stops no work."""

import logging
import threading

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from clinic_site.web.dates import day_and_time
from clinic_site.web.error_pages import stored_clinic_facts
from clinic_site.web.mail import ascii_address, is_mailable

logger = logging.getLogger(__name__)
THREAD_NAME = "mail to staff"


def send(message):
    try:
        message.send()
    except Exception as error:  # a mail server's words may hold the address
        logger.warning("mail to staff was not sent: %s", type(error).__name__)


def mail_user(user, subject, template, context):
    """Write to a user who has an email address, in a thread: timing must not show who exists."""
    if not is_mailable(user.email):
        return
    clinic = stored_clinic_facts().get("name") or "the website"
    when = day_and_time(timezone.localtime())
    text = render_to_string(template, context | {"clinic_name": clinic, "when": when})
    message = EmailMessage(f"{subject}: {clinic}", text, to=[ascii_address(user.email)])
    threading.Thread(target=send, args=[message], name=THREAD_NAME).start()
