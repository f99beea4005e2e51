"""The alarm: mail by a second mail server when enquiries stop reaching the clinic.

Its state is in a file, so that it works when the first mail server or the database does not.
"""

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import Error
from django.utils import timezone

from contact.outbox.health import service_state

logger = logging.getLogger(__name__)

AGAIN = timedelta(hours=4)  # while the trouble lasts


class NotConfiguredError(Exception):
    """ALARM_EMAIL_URL or ALARM_TO is not set."""


def troubles(now):
    """Return a sentence for each problem that keeps enquiries from people."""
    try:
        return service_state(now).troubles
    except Error as error:
        return (f"The database cannot be read ({type(error).__name__}).",)


def stored_state():
    """Return when this trouble began and when the last alarm was sent, or (None, None)."""
    with suppress(OSError, ValueError):
        since, sent_at = json.loads(path().read_text())
        return datetime.fromisoformat(since), datetime.fromisoformat(sent_at)
    return None, None


def path():
    return settings.VAR_DIR / "alarm.json"


def send(subject, body):
    """Send a mail by the second mail server.

    Raises:
        NotConfiguredError: there is none.
        Exception: it did not take the mail.
    """
    if not settings.ALARM_EMAIL or not settings.ALARM_TO:
        raise NotConfiguredError("Set ALARM_EMAIL_URL and ALARM_TO; see .env.example.")
    server = settings.ALARM_EMAIL
    connection = get_connection(
        server["EMAIL_BACKEND"],
        host=server["EMAIL_HOST"],
        port=server["EMAIL_PORT"],
        username=server["EMAIL_HOST_USER"],
        password=server["EMAIL_HOST_PASSWORD"],
        use_tls=server.get("EMAIL_USE_TLS", False),
        use_ssl=server.get("EMAIL_USE_SSL", False),
    )
    EmailMessage(
        subject, body, settings.ALARM_FROM, settings.ALARM_TO, connection=connection
    ).send()


def watch(now):
    """Mail people when trouble begins, every four hours while it lasts, and once when it is over.

    Args:
        now: aware.

    Returns:
        The present troubles.

    Raises:
        NotConfiguredError: there is trouble, and no second mail server.
        Exception: the second mail server did not take the mail; the next call tries again.
    """
    found = troubles(now)
    since, sent_at = stored_state()
    if found and (sent_at is None or now - sent_at >= AGAIN):
        send("Website: enquiries are not reaching you", describe_troubles(found, since or now))
        path().write_text(json.dumps([(since or now).isoformat(), now.isoformat()]))
    elif since and not found:
        lasted = f"The problem that began on {timezone.localtime(since):%B %-d, %H:%M} is over."
        send(
            "Website: enquiries are reaching you again", f"{lasted}\n\n{settings.SITE_URL}/admin/\n"
        )
        path().unlink()
    return found


def describe_troubles(found, since):
    """Return the text of the alarm: what is wrong, and what to do. It names no patient."""
    listed = "\n".join(f"- {trouble}" for trouble in found)
    return (
        f"Since {timezone.localtime(since):%B %-d, %H:%M}:\n\n{listed}\n\n"
        "Nothing is lost. Every enquiry is stored, and its email goes out by itself once the "
        "problem is solved. Until then, please read the enquiries here:\n"
        f"{settings.SITE_URL}/admin/contact/enquiry/\n\n"
        "We send this mail again every four hours, and once when the problem is over.\n"
    )
