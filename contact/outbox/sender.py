"""The outbox: sends every delivery until the mail server accepts it; there is no last attempt.

It claims a delivery by a conditional UPDATE with a lease, sends it outside any transaction, and
stores the result. A failure before the command MAIL is the server's: all deliveries wait, and one
of them tries again. From MAIL on it is that message's, and the sender continues with the others.
"""

import logging
import math
import random
import smtplib
import time
from contextlib import suppress
from datetime import timedelta

from django.core import mail
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    transaction,
)
from django.db.models import F, Q
from django.utils import timezone

from clinic_site.web.forms import CONTROLS
from contact.models import Clinic, Delivery, Enquiry, Recipient, SenderHeartbeat
from contact.outbox.messages import message_of

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=180)  # longer than any send takes; it ends if the sender is killed
RETRY_SECONDS = 1  # between two attempts to mark a delivery as accepted
SILENCE = (smtplib.SMTPServerDisconnected, TimeoutError)


class ServerDownError(Exception):
    """The mail server accepts no message now: no connection, no TLS, no login or no greeting."""


def wait_after(attempts):
    """Return the back-off after so many attempts: 30 s doubled each time, ±25 %, at most 1 h."""
    seconds = min(30 * 2 ** min(attempts - 1, 10), 3600 / 1.25)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))


def due(now):
    """Return the deliveries to send now: their wait is over, or their sender died."""
    states = [Delivery.State.WAITING, Delivery.State.REFUSED]
    waiting = Q(state__in=states, next_attempt_at__lte=now)
    orphaned = Q(state=Delivery.State.SENDING, leased_until__lte=now)
    return Delivery.objects.filter(waiting | orphaned).order_by("next_attempt_at", "pk")


def claim(now):
    """Lease a due delivery, so that no other sender sends it too, and return it, or None.

    Its `state` is the previous one.
    """
    lease = {"state": Delivery.State.SENDING, "leased_until": now + LEASE}
    while delivery := due(now).first():
        same = due(now).filter(pk=delivery.pk).order_by()
        if same.update(attempts=F("attempts") + 1, **lease):
            delivery.refresh_from_db(fields=["attempts", "leased_until", "message_id"])
            return delivery
    return None


def settle(delivery, **values):
    """Store the result of an attempt, unless the lease has passed to another sender."""
    lease = {"state": Delivery.State.SENDING, "leased_until": delivery.leased_until}
    Delivery.objects.filter(pk=delivery.pk, **lease).update(leased_until=None, **values)


def send(delivery, connection):
    """Hand one message to the mail server.

    Raises:
        ServerDownError: the server accepts no message now.
        Exception: something is wrong with this message.
    """
    message = message_of(delivery, connection)
    message.message()  # fails before the server is involved when the text is wrong
    try:
        connection.open()
    except Exception as error:
        raise ServerDownError(describe_error(error)) from error
    try:
        sent = message.send()
    except OSError as error:  # smtplib's are OSErrors too
        if not getattr(connection, "mail_started", True):
            raise ServerDownError(describe_error(error)) from error
        raise
    if not sent:
        raise ValueError("there is no address to send it to")


