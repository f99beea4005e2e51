"""The lists of the inbox, and their counts on the dashboard."""

from datetime import timedelta

from django.utils import timezone

from contact.models import Enquiry, Location

State = Enquiry.State

NO_REPLY_DAYS = 5  # days on which the clinic was open
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
