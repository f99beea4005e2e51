"""Whether enquiries reach people: the dashboard and a monitor ask this."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.template.defaultfilters import pluralize
from django.utils import timezone

from clinic_site.web.readiness import OLD_DATABASE, has_missing_migrations, write_troubles
from contact.models import Delivery, Enquiry, SenderHeartbeat

LATE = timedelta(minutes=15)  # how long an enquiry email may wait
SILENT = timedelta(minutes=5)  # how long the sender may be silent


@dataclass(frozen=True)
class ServiceState:
    """The state of the outbox."""

    troubles: tuple  # a sentence for each problem that a person must solve
    waiting: int  # enquiry emails that the mail server has not accepted yet
    accepted_at: datetime | None  # when it last accepted an email


def away_from(field, now, span):
    """Return a Q: `field` is longer ago than a span, or so far ahead that a clock was wrong."""
    return Q(**{f"{field}__lt": now - span}) | Q(**{f"{field}__gt": now + span})


def service_state(now=None):
    """Return the ServiceState at `now` (aware; default the present)."""
    now = now or timezone.now()
    if has_missing_migrations():  # then any other query may fail
        return ServiceState((OLD_DATABASE,), 0, None)
    seen_at = SenderHeartbeat.objects.current().seen_at
    troubles = write_troubles()
    deliveries = Delivery.objects.to_staff().open()
    if refused := deliveries.filter(state=Delivery.State.REFUSED).count():
        troubles.append(
            f"{refused} enquiry email{pluralize(refused, ' was,s were')} refused by the mail "
            "server. Correct the address under Clinic, send it to another, or stop sending it."
        )
    waiting = deliveries.exclude(state=Delivery.State.REFUSED)
    if late := waiting.filter(away_from("enquiry__received_at", now, LATE)).count():
        troubles.append(
            f"{late} enquiry email{pluralize(late, ' has,s have')} been waiting for the mail "
            "server for over 15 minutes."
        )
    without = Enquiry.objects.without_notification()
    without = without.filter(away_from("received_at", now, SILENT))
    if unsent := without.count():
        troubles.append(
            f"{unsent} enquir{pluralize(unsent, 'y has,ies have')} no recipient. Add one under "
            "Clinic."
        )
    if seen_at is None:
        troubles.append("The mail sender has never run. Start manage.py deliver_mail.")
    elif abs(now - seen_at) > SILENT:
        troubles.append("The mail sender has been silent for over 5 minutes. Restart it.")
    return ServiceState(tuple(troubles), deliveries.count(), Delivery.objects.last_accepted_at())