def describe_error(error):
    """Return a mail error as one line for staff, without anything that a patient typed."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    elif isinstance(error, DatabaseError):
        code, words = type(error).__name__, ""  # its own words may hold what was typed
    else:
        code, words = f"{type(error).__name__}:", str(error)
    words = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return CONTROLS.sub(" ", f"{code} {words}").strip()[:300]


def is_permanent(error):
    """Say whether the server refused this message for good (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def postpone_all(delivery, now, error):
    """Let every delivery wait for the server; this one is tried again after the back-off.

    The back-off grows with the server's failures in a row. A refused delivery keeps its state and
    error, because a person must still look at it.
    """
    waits, refused = Delivery.State.WAITING, Delivery.State.REFUSED
    with transaction.atomic():
        # The heartbeat first, so that two senders write one after the other.
        until = now + wait_after(SenderHeartbeat.objects.server_failed())
        is_refused = delivery.state == refused
        result = {"state": refused} if is_refused else {"state": waits, "last_error": str(error)}
        settle(delivery, **result, next_attempt_at=until, waits_for_server=True)
        others = Delivery.objects.filter(next_attempt_at__lt=until)
        later = {"next_attempt_at": until + timedelta(seconds=1), "waits_for_server": True}
        others.filter(state=waits).update(last_error=str(error), **later)
        others.filter(state=refused).update(**later)


def postpone(delivery, now, error):
    """Store the error of a message and its next attempt; a refused message waits for six hours."""
    logger.warning("delivery %s: %s", delivery.pk, type(error).__name__)
    if is_permanent(error):
        state, wait = Delivery.State.REFUSED, timedelta(hours=6)
    else:
        state, wait = Delivery.State.WAITING, wait_after(delivery.attempts)
    result = {"next_attempt_at": now + wait, "last_error": describe_error(error)}
    settle(delivery, state=state, waits_for_server=False, **result)


def accept(delivery, now):
    """Mark a delivery as accepted, and release those that waited for the server."""
    result = {"accepted_at": now, "waits_for_server": False, "last_error": ""}
    settle(delivery, state=Delivery.State.ACCEPTED, **result)
    with transaction.atomic():
        if SenderHeartbeat.objects.server_answered():
            waiting = Delivery.objects.filter(waits_for_server=True)
            waiting = waiting.exclude(state=Delivery.State.SENDING)
            waiting.update(waits_for_server=False, next_attempt_at=now)


def reconcile():
    """Create the missing enquiry emails: one for each of the clinic's addresses."""
    clinic = Clinic.objects.current()
    for enquiry in Enquiry.objects.without_notification().select_related("practitioner"):
        addresses = clinic.notification_addresses(enquiry.practitioner)
        Delivery.objects.create_missing(enquiry, addresses)


def escalate(now):
    """Remind the clinic once of each enquiry whose promised answer is late."""
    addresses = Clinic.objects.current().addresses(Recipient.Kind.OVERDUE)
    for enquiry in Enquiry.objects.to_escalate(now) if addresses else ():
        Delivery.objects.create_missing(enquiry, addresses, Delivery.Kind.OVERDUE)


def attempt(delivery, should_stop):
    """Send one delivery outside any transaction, store the result, and return the error or None."""
    connection = mail.get_connection()
    try:
        send(delivery, connection)
    except ServerDownError as error:
        logger.warning("mail server: %s", error)
        postpone_all(delivery, timezone.now(), error)
        return error
    except Exception as error:  # one bad message never stops the others
        postpone(delivery, timezone.now(), error)
        return error
    else:
        # Before the connection closes, which can take long: a kill until here sends it twice.
        mark_accepted(delivery, should_stop)
        return None
    finally:
        with suppress(Exception):
            connection.close()


def mark_accepted(delivery, should_stop):
    """Mark a delivery as accepted, and retry while the database is down or locked.

    Without the mark it would be sent twice.
    """
    while True:
        try:
            return accept(delivery, timezone.now())
        except (InterfaceError, OperationalError) as error:
            if should_stop():
                raise
            logger.warning("database: %s, delivery %s", type(error).__name__, delivery.pk)
            close_old_connections()
            time.sleep(RETRY_SECONDS)


def deliver_due(should_stop=lambda: False, seconds=math.inf):
    """Send what is due, one delivery after another, and return how many were accepted.

    Args:
        should_stop: called between deliveries; true ends the pass.
        seconds: how long a pass may take before the sender does its other jobs.
    """
    accepted = silences = 0
    ends_at = time.monotonic() + seconds
    while not should_stop() and time.monotonic() < ends_at and (delivery := claim(timezone.now())):
        error = attempt(delivery, should_stop)
        if isinstance(error, ServerDownError):
            break
        silences = silences + 1 if isinstance(error, SILENCE) else 0
        if silences == 2:  # most likely the server is down after all
            break
        accepted += error is None
    return accepted
