"""The outbox: sends every delivery until the mail server takes it; there is no last attempt."""

import logging
import math
import random
import smtplib
import time
from contextlib import contextmanager, suppress
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

LEASE = timedelta(seconds=180)  # longer than any send may take, so a killed sender's row is freed
FIRST_WAIT = 30  # seconds; doubled at each attempt
LONGEST_WAIT = 3600  # seconds, with the jitter in it
JITTER = 0.25
REFUSED_WAIT = timedelta(hours=6)
RETRY_SECONDS = 1  # between two tries to mark what the server took
SILENCE = (smtplib.SMTPServerDisconnected, TimeoutError)


class ServerIllError(Exception):
    """The mail server cannot take any message now: no connection, no TLS, no login, no greeting."""


def wait_after(attempts):
    """Return the back-off after so many attempts: 30 s doubled each time, ±25 %, at most 1 h."""
    seconds = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT / (1 + JITTER))
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))


def due(now):
    """Return deliveries to try now: those whose wait is over, and those of a sender that died."""
    waiting = Q(
        state__in=[Delivery.State.WAITING, Delivery.State.REFUSED], next_attempt_at__lte=now
    )
    orphaned = Q(state=Delivery.State.SENDING, leased_until__lte=now)
    return Delivery.objects.filter(waiting | orphaned).order_by("next_attempt_at", "pk")


def claim(now):
    """Take one due delivery by a conditional UPDATE, so that two senders never share a row.

    Returns:
        The Delivery, its `state` as it was before, or None when nothing is due.
    """
    while delivery := due(now).first():
        claimed = (
            due(now)
            .filter(pk=delivery.pk)
            .order_by()
            .update(
                state=Delivery.State.SENDING, leased_until=now + LEASE, attempts=F("attempts") + 1
            )
        )
        if claimed:
            delivery.refresh_from_db(fields=["attempts", "leased_until", "message_id"])
            return delivery
    return None


def settle(delivery, **values):
    """Write what became of an attempt, unless its lease passed to another sender meanwhile."""
    Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.SENDING, leased_until=delivery.leased_until
    ).update(leased_until=None, **values)


@contextmanager
def conversation():
    """Give a connection of its own, not opened yet; what goes wrong at its end changes nothing."""
    connection = mail.get_connection()
    try:
        yield connection
    finally:
        with suppress(Exception):
            connection.close()


def send(delivery, connection):
    """Hand one message to the mail server.

    Raises:
        ServerIllError: the server was not ready for any message.
        Exception: whatever was wrong with this message alone.
    """
    message = message_of(delivery, connection)
    message.message()  # builds it first: what is wrong with the text is not the server's fault
    try:
        connection.open()
    except Exception as error:
        raise ServerIllError(in_words(error)) from error
    try:
        sent = message.send()
    except OSError as error:  # smtplib's are OSErrors too
        if not getattr(connection, "mail_started", True):
            raise ServerIllError(in_words(error)) from error
        raise
    if not sent:
        raise ValueError("there is no address to send it to")


def in_words(error):
    """Return a mail error as one line for staff: the server's words, no patient's."""
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


def is_refusal(error):
    """Say whether the server said a final no (5xx) to this message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def hold_for_server(delivery, now, error):
    """Let every row wait for the server: the one that failed tries again after the back-off.

    The back-off counts the server's failures in a row, not the attempts of whichever row met them.
    A refused row keeps its state and the words it was refused with: a person is still needed.
    """
    waits, refused = Delivery.State.WAITING, Delivery.State.REFUSED
    with transaction.atomic():
        # First, so that two senders write one after the other.
        until = now + wait_after(SenderHeartbeat.objects.server_failed())
        words = {} if delivery.state == refused else {"state": waits, "last_error": str(error)}
        settle(
            delivery,
            **{"state": refused} | words,
            next_attempt_at=until,
            waits_for_server=True,
        )
        others = Delivery.objects.filter(next_attempt_at__lt=until)
        later = {"next_attempt_at": until + timedelta(seconds=1), "waits_for_server": True}
        others.filter(state=waits).update(last_error=str(error), **later)
        others.filter(state=refused).update(**later)


def hold_message(delivery, now, error):
    """Write down what was wrong with one message; a final no is tried every six hours."""
    logger.warning("delivery %s: %s", delivery.pk, type(error).__name__)
    if is_refusal(error):
        state, wait = Delivery.State.REFUSED, REFUSED_WAIT
    else:
        state, wait = Delivery.State.WAITING, wait_after(delivery.attempts)
    settle(
        delivery,
        state=state,
        next_attempt_at=now + wait,
        waits_for_server=False,
        last_error=in_words(error),
    )


def accept(delivery, now):
    """The server took it: mark the row, and let whatever waited for the server go."""
    settle(
        delivery,
        state=Delivery.State.ACCEPTED,
        accepted_at=now,
        waits_for_server=False,
        last_error="",
    )
    with transaction.atomic():
        if SenderHeartbeat.objects.server_answered():
            Delivery.objects.filter(waits_for_server=True).exclude(
                state=Delivery.State.SENDING
            ).update(waits_for_server=False, next_attempt_at=now)


def reconcile():
    """Give each enquiry without a notice one for every address there is now."""
    clinic = Clinic.objects.current()
    for enquiry in Enquiry.objects.without_notification().select_related("practitioner"):
        Delivery.objects.bulk_create(
            [
                Delivery(enquiry=enquiry, address=address)
                for address in clinic.notice_addresses(enquiry.practitioner)
            ],
            ignore_conflicts=True,  # another sender may do the same now
        )


def escalate(now):
    """Remind the clinic once of each enquiry whose promised answer is late."""
    addresses = Clinic.objects.current().addresses(Recipient.Kind.OVERDUE)
    for enquiry in Enquiry.objects.to_escalate(now) if addresses else ():
        Delivery.objects.bulk_create(
            [
                Delivery(enquiry=enquiry, address=address, kind=Delivery.Kind.OVERDUE)
                for address in addresses
            ],
            ignore_conflicts=True,
        )


def attempt(delivery, should_stop):
    """Try one delivery, outside any transaction, and write down what became of it.

    Returns:
        What went wrong, or None when the mail server took it.
    """
    with conversation() as connection:
        try:
            send(delivery, connection)
        except ServerIllError as error:
            logger.warning("mail server: %s", error)
            hold_for_server(delivery, timezone.now(), error)
            return error
        except Exception as error:  # one bad row never stops the others
            hold_message(delivery, timezone.now(), error)
            return error
        # Before the goodbye, which a server may draw out: a kill until here sends it twice.
        mark_accepted(delivery, should_stop)
    return None


def mark_accepted(delivery, should_stop):
    """Accept what the server took, as often as it needs while the database is away or locked.

    Without the mark it would go out twice.
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
    """Send what is due, one row after another.

    Args:
        should_stop: asked between rows; true ends the pass.
        seconds: how long a pass may go on before the sender looks at its other work.

    Returns:
        How many the mail server accepted.
    """
    accepted = silences = 0
    ends_at = time.monotonic() + seconds
    while not should_stop() and time.monotonic() < ends_at and (delivery := claim(timezone.now())):
        error = attempt(delivery, should_stop)
        if isinstance(error, ServerIllError):
            break
        silences = silences + 1 if isinstance(error, SILENCE) else 0
        if silences == 2:  # most likely the server after all
            break
        accepted += error is None
    return accepted
