"""The actions on an enquiry: each is one transaction and records one event.

An event keeps the person's name when the account is deleted. Opening an enquiry is recorded too,
because the law asks who has seen health information; listing is not."""

from datetime import timedelta
from functools import wraps

from django.db import transaction
from django.utils import timezone

from clinic_site.history.version import person_name
from contact.models import Clinic, Delivery, Enquiry, EnquiryEvent, SpamWord

Kind = EnquiryEvent.Kind
State = Enquiry.State

# Only the patient cancels.
CLOSING_REASONS = [choice for choice in Enquiry.ClosedBecause.choices if choice[0] != "cancelled"]


class RefusedError(Exception):
    """The action is not possible now; the message tells staff why."""


def colleague(user):
    return person_name(user) if user else "a former colleague"


def record_access(enquiry, by):
    """Record who opened an enquiry's page, once an hour for each person.

    This is the only write of a GET: Ontario's health privacy law (PHIPA) asks for a log of who
    looked at health information, so it is stored before the page is shown. It is a single INSERT
    outside any transaction, so that a patient's enquiry never waits for it.
    """
    since = timezone.now() - timedelta(hours=1)
    if not enquiry.events.filter(kind=Kind.OPENED, by=by, at__gt=since).exists():
        EnquiryEvent.of(enquiry.pk, Kind.OPENED, by).save(force_insert=True)


def action(change):
    """Turn a function into an action, which returns the changed Enquiry.

    The function changes the Enquiry and returns the kind and detail of the event, or raises
    RefusedError. It gets the Enquiry as it is now, under a lock, and not as the page showed it.
    """

    @wraps(change)
    def run(enquiry, by=None, *args, **options):
        with transaction.atomic():
            enquiry = Enquiry.objects.select_for_update().filter(pk=enquiry.pk).first()
            if enquiry is None or enquiry.erased_at:
                raise RefusedError("This enquiry was erased. There is nothing left to do.")
            kind, detail = change(enquiry, by, *args, **options)
            if by:
                enquiry.seen_at = enquiry.seen_at or timezone.now()
                enquiry.state = State.SEEN if enquiry.state == State.NEW else enquiry.state
            enquiry.save()
            EnquiryEvent.of(enquiry.pk, kind, by, detail).save()
        return enquiry

    return run


def refuse_if_closed(enquiry):
    if enquiry.state == State.CLOSED:
        raise RefusedError("This enquiry is closed. Reopen it first.")


@action
def mark_seen(enquiry, by):
    if enquiry.events.filter(kind=Kind.SEEN, by=by).exists():
        raise RefusedError("You have already marked this as seen.")
    return Kind.SEEN, ""


@action
def assign(enquiry, by, shown_assignee=None):
    """Assign it to the user, unless somebody else than `shown_assignee` (a key) has it now."""
    refuse_if_closed(enquiry)
    if enquiry.assigned_to_id == by.pk:
        raise RefusedError("This is already assigned to you.")
    if enquiry.assigned_to_id != shown_assignee:
        raise RefusedError(f"This was just assigned to {colleague(enquiry.assigned_to)}.")
    enquiry.assigned_to = by
    return Kind.ASSIGNED, ""


@action
def add_note(enquiry, by, text):
    return Kind.NOTED, text


@action
def mark_answered(enquiry, by):
    refuse_if_closed(enquiry)
    if enquiry.state == State.ANSWERED:
        raise RefusedError("This is already marked as answered.")
    enquiry.state, enquiry.answered_at = State.ANSWERED, timezone.now()
    return Kind.ANSWERED, ""


@action
def close(enquiry, by, because):
    """Close it; `because` is one of CLOSING_REASONS, and "spam" teaches the spam model."""
    if enquiry.state == State.CLOSED:
        reason = enquiry.get_closed_because_display().lower()
        raise RefusedError(f"This is already closed: {reason}.")
    enquiry.state, enquiry.closed_at = State.CLOSED, timezone.now()
    enquiry.closed_because = because
    if because == Enquiry.ClosedBecause.SPAM:
        SpamWord.objects.learn(enquiry.typed_text, is_spam=True)
    return Kind.CLOSED, enquiry.get_closed_because_display()


