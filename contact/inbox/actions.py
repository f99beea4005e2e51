"""What staff do with an enquiry: each action is one transaction and records one event."""

from datetime import timedelta
from functools import wraps

from django.db import transaction
from django.utils import timezone

from clinic_site.history.version import person_name
from contact.models import Clinic, Delivery, Enquiry, EnquiryEvent

Kind = EnquiryEvent.Kind
State = Enquiry.State

ACCESS_RECORDED_EVERY = timedelta(hours=1)
# Only the patient cancels.
CLOSING_REASONS = [
    choice
    for choice in Enquiry.ClosedBecause.choices
    if choice[0] != Enquiry.ClosedBecause.CANCELLED
]


class RefusedError(Exception):
    """An action that is not possible now; the message tells staff why."""


def colleague(user):
    """Return a colleague's name; their account may have been deleted."""
    return person_name(user) if user else "a former colleague"


def record_access(enquiry, by):
    """Record who opened an enquiry's page, once an hour for each person.

    This is the only write that a GET makes. Ontario's health privacy law (PHIPA) asks for a log of
    who looked at health information, so the page is shown only after the record is stored. It is a
    single INSERT outside any transaction, so that a patient's enquiry never waits for it.
    """
    since = timezone.now() - ACCESS_RECORDED_EVERY
    if not enquiry.events.filter(kind=Kind.OPENED, by=by, at__gt=since).exists():
        EnquiryEvent.of(enquiry.pk, Kind.OPENED, by).save(force_insert=True)


def action(change):
    """Make an action of a function that changes an enquiry and returns its event's kind and detail.

    The enquiry is read again under a lock, so that a page opened earlier decides nothing. Whoever
    does anything with an enquiry has seen it.

    The action takes the Enquiry, the user, and the arguments of `change`. It returns the changed
    Enquiry, and raises RefusedError where `change` does or the content was erased.
    """

    @wraps(change)
    def run(enquiry, by, *args, **options):
        with transaction.atomic():
            enquiry = Enquiry.objects.select_for_update().filter(pk=enquiry.pk).first()
            if enquiry is None or enquiry.erased_at:
                raise RefusedError("This enquiry was erased. There is nothing left to do.")
            kind, detail = change(enquiry, by, *args, **options)
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
    """Record that a person has looked at it; each person can do so once."""
    if enquiry.events.filter(kind=Kind.SEEN, by=by).exists():
        raise RefusedError("You have already marked this as seen.")
    return Kind.SEEN, ""


@action
def assign(enquiry, by, shown_assignee=None):
    """Assign it to the person who acts.

    Args:
        shown_assignee: the primary key of the assignee on the page the person acted on, or None.
    """
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
    """Close it; `because` is one of CLOSING_REASONS."""
    if enquiry.state == State.CLOSED:
        reason = enquiry.get_closed_because_display().lower()
        raise RefusedError(f"This is already closed: {reason}.")
    enquiry.state, enquiry.closed_at = State.CLOSED, timezone.now()
    enquiry.closed_because = because
    return Kind.CLOSED, enquiry.get_closed_because_display()


@action
def reopen(enquiry, by):
    if enquiry.state != State.CLOSED:
        raise RefusedError("This is already open.")
    enquiry.state = State.ANSWERED if enquiry.answered_at else State.SEEN
    enquiry.closed_at, enquiry.closed_because = None, ""
    return Kind.REOPENED, ""


@action
def hold(enquiry, by):
    """Keep it longer: the purge leaves it alone."""
    if enquiry.is_held:
        raise RefusedError("This is already being kept longer.")
    enquiry.is_held = True
    return Kind.HELD, ""


@action
def release(enquiry, by):
    """Stop keeping it longer."""
    if not enquiry.is_held:
        raise RefusedError("This is not being kept longer.")
    enquiry.is_held = False
    return Kind.RELEASED, ""


@action
def resend(enquiry, by, address):
    """Send its notification to an address now: again, earlier than planned, or the first time."""
    if enquiry.is_quarantined:
        raise RefusedError("This is in Spam. Press “Not spam” first, and its emails are sent.")
    notifications = enquiry.deliveries.select_for_update().filter(kind=Delivery.Kind.NOTIFICATION)
    delivery = notifications.filter(address__iexact=address).first()
    if delivery is None:
        enquiry.deliveries.create(address=address)
    elif delivery.state == Delivery.State.SENDING:
        raise RefusedError("An email to this address is being sent right now.")
    else:
        delivery.waits_for_server = False
        delivery.send_again(timezone.now())
    return Kind.RESENT, address


@action
def stop_sending(enquiry, by, address):
    """Send nothing more about it to an address, for example because that mailbox is gone."""
    deliveries = enquiry.deliveries.select_for_update().filter(address__iexact=address)
    deliveries = deliveries.to_staff().open()
    if deliveries.filter(state=Delivery.State.SENDING).exists():
        raise RefusedError("An email to this address is being sent right now.")
    if not deliveries.update(state=Delivery.State.STOPPED, waits_for_server=False):
        raise RefusedError("No email is waiting to be sent to this address.")
    return Kind.STOPPED, address


@action
def mark_not_spam(enquiry, by):
    """Move it from quarantine to the inbox, and let its notifications be sent."""
    if not enquiry.is_quarantined:
        raise RefusedError("This is not in Spam.")
    refuse_if_closed(enquiry)
    enquiry.is_quarantined = False
    addresses = Clinic.objects.current().notification_addresses(enquiry.practitioner)
    Delivery.objects.create_missing(enquiry, addresses)
    return Kind.NOT_SPAM, ""


@action
def erase(enquiry, by, is_confirmed=False):
    """Empty everything personal; the reference, the dates and the kinds of events stay.

    Args:
        is_confirmed: the person accepts that an email which waits is then never sent.
    """
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
