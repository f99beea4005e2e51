"""The alarm: a mail by a second way out when enquiries stop reaching people."""

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


class NoSecondWayError(Exception):
    """There is no second mail server, or nobody to tell."""


def troubles(now):
    """Return a sentence for each thing that keeps enquiries from people; a dead database is one."""
    try:
        return service_state(now).troubles
    except Error as error:
        return (f"The database cannot be read ({type(error).__name__}).",)


def kept():
    """Return when this trouble began and when it was last told, as kept, or (None, None)."""
    # In a file: the alarm must work when the database does not.
    with suppress(OSError, ValueError):
        since, told_at = json.loads(path().read_text())
        return datetime.fromisoformat(since), datetime.fromisoformat(told_at)
    return None, None


def path():
    return settings.VAR_DIR / "alarm.json"


def send(subject, body):
    """Send a mail by the second way.

    Raises:
        NoSecondWayError: it is not set.
        Exception: the second mail server's.
    """
    if not settings.ALARM_EMAIL or not settings.ALARM_TO:
        raise NoSecondWayError("Set ALARM_EMAIL_URL and ALARM_TO; see .env.example.")
    way = settings.ALARM_EMAIL
    connection = get_connection(
        way["EMAIL_BACKEND"],
        host=way["EMAIL_HOST"],
        port=way["EMAIL_PORT"],
        username=way["EMAIL_HOST_USER"],
        password=way["EMAIL_HOST_PASSWORD"],
        use_tls=way.get("EMAIL_USE_TLS", False),
        use_ssl=way.get("EMAIL_USE_SSL", False),
    )
    EmailMessage(
        subject, body, settings.ALARM_FROM, settings.ALARM_TO, connection=connection
    ).send()


def watch(now):
    """Tell people once when trouble begins, every four hours while it lasts, and when it is over.

    Args:
        now: aware.

    Returns:
        The troubles there are now.

    Raises:
        NoSecondWayError: there is something to tell and no second way.
        Exception: the second mail server's; the next call tells it again.
    """
    found = troubles(now)
    since, told_at = kept()
    if found and (told_at is None or now - told_at >= AGAIN):
        send("Website: enquiries do not get through", words_of(found, since or now))
        path().write_text(json.dumps([(since or now).isoformat(), now.isoformat()]))
    elif since and not found:
        lasted = f"The trouble of {timezone.localtime(since):%B %-d, %H:%M} is over."
        send("Website: enquiries get through again", f"{lasted}\n\n{settings.SITE_URL}/admin/\n")
        path().unlink()
    return found


def words_of(found, since):
    """Return the body of the alarm: what is wrong since when, and what to do; nothing personal."""
    listed = "\n".join(f"- {trouble}" for trouble in found)
    return (
        f"Since {timezone.localtime(since):%B %-d, %H:%M}:\n\n{listed}\n\n"
        "Nothing is lost: every enquiry is stored, and notices leave by themselves once the cause "
        "is gone. Until then people at the clinic read the enquiries here:\n"
        f"{settings.SITE_URL}/admin/contact/enquiry/\n\n"
        "This comes again every four hours, and once when it is over.\n"
    )
