"""The lists of the inbox, their counts on the dashboard, and the search."""

import re
from datetime import timedelta

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone

from contact.models import Enquiry, Location

State = Enquiry.State

NO_REPLY_DAYS = 5  # days on which the clinic was open
FEWEST_DIGITS = 4  # of a phone number, in a search
SPAM = "spam"

# The key in the page address, the name, and the queryset of each list.
LISTS = {
    "inbox": ("Inbox", lambda enquiries, now: enquiries.inbox().exclude(state=State.CLOSED)),
    "new": ("New", lambda enquiries, now: enquiries.inbox().filter(state=State.NEW)),
    "seen": ("Seen", lambda enquiries, now: enquiries.inbox().filter(state=State.SEEN)),
    "overdue": ("Overdue", lambda enquiries, now: enquiries.overdue(now)),
    "no-reply": (
        f"No reply for {NO_REPLY_DAYS} days",
        lambda enquiries, now: enquiries.without_reply_since(no_reply_before(now)),
    ),
    "answered": ("Answered", lambda enquiries, now: enquiries.inbox().filter(state=State.ANSWERED)),
    "closed": ("Closed", lambda enquiries, now: enquiries.inbox().filter(state=State.CLOSED)),
    SPAM: ("Spam", lambda enquiries, now: enquiries.quarantined()),
    "all": ("All", lambda enquiries, now: enquiries),
}


def no_reply_before(now):
    """Return the moment NO_REPLY_DAYS open days ago."""
    if location := Location.objects.first():
        return location.open_days_ago(now, NO_REPLY_DAYS)
    return now - timedelta(days=NO_REPLY_DAYS)


def counts(user, now=None):
    """Return the counts on a user's dashboard, as (number, label, key in LISTS)."""
    now, visible = now or timezone.now(), Enquiry.objects.visible_to(user)
    no_reply = visible.without_reply_since(no_reply_before(now))
    return [
        (visible.inbox().filter(state=State.NEW).count(), "new", "new"),
        (visible.overdue(now).count(), "overdue", "overdue"),
        (no_reply.count(), f"no reply for {NO_REPLY_DAYS} days", "no-reply"),
        (visible.unchecked().count(), "likely spam to check", SPAM),
    ]


def search(enquiries, term):
    """Keep the enquiries with the term in the name, reference, email address or phone number."""
    named = Q()
    for word in term.split():
        named &= Q(name__icontains=word)
    found = named | Q(reference__iexact=term) | Q(email__icontains=term)
    found |= Q(phone_note__icontains=term)
    digits = re.sub(r"\D", "", term)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\W\d_]", term):
        found |= Q(phone_digits__contains=digits)
    # As text, like tel:+1-905-555-0111: the field would take a part of a number for a whole one.
    phone_digits = Replace(Cast("phone", CharField()), Value("-"), Value(""))
    return enquiries.alias(phone_digits=phone_digits).filter(found)
