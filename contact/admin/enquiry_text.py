"""Describes an enquiry and its emails to staff."""

from datetime import timedelta
from urllib.parse import quote

from django.utils import timezone
from django.utils.timesince import timesince

from clinic_site.web.dates import clock, day_and_time
from contact.models import Delivery

SOON = timedelta(hours=2)  # before the promised answer, by the clock
NO_MARK = ("", "")
LEAVE_MESSAGE = {
    True: ("yes", "OK to leave a message"),
    False: ("no", "Don’t leave a message"),
    None: ("unknown", "Didn’t say if we can leave a message"),
}


def describe_moment(moment, now):
    """Return a moment as "today at 9:12 am" or with its day, and the year if it is another."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    if moment.date() == now.date():
        return f"today at {clock(moment)}"
    if moment.year == now.year:
        return day_and_time(moment)
    return f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}, {clock(moment)}"


def describe_age(enquiry, now):
    """Return how long ago it was received, like "12 minutes ago" or "3 days ago"."""
    if now - enquiry.received_at < timedelta(minutes=1):
        return "Just now"
    return f"{timesince(enquiry.received_at, now, depth=1)} ago"


def urgency(enquiry, now):
    """Return the mark and a word for how urgent the answer is; empty once answered."""
    if enquiry.erased_at or not enquiry.is_open:
        return NO_MARK
    if enquiry.is_late(now):
        return "overdue", "overdue"
    if enquiry.answer_by and enquiry.answer_by < now + SOON:
        return "due-soon", "due soon"
    return "in-time", ""


def mailto(enquiry):
    """Return a link that opens an email to the patient; only the reference is in its subject."""
    if not enquiry.email:
        return ""
    return f"mailto:{quote(enquiry.email, safe='@')}?subject=Your%20enquiry%20{enquiry.reference}"


def leave_message(enquiry):
    """Return the mark and the text of whether a message may be left; empty without a phone."""
    return LEAVE_MESSAGE[enquiry.may_leave_message] if enquiry.phone else NO_MARK


def describe_delivery(delivery, now):
    """Return the state of an email as a sentence."""
    state, planned = delivery.state, delivery.next_attempt_at
    if state == Delivery.State.ACCEPTED:
        return f"Sent {describe_moment(delivery.accepted_at, now)}."
    if state in (Delivery.State.STOPPED, Delivery.State.SENDING):
        return f"{delivery.get_state_display()}."
    due = "Was due" if planned <= now else "Next try"
    next_try = f"{due}: {describe_moment(planned, now)}"
    if state == Delivery.State.REFUSED:
        return f"Rejected: {delivery.last_error}. Still trying. {next_try}."
    problem = f" Last problem: {delivery.last_error}." if delivery.last_error else ""
    return f"Waiting to be sent. {next_try}.{problem}"


def facts(enquiry):
    """Return the rest of the request, as (label, text) pairs without the empty ones."""
    pairs = (
        ("Phone, as typed", enquiry.phone_note),
        ("Asking for", "Someone else" if enquiry.is_for_someone_else else ""),
        ("Service", enquiry.service),
        ("Would like to see", enquiry.practitioner),
        ("Good times", enquiry.times),
        ("Language", enquiry.language),
        ("Page wanted in another format", enquiry.page),
    )
    return [(label, text) for label, text in pairs if text]
