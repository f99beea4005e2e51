"""The outbox: sends every delivery until the mail server accepts it; there is no last attempt.

It claims a delivery by a conditional UPDATE with a lease, sends it outside any transaction, and
stores the result. A failure before the command MAIL, a 421, or the third temporary refusal in a row
is the server's: all deliveries wait, and one of them tries again. Any other failure is that
message's, and the sender continues with the others. The latest email goes first, so that a new
enquiry never waits for a backlog.
"""

import logging
import math
import random
import re
import smtplib
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    transaction,
)
from django.db.models import Q
from django.utils import timezone

from clinic_site.web.forms import CONTROLS
from clinic_site.web.mail import prepare
from contact.models import Clinic, Delivery, Enquiry, Recipient, SenderHeartbeat
from contact.outbox.messages import message_of

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=170)  # longer than any send takes; it ends if the sender is killed
LONGEST_LEASE = timedelta(seconds=180)  # more than LEASE: another sender's clock may be just ahead
LONGEST_WAIT = timedelta(hours=6)  # after the server has refused a message for good
REST = timedelta(seconds=20)  # between two attempts while the server is down, even of new emails
MOST_POSTPONED = 3  # temporary refusals in a row; then the server has a problem, not the message
MOST_FOLLOWED = 500  # deliveries at a time; the sender looks at each before it sends it
BATCH, BATCH_SECONDS = 20, 2  # deliveries read at once, and for how long
RETRY_SECONDS = 1  # between two attempts to mark a delivery as accepted
ADDRESS = re.compile(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")
SILENCE = (smtplib.SMTPServerDisconnected, TimeoutError)


class AddressRemovedError(Exception):
    """Staff have removed the address under Clinic, so there is nothing to send."""


class ServerDownError(Exception):
    """The mail server accepts no message now: no connection, no TLS, no login, or too busy."""


def wait_after(attempts):
    """Return the back-off after so many attempts: 30 s doubled each time, ±25 %, at most 1 h."""
    seconds = min(30 * 2 ** min(attempts - 1, 10), 3600 / 1.25)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))


def due(now):
    """Return the deliveries to send now: they are new, their wait is over, or their sender died.

    A wait or lease longer than any of ours comes from a clock that was ahead, so it is over too.
    """
    is_new = Q(attempts=0, waits_for_server=False)
    has_waited = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_WAIT)
    waiting = Q(state__in=[Delivery.State.WAITING, Delivery.State.REFUSED]) & (is_new | has_waited)
    is_orphaned = Q(leased_until__lte=now) | Q(leased_until__gt=now + LONGEST_LEASE)
    orphaned = Q(state=Delivery.State.SENDING) & is_orphaned
    return Delivery.objects.filter(waiting | orphaned).order_by("-next_attempt_at", "-pk")


def claim(delivery, now):
    """Lease a delivery as it was read, and return whether it was still free for this sender."""
    fields = ("pk", "state", "attempts", "next_attempt_at", "leased_until")
    same = Delivery.objects.filter(**{field: getattr(delivery, field) for field in fields})
    delivery.attempts, delivery.leased_until = delivery.attempts + 1, now + LEASE
    lease = {"attempts": delivery.attempts, "leased_until": delivery.leased_until}
    return bool(same.update(state=Delivery.State.SENDING, **lease))


def claimed():
    """Yield one due delivery after another, each leased; its `state` is the previous one.

    It looks for new ones every two seconds.
    """
    while batch := due(timezone.now())[:BATCH]:
        ends_at = time.monotonic() + BATCH_SECONDS
        for delivery in batch:
            if claim(delivery, timezone.now()):
                yield delivery
            if time.monotonic() >= ends_at:
                break


def settle(delivery, **values):
    """Store the result of an attempt, unless the lease has passed to another sender."""
    lease = {"state": Delivery.State.SENDING, "leased_until": delivery.leased_until}
    Delivery.objects.filter(pk=delivery.pk, **lease).update(leased_until=None, **values)


