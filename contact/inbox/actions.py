"""What people at the clinic do with an enquiry: each act is one transaction and leaves an event."""

from datetime import timedelta
from functools import wraps

from django.db import transaction
from django.utils import timezone

from clinic_site.history.version import person_name
from contact.models import Clinic, Delivery, Enquiry, EnquiryEvent, Location

Kind = EnquiryEvent.Kind
State = Enquiry.State

UNTOUCHED_DAYS = 5  # days the clinic was open
OPENED_AGAIN = timedelta(hours=1)  # a page that is shown again within it was not opened again
# Only the patient cancels.
CLOSING_REASONS = [
    choice
    for choice in Enquiry.ClosedBecause.choices
    if choice[0] != Enquiry.ClosedBecause.CANCELLED
]

# The lists of the inbox: key in the address, name, and which rows are in it at a moment.
LISTS = {
    "inbox": ("Inbox", lambda rows, now: rows.inbox().exclude(state=State.CLOSED)),
    "new": ("New", lambda rows, now: rows.inbox().filter(state=State.NEW)),
    "seen": ("Seen", lambda rows, now: rows.inbox().filter(state=State.SEEN)),
    "overdue": ("Overdue", lambda rows, now: rows.overdue(now)),
    "untouched": (
        f"Untouched for {UNTOUCHED_DAYS} open days",
        lambda rows, now: rows.untouched_since(untouched_before(now)),
    ),
    "answered": ("Answered", lambda rows, now: rows.inbox().filter(state=State.ANSWERED)),
    "closed": ("Closed", lambda rows, now: rows.inbox().filter(state=State.CLOSED)),
    "set-aside": ("Set aside", lambda rows, now: rows.set_aside()),
    "all": ("All", lambda rows, now: rows),
}


class RefusedError(Exception):
    """An act that makes no sense as the enquiry stands now; the words say why, for staff."""


def untouched_before(now):
    """Return the moment since which the clinic was open on UNTOUCHED_DAYS days."""
    location = Location.objects.first()
    if location is None:
        return now - timedelta(days=UNTOUCHED_DAYS)
    return location.open_days_ago(now, UNTOUCHED_DAYS)


def counts(user, now=None):
    """Return what the front page shows a user as (number, words, key in LISTS), at `now`."""
    now, rows = now or timezone.now(), Enquiry.objects.visible_to(user)
    in_list = {key: choose(rows, now) for key, (_, choose) in LISTS.items()}
    return [
        (in_list["new"].count(), "new", "new"),
        (in_list["overdue"].count(), "overdue", "overdue"),
        (in_list["untouched"].count(), f"untouched for {UNTOUCHED_DAYS} days", "untouched"),
        (in_list["set-aside"].filter(listed_at=None).count(), "set aside, not seen", "set-aside"),
    ]


def person(user):
    """Return how staff call a colleague; an account may be gone."""
    return person_name(user) if user else "somebody no longer here"


def opened(enquiry, by):
    """Write down who looks at an enquiry's page, once an hour for each person.

    Looking changes nothing else: the patient's page says "seen" only after a person's act.
    """
    looks = enquiry.events.filter(kind=Kind.OPENED, by=by, at__gt=timezone.now() - OPENED_AGAIN)
    if not looks.exists():
        EnquiryEvent.of(enquiry.pk, Kind.OPENED, by).save()


def act(change):
    """Make an act of a function that changes a locked row and returns its event's kind and words.

    The row is read again under the lock, so that what a page showed a moment ago decides nothing.
    Whoever does anything with an enquiry has seen it.

    The act takes the Enquiry, the user who acts, and what `change` asks for further; it returns
    the row as it stands then, and raises RefusedError where `change` does or nothing is left.
    """

    @wraps(change)
    def run(enquiry, by, *args, **options):
        with transaction.atomic():
            row = Enquiry.objects.select_for_update().filter(pk=enquiry.pk).first()
            if row is None or row.erased_at:
                raise RefusedError("Its content was erased. There is nothing left to do with it.")
            kind, words = change(row, by, *args, **options)
            row.seen_at = row.seen_at or timezone.now()
            row.state = State.SEEN if row.state == State.NEW else row.state
            row.save()
            EnquiryEvent.of(row.pk, kind, by, words).save()
        return row

    return run


def refuse_if_closed(row):
    if row.state == State.CLOSED:
        raise RefusedError("It is closed. Open it again first.")


@act
def see(row, by):
    """Say that a person has looked; each person says it once."""
    if row.events.filter(kind=Kind.SAW, by=by).exists():
        raise RefusedError("You have marked it as seen already.")
    return Kind.SAW, ""


