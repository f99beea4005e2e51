"""Whether enquiries reach people: what the admin's front page and a monitor ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from contact.models import Delivery, Enquiry, SenderHeartbeat

LATE = timedelta(minutes=15)  # a notice that waits longer is trouble
SILENT = timedelta(minutes=5)  # a sender that was not seen for longer is trouble


@dataclass(frozen=True)
class ServiceState:
    """How the outbox stands at a moment.

    `troubles` holds a sentence for each thing a person must look at; none means all is well.
    `waiting` counts the notices the mail server has not taken yet, for however short a time.
    `accepted_at` is when the mail server last took a notice, `seen_at` when the sender last worked,
    each None for never.
    """

    troubles: tuple
    waiting: int
    accepted_at: datetime | None
    seen_at: datetime | None


def count(number, one, many):
    return f"1 {one}" if number == 1 else f"{number} {many}"


def service_state(now=None):
    """Return the ServiceState at `now` (aware; default the present)."""
    now = now or timezone.now()
    seen_at = SenderHeartbeat.objects.seen_at()
    troubles = []
    notices = Delivery.objects.to_staff().open()
    if refused := notices.filter(state=Delivery.State.REFUSED).count():
        words = count(refused, "notice was", "notices were")
        mend = "Correct the address in Clinic, send it to another, or stop sending to this one."
        troubles.append(f"{words} refused by the mail server. {mend}")
    waiting = notices.exclude(state=Delivery.State.REFUSED)
    if late := waiting.filter(enquiry__received_at__lt=now - LATE).count():
        words = count(late, "notice waits", "notices wait")
        troubles.append(f"{words} for over 15 minutes to be taken by the mail server.")
    without = Enquiry.objects.without_notification()
    if unsent := without.filter(received_at__lt=now - SILENT).count():
        words = count(unsent, "enquiry has", "enquiries have")
        troubles.append(f"{words} nobody to go to. Enter a recipient in Clinic.")
    if seen_at is None:
        troubles.append("The mail sender has never run. Start manage.py deliver_mail.")
    elif seen_at < now - SILENT:
        troubles.append("The mail sender was not seen for over 5 minutes.")
    return ServiceState(
        tuple(troubles), notices.count(), Delivery.objects.last_accepted_at(), seen_at
    )
