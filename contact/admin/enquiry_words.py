"""How an enquiry and its notices stand, in the words staff read."""

from datetime import timedelta
from urllib.parse import quote

from django.utils import timezone
from django.utils.timesince import timesince

from clinic_site.web.dates import clock, day_and_time
from contact.models import Delivery

SOON = timedelta(hours=2)  # before the promised answer, by the clock
NORTH_AMERICA = 1  # the country code whose numbers are read without it


def when(moment, now):
    """Return an aware moment like "today at 9:12 am", else with its day; its year if another."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    if moment.date() == now.date():
        return f"today at {clock(moment)}"
    if moment.year == now.year:
        return day_and_time(moment)
    return f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}, {clock(moment)}"


def age(enquiry, now):
    """Return how long ago it came in, like "12 minutes" or "3 days"."""
    if now - enquiry.received_at < timedelta(minutes=1):
        return "Just now"
    return timesince(enquiry.received_at, now, depth=1)


def urgency(enquiry, now):
    """Return a kind for the mark and a word against the promised answer; ("", "") once answered."""
    if enquiry.erased_at or not enquiry.is_open:
        return "", ""
    if enquiry.is_late(now):
        return "overdue", "overdue"
    if enquiry.answer_by and enquiry.answer_by < now + SOON:
        return "due-soon", "due soon"
    return "in-time", ""


def phone_text(phone):
    return phone.as_national if phone.country_code == NORTH_AMERICA else phone.as_international


def mailto(enquiry):
    """Return a link that opens a mail to the patient; its subject is the reference alone."""
    return f"mailto:{quote(enquiry.email, safe='@')}?subject=Your%20enquiry%20{enquiry.reference}"


def delivery_words(delivery, now):
    """Return where a notice stands; a mail server that took it has not delivered it yet."""
    state, planned = delivery.state, delivery.next_attempt_at
    if state == Delivery.State.ACCEPTED:
        return f"Handed to the mail server {when(delivery.accepted_at, now)}."
    if state == Delivery.State.STOPPED:
        return "Stopped by a person."
    if state == Delivery.State.SENDING:
        return "Being sent at this moment."
    if planned <= now:
        next_try = f"due since {when(planned, now)}"
    else:
        next_try = f"next try {when(planned, now)}"
    if state == Delivery.State.REFUSED:
        return f"Refused: {delivery.last_error}. Still tried, {next_try}."
    last = f" Last time: {delivery.last_error}." if delivery.last_error else ""
    return f"Waiting, {next_try}.{last}"


def leave_message(enquiry):
    """Return a kind for the mark, and whether a message may be left; ("", "") without a phone."""
    if not enquiry.phone:
        return "", ""
    return {
        True: ("yes", "May leave a message"),
        False: ("no", "Leave no message"),
        None: ("unknown", "Message: not said"),
    }[enquiry.may_leave_message]


def facts(enquiry):
    """Return what else the patient said, as (label, text) pairs; what they left empty is absent."""
    pairs = (
        ("Asks for", "Someone else" if enquiry.is_for_someone_else else ""),
        ("Service", enquiry.service),
        ("With", enquiry.practitioner),
        ("Good times", enquiry.times),
        ("Language", enquiry.language),
        ("Wants in another format", enquiry.page),
    )
    return [(label, text) for label, text in pairs if text]