@act
def take(row, by, shown_holder=None):
    """Take it on, from nobody or from a colleague.

    Args:
        shown_holder: the primary key of who had it on the page the person acted on, or None.
    """
    refuse_if_closed(row)
    if row.taken_by_id == by.pk:
        raise RefusedError("You have it already.")
    if row.taken_by_id != shown_holder:
        raise RefusedError(f"Meanwhile it went to {person(row.taken_by)}.")
    row.taken_by = by
    return Kind.TOOK, ""


@act
def note(row, by, words):
    return Kind.NOTED, words


@act
def answer(row, by):
    refuse_if_closed(row)
    if row.state == State.ANSWERED:
        raise RefusedError("It is marked as answered already.")
    row.state, row.answered_at = State.ANSWERED, timezone.now()
    return Kind.ANSWERED, ""


@act
def close(row, by, because):
    """Close it; `because` is one of CLOSING_REASONS."""
    if row.state == State.CLOSED:
        raise RefusedError(f"It is closed already: {row.get_closed_because_display().lower()}.")
    row.state, row.closed_at, row.closed_because = State.CLOSED, timezone.now(), because
    return Kind.CLOSED, row.get_closed_because_display()


@act
def open_again(row, by):
    if row.state != State.CLOSED:
        raise RefusedError("It is open already.")
    row.state = State.ANSWERED if row.answered_at else State.SEEN
    row.closed_at, row.closed_because = None, ""
    return Kind.REOPENED, ""


@act
def hold(row, by):
    """Keep it from the purge."""
    if row.is_held:
        raise RefusedError("It is kept from the purge already.")
    row.is_held = True
    return Kind.HELD, ""


@act
def release(row, by):
    if not row.is_held:
        raise RefusedError("Nothing keeps it from the purge.")
    row.is_held = False
    return Kind.RELEASED, ""


@act
def resend(row, by, address):
    """Let its notice go to `address` now: again, sooner than planned, or for the first time."""
    if row.is_set_aside:
        raise RefusedError("It is set aside. Rescue it first; its notices go out then.")
    notices = row.deliveries.select_for_update().filter(kind=Delivery.Kind.NOTICE)
    delivery = notices.filter(address__iexact=address).first()
    if delivery is None:
        row.deliveries.create(address=address)
    elif delivery.state == Delivery.State.SENDING:
        raise RefusedError("It is being sent to this address at this moment.")
    else:
        delivery.waits_for_server = False
        delivery.send_again(timezone.now())
    return Kind.RESENT, address


@act
def stop(row, by, address):
    """Send its notice to `address` no more, like when that mailbox is gone.

    Whoever does this has seen the enquiry, so that nobody needs to be told any more.
    """
    notices = row.deliveries.select_for_update().filter(address__iexact=address)
    notices = notices.exclude(kind=Delivery.Kind.ACKNOWLEDGEMENT).open()
    if notices.filter(state=Delivery.State.SENDING).exists():
        raise RefusedError("It is being sent to this address at this moment.")
    if not notices.update(state=Delivery.State.STOPPED, waits_for_server=False):
        raise RefusedError("Nothing of it is on its way to this address.")
    return Kind.STOPPED, address


@act
def rescue(row, by):
    """Bring a set-aside one into the inbox, and its notices on their way."""
    if not row.is_set_aside:
        raise RefusedError("It is not set aside.")
    refuse_if_closed(row)
    row.is_set_aside = False
    addresses = Clinic.objects.current().notice_addresses(row.practitioner)
    Delivery.objects.bulk_create(
        [Delivery(enquiry=row, address=address) for address in addresses], ignore_conflicts=True
    )
    return Kind.RESCUED, ""


@act
def erase(row, by, is_confirmed=False):
    """Empty what it holds of a person; the row, its reference and its events' kinds stay.

    Args:
        is_confirmed: the person knows that a notice is still on its way, and that it then never
            goes out.
    """
    if row.is_held:
        raise RefusedError("It is kept from the purge. Release it first.")
    on_their_way = row.deliveries.open().select_for_update()
    states = {delivery.state for delivery in on_their_way}
    if Delivery.State.SENDING in states:
        raise RefusedError("A notice is being sent at this moment. Try again in a few minutes.")
    if states and not is_confirmed:
        raise RefusedError("A notice of it is still on its way. Confirm that it is not to go out.")
    on_their_way.delete()
    row.deliveries.update(last_error="")
    Enquiry.objects.filter(pk=row.pk).erase(timezone.now())
    row.refresh_from_db()
    return Kind.ERASED, ""
