"""The alarm: mail by a second mail server when enquiries stop reaching the clinic.

Its state is in the times of an empty file, so that it works when the first mail server or the
database does not, and on a full disk; memory has it too, for a disk that takes no file at all.
"""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import Error
from django.template.loader import render_to_string

from contact.outbox.health import service_state

AGAIN = timedelta(hours=4)  # while the trouble lasts
unstored = []  # the state that the disk did not take


class NotConfiguredError(Exception):
    """ALARM_EMAIL_URL or ALARM_TO is not set."""


def troubles(now):
    """Return a sentence for each problem that keeps enquiries from people."""
    try:
        return service_state(now).troubles
    except Error as error:
        return (f"The database cannot be read ({type(error).__name__}).",)


def path():
    return settings.VAR_DIR / "alarm.stamp"


def stored_state():
    """Return when this trouble began and when the last alarm was sent, or (None, None)."""
    if unstored:
        return unstored[0]
    try:
        times = path().stat()
    except OSError:
        return None, None
    moments = (times.st_atime, times.st_mtime)
    return tuple(datetime.fromtimestamp(moment, UTC) for moment in moments)


def store_state(since=None, sent_at=None):
    """Keep when this trouble began and when the last alarm was sent; without them it is over."""
    unstored[:] = [(since, sent_at)]
    with suppress(OSError):
        if since:
            path().touch()
            os.utime(path(), (since.timestamp(), sent_at.timestamp()))
        else:
            path().unlink(missing_ok=True)
        unstored.clear()


def send(subject, found, since):
    """Send a mail about the troubles found, which names no patient, by the second mail server."""
    server = settings.ALARM_EMAIL
    if not server or not settings.ALARM_TO:
        raise NotConfiguredError("Set ALARM_EMAIL_URL and ALARM_TO; see .env.example.")
    connection = get_connection(
        server["EMAIL_BACKEND"],
        host=server["EMAIL_HOST"],
        port=server["EMAIL_PORT"],
        username=server["EMAIL_HOST_USER"],
        password=server["EMAIL_HOST_PASSWORD"],
        use_tls=server.get("EMAIL_USE_TLS", False),
        use_ssl=server.get("EMAIL_USE_SSL", False),
    )
    context = {"troubles": found, "since": since, "site_url": settings.SITE_URL}
    body = render_to_string("email/alarm.txt", context)
    mail = EmailMessage(subject, body, settings.ALARM_FROM, settings.ALARM_TO)
    connection.send_messages([mail])


def watch(now):
    """Mail people when trouble begins, every four hours while it lasts, and once when it is over.

    Returns the present troubles. When the second mail server fails or none is set, it raises that
    error, and the next call tries again.
    """
    found = troubles(now)
    since, sent_at = stored_state()
    if found and (sent_at is None or abs(now - sent_at) >= AGAIN):
        since = since or now
        send("Website: enquiries are not reaching you", found, since)
        store_state(since, now)
    elif since and not found:
        send("Website: enquiries are reaching you again", found, since)
        store_state()
    return found
