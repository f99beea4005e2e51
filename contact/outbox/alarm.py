"""The alarm: mail by a second mail server when enquiries stop reaching the clinic.

Its state is in a file, so that it works when the first mail server or the database does not.
"""

import json
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import Error
from django.template.loader import render_to_string

from contact.outbox.health import service_state

AGAIN = timedelta(hours=4)  # while the trouble lasts


class NotConfiguredError(Exception):
    """ALARM_EMAIL_URL or ALARM_TO is not set."""


def troubles(now):
    """Return a sentence for each problem that keeps enquiries from people."""
    try:
        return service_state(now).troubles
    except Error as error:
        return (f"The database cannot be read ({type(error).__name__}).",)


def path():
    return settings.VAR_DIR / "alarm.json"


def stored_state():
    """Return when this trouble began and when the last alarm was sent, or (None, None)."""
    with suppress(OSError, ValueError):
        since, sent_at = json.loads(path().read_text())
        return datetime.fromisoformat(since), datetime.fromisoformat(sent_at)
    return None, None


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
    if found and (sent_at is None or now - sent_at >= AGAIN):
        since = since or now
        send("Website: enquiries are not reaching you", found, since)
        path().write_text(json.dumps([since.isoformat(), now.isoformat()]))
    elif since and not found:
        send("Website: enquiries are reaching you again", found, since)
        path().unlink()
    return found
