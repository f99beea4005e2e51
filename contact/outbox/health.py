"""Whether enquiries reach people: the dashboard and a monitor ask this."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from contact.models import Delivery, Enquiry, SenderHeartbeat

LATE = timedelta(minutes=15)  # an enquiry email that waits longer is trouble
SILENT = timedelta(minutes=5)  # a sender that has been silent for longer is trouble


@dataclass(frozen=True)
class ServiceState:
    """The state of the outbox at a moment.

    Args:
        troubles: a sentence for each problem that a person must solve; empty when all is well.
        waiting: how many enquiry emails the mail server has not accepted yet.
        accepted_at: when it last accepted one, or None.
        seen_at: when the sender last worked, or None.
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
    seen_at = SenderHeartbeat.objects.current().seen_at
    troubles = []
    deliveries = Delivery.objects.to_staff().open()
    if refused := deliveries.filter(state=Delivery.State.REFUSED).count():
        words = count(refused, "enquiry email was", "enquiry emails were")
        mend = "Correct the address under Clinic, send it to another, or stop sending it."
        troubles.append(f"{words} refused by the mail server. {mend}")
    waiting = deliveries.exclude(state=Delivery.State.REFUSED)
    if late := waiting.filter(enquiry__received_at__lt=now - LATE).count():
        words = count(late, "enquiry email has", "enquiry emails have")
        troubles.append(f"{words} been waiting for the mail server for over 15 minutes.")
    without = Enquiry.objects.without_notification()
    if unsent := without.filter(received_at__lt=now - SILENT).count():
        words = count(unsent, "enquiry goes", "enquiries go")
        troubles.append(f"{words} to nobody. Add a recipient under Clinic.")
    if seen_at is None:
        troubles.append("The mail sender has never run. Start manage.py deliver_mail.")
    elif seen_at < now - SILENT:
        troubles.append("The mail sender has been silent for over 5 minutes. Restart it.")
    return ServiceState(
        tuple(troubles), deliveries.count(), Delivery.objects.last_accepted_at(), seen_at
    )