@action
def cancel(enquiry, by=None):
    """Close it for the patient, and notify the clinic again, except where staff stopped that."""
    if not enquiry.is_open:
        raise RefusedError("This was already answered or closed.")
    now = timezone.now()
    enquiry.state, enquiry.closed_at = State.CLOSED, now
    enquiry.closed_because = Enquiry.ClosedBecause.CANCELLED
    notifications = enquiry.deliveries.filter(kind=Delivery.Kind.NOTIFICATION).except_stopped()
    for delivery in notifications.select_for_update():  # the sender may mark one now
        delivery.send_again(now)
    return Kind.CANCELLED, ""


@action
def reopen(enquiry, by):
    if enquiry.state != State.CLOSED:
        raise RefusedError("This is already open.")
    if enquiry.closed_because == Enquiry.ClosedBecause.SPAM:
        SpamWord.objects.learn(enquiry.typed_text, is_spam=False)
    enquiry.state = State.ANSWERED if enquiry.answered_at else State.SEEN
    enquiry.closed_at, enquiry.closed_because = None, ""
    return Kind.REOPENED, ""


@action
def hold(enquiry, by):
    """Keep it longer: the purge skips it."""
    if enquiry.is_held:
        raise RefusedError("This is already being kept longer.")
    enquiry.is_held = True
    return Kind.HELD, ""


@action
def release(enquiry, by):
    if not enquiry.is_held:
        raise RefusedError("This is not being kept longer.")
    enquiry.is_held = False
    return Kind.RELEASED, ""


@action
def resend(enquiry, by, address):
    """Send the enquiry email to an address now: again, earlier than planned, or the first time."""
    if enquiry.is_quarantined:
        raise RefusedError("This is in Spam. Press “Not spam” first, and its emails are sent.")
    notifications = enquiry.deliveries.select_for_update().filter(kind=Delivery.Kind.NOTIFICATION)
    delivery = notifications.filter(address__iexact=address).first()
    recipients = Clinic.objects.current().notification_addresses(enquiry.practitioner)
    is_by_hand = address.lower() not in map(str.lower, recipients)
    if delivery is None:
        enquiry.deliveries.create(address=address, is_by_hand=is_by_hand)
    elif delivery.state == Delivery.State.SENDING:
        raise RefusedError("An email to this address is being sent right now.")
    else:
        delivery.waits_for_server, delivery.is_by_hand = False, is_by_hand
        delivery.send_again(timezone.now())
    return Kind.RESENT, address


@action
def stop_sending(enquiry, by, address):
    """Send no more emails about it to an address, for example because that mailbox is gone."""
    deliveries = enquiry.deliveries.select_for_update().filter(address__iexact=address)
    deliveries = deliveries.to_staff().open()
    if deliveries.filter(state=Delivery.State.SENDING).exists():
        raise RefusedError("An email to this address is being sent right now.")
    if not deliveries.update(state=Delivery.State.STOPPED, waits_for_server=False):
        raise RefusedError("No email is waiting to be sent to this address.")
    return Kind.STOPPED, address


@action
def mark_not_spam(enquiry, by):
    """Move it from quarantine to the inbox, create its emails, and teach the spam model."""
    if not enquiry.is_quarantined:
        raise RefusedError("This is not in Spam.")
    refuse_if_closed(enquiry)
    enquiry.is_quarantined = False
    SpamWord.objects.learn(enquiry.typed_text, is_spam=False)
    addresses = Clinic.objects.current().notification_addresses(enquiry.practitioner)
    Delivery.objects.create_missing(enquiry, addresses)
    return Kind.NOT_SPAM, ""


@action
def erase(enquiry, by, is_confirmed=False):
    """Empty everything personal; the user must confirm that a waiting email is never sent."""
    if enquiry.is_held:
        raise RefusedError("This is being kept longer. Stop that first, then erase it.")
    unsent = enquiry.deliveries.open().select_for_update()
    states = {delivery.state for delivery in unsent}
    if Delivery.State.SENDING in states:
        raise RefusedError("An email about this is being sent. Try again in a few minutes.")
    if states and not is_confirmed:
        raise RefusedError("An email about this is still waiting. Confirm that it won’t be sent.")
    unsent.delete()
    enquiry.deliveries.update(last_error="")
    Enquiry.objects.filter(pk=enquiry.pk).erase(timezone.now())
    enquiry.refresh_from_db()
    return Kind.ERASED, ""
