"""Times from a clock that was ahead never hold an email back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contact.models import Delivery, SenderHeartbeat
from contact.outbox.sender import claim, deliver_due, due
from tests.enquiries import make

pytestmark = pytest.mark.django_db
WAITING, REFUSED, SENDING = (Delivery.State[name] for name in ("WAITING", "REFUSED", "SENDING"))


@pytest.mark.parametrize("ahead", [timedelta(minutes=20), timedelta(hours=5), timedelta(days=3)])
def test_an_enquiry_from_a_clock_that_was_ahead_leaves_at_once(
    clinic, mail_server, time_machine, ahead
):
    now = timezone.now()
    time_machine.move_to(now + ahead)
    make()
    time_machine.move_to(now)
    assert deliver_due() == 1


@pytest.mark.parametrize(
    ("state", "field", "hours", "is_over"),
    [
        (WAITING, "next_attempt_at", 0.5, False),
        (REFUSED, "next_attempt_at", 5.9, False),
        (WAITING, "next_attempt_at", 6.1, True),
        (REFUSED, "next_attempt_at", 72, True),
        (WAITING, "next_attempt_at", 24 * 365, True),
        (SENDING, "leased_until", 179 / 3600, False),
        (SENDING, "leased_until", 181 / 3600, True),
        (SENDING, "leased_until", 72, True),
    ],
)
def test_a_wait_or_lease_longer_than_any_of_ours_is_over(
    enquiry, mail_server, state, field, hours, is_over
):
    until = timezone.now() + timedelta(hours=hours)
    Delivery.objects.update(state=state, attempts=1, **{field: until})
    assert deliver_due() == is_over


def test_a_lease_just_taken_by_a_sender_whose_clock_is_seconds_ahead_is_not_over(enquiry):
    now = timezone.now()
    assert claim(enquiry.deliveries.get(), now + timedelta(seconds=5))
    assert not due(now)


def test_a_rest_of_the_server_from_a_clock_that_was_ahead_is_over(enquiry, mail_server):
    SenderHeartbeat.objects.server_failed(timezone.now() + timedelta(days=3))
    assert deliver_due() == 1