def send(delivery, connection):
    """Hand one message to the mail server.

    Raises:
        AddressRemovedError: it has been replaced by deliveries to the recipients of now.
        ServerDownError: the server accepts no message now.
        Exception: something is wrong with this message.
    """
    clinic = Clinic.objects.current()
    if follow_recipients(delivery, clinic):
        raise AddressRemovedError
    message = message_of(delivery, clinic, connection)
    prepare(message)
    message.message()  # fails before the server is involved when the text is wrong
    try:
        connection.open()
    except Exception as error:
        raise ServerDownError(describe_error(error)) from error
    try:
        sent = message.send()
    except OSError as error:  # smtplib's are OSErrors too
        if not getattr(connection, "mail_started", True) or reply_of(error)[0] == 421:
            raise ServerDownError(describe_error(error)) from error
        raise
    if not sent:
        raise ValueError("there is no address to send it to")


def reply_of(error):
    """Return the code and the words of the server's reply, or zero and nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, error.smtp_error
    return 0, b""


def describe_error(error):
    """Return a mail error as one line for staff, without anything that a patient typed."""
    code, words = reply_of(error)
    if isinstance(error, DatabaseError):
        code = type(error).__name__  # its own words may hold what was typed
    elif not code:
        code, words = f"{type(error).__name__}:", str(error)
    words = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    # Servers repeat the address, which may be the patient's, and this is logged.
    words = ADDRESS.sub("(address)", words)
    return CONTROLS.sub(" ", f"{code} {words}").strip()[:300]


def postpone_all(delivery, now, error, **like):
    """Let every delivery wait for the server; this one is tried again after the back-off.

    The back-off grows with the server's failures in a row. A refused delivery keeps its state and
    error, because a person must still look at it. `like` says which others wait; default: all.
    """
    waits, refused = Delivery.State.WAITING, Delivery.State.REFUSED
    with transaction.atomic():
        # The heartbeat first, so that two senders write one after the other.
        until = now + wait_after(SenderHeartbeat.objects.server_failed(now))
        is_refused = delivery.state == refused
        result = {"state": refused} if is_refused else {"state": waits, "last_error": str(error)}
        settle(delivery, **result, next_attempt_at=until, waits_for_server=True)
        others = Delivery.objects.filter(next_attempt_at__lt=until, **like)
        later = {"next_attempt_at": until + timedelta(seconds=1), "waits_for_server": True}
        others.filter(state=waits).update(last_error=str(error), **later)
        others.filter(state=refused).update(**later)


def postpone(delivery, now, error):
    """Store the error of a message and its next attempt; a refused message waits for six hours."""
    logger.warning("delivery %s: %s", delivery.pk, type(error).__name__)
    if reply_of(error)[0] >= 500:
        state, wait = Delivery.State.REFUSED, LONGEST_WAIT
    else:
        state, wait = Delivery.State.WAITING, wait_after(delivery.attempts)
    result = {"next_attempt_at": now + wait, "last_error": describe_error(error)}
    settle(delivery, state=state, waits_for_server=False, **result)


def accept(delivery, now):
    """Mark a delivery as accepted, and release those that waited for the server."""
    result = {"accepted_at": now, "waits_for_server": False, "last_error": ""}
    settle(delivery, state=Delivery.State.ACCEPTED, **result)
    if SenderHeartbeat.objects.failing().exists():
        with transaction.atomic():
            SenderHeartbeat.objects.server_answered()
            waiting = Delivery.objects.filter(waits_for_server=True)
            waiting = waiting.exclude(state=Delivery.State.SENDING)
            waiting.update(waits_for_server=False, next_attempt_at=now)


def follow_recipients(delivery, clinic):
    """Replace a delivery whose address staff have removed by those to the recipients of now.

    Returns:
        Whether its address was removed. One that was sent earlier stays as sent.
    """
    if delivery.is_by_hand or delivery.kind == Delivery.Kind.ACKNOWLEDGEMENT:
        return False
    if delivery.kind == Delivery.Kind.OVERDUE:
        recipients = clinic.addresses(Recipient.Kind.OVERDUE)
    else:
        recipients = clinic.notification_addresses(delivery.enquiry.practitioner)
    if delivery.address.lower() in map(str.lower, recipients):
        return False
    Delivery.objects.create_missing(delivery.enquiry, recipients, delivery.kind)
    # Open still: another sender may have sent it since it was read.
    same = Delivery.objects.open().filter(pk=delivery.pk, leased_until=delivery.leased_until)
    if delivery.accepted_at:
        same.update(state=Delivery.State.ACCEPTED, leased_until=None, waits_for_server=False)
    else:
        same.delete()
    return True


def reconcile():
    """Create the missing enquiry emails, and let the open ones follow the recipients of now."""
    clinic = Clinic.objects.current()
    addresses = clinic.notification_addresses()
    # Without their texts, of which a single unreadable one would stop all.
    enquiries = Enquiry.objects.to_notify(addresses).select_related("practitioner")
    for enquiry in enquiries.only("practitioner__enquiry_address"):
        recipients = clinic.notification_addresses(enquiry.practitioner)
        Delivery.objects.create_missing(enquiry, recipients)
    waiting = Delivery.objects.to_recipients().open().filter(leased_until=None)
    others = waiting.exclude(address__in=addresses).select_related("enquiry__practitioner")
    fields = ("address", "kind", "is_by_hand", "accepted_at", "leased_until")
    others = others.only(*fields, "enquiry__practitioner__enquiry_address")
    for delivery in others[:MOST_FOLLOWED]:
        follow_recipients(delivery, clinic)


def escalate(now):
    """Remind the clinic once of each enquiry whose promised answer is late."""
    addresses = Clinic.objects.current().addresses(Recipient.Kind.OVERDUE)
    for enquiry in Enquiry.objects.to_escalate(now).only("pk") if addresses else ():
        Delivery.objects.create_missing(enquiry, addresses, Delivery.Kind.OVERDUE)


def attempt(delivery, connection, should_stop):
    """Send one delivery outside any transaction, store the result, and return the error or None."""
    like = {}
    try:
        send(delivery, connection)
    except AddressRemovedError as error:
        return error
    except ServerDownError as error:
        problem = error
    except Exception as error:  # one bad message never stops the others
        now = timezone.now()
        is_temporary = 400 <= reply_of(error)[0] < 500
        if not is_temporary or SenderHeartbeat.objects.message_postponed(now) < MOST_POSTPONED:
            postpone(delivery, now, error)
            return error
        problem = ServerDownError(describe_error(error))
        if isinstance(error, smtplib.SMTPRecipientsRefused):  # perhaps that mailbox alone is full
            like = {"address": delivery.address}
    else:
        # A kill until here sends it twice.
        mark_accepted(delivery, should_stop)
        return None
    logger.warning("mail server: %s", problem)
    postpone_all(delivery, timezone.now(), problem, **like)
    return problem


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


def may_send(now):
    """Return how many emails may leave now: none while the server rests, else up to the limit."""
    heartbeat = SenderHeartbeat.objects.current()
    if heartbeat.server_failures and abs(now - heartbeat.failed_at) < REST:
        return 0
    if settings.EMAIL_PER_MINUTE <= 0:
        return math.inf
    sent = Delivery.objects.accepted_within(now, timedelta(minutes=1)).count()
    return settings.EMAIL_PER_MINUTE - sent


def deliver_due(should_stop=lambda: False, seconds=math.inf):
    """Send what is due, one delivery after another over one connection, and return how many.

    Args:
        should_stop: called between deliveries; true ends the pass.
        seconds: how long a pass may take before the sender does its other jobs.
    """
    accepted = silences = 0
    ends_at = time.monotonic() + seconds
    most, deliveries = may_send(timezone.now()), claimed()
    connection = mail.get_connection()
    try:
        while accepted < most and not should_stop() and time.monotonic() < ends_at:
            if not (delivery := next(deliveries, None)):
                break
            error = attempt(delivery, connection, should_stop)
            if isinstance(error, ServerDownError):
                break
            silences = silences + 1 if isinstance(error, SILENCE) else 0
            if silences == 2:  # most likely the server is down after all
                break
            accepted += error is None
    finally:
        with suppress(Exception):
            connection.close()
    return accepted
