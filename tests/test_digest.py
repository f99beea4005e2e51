"""The daily mail about likely spam."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contact.models import Clinic, Enquiry, Recipient
from contact.outbox.digest import send_digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    clinic = Clinic.objects.create(name="A clinic")
    Recipient.objects.create(clinic=clinic, address="desk@clinic.example")
    return clinic


def quarantined(key):
    typed = {"name": "Ana Marker", "message": "Sore knee", "is_quarantined": True}
    return Enquiry.objects.create_once(typed, key, [])


def test_digest_says_how_many_and_nothing_of_a_patient(clinic, mail_server):
    quarantined("one")
    quarantined("two")
    assert send_digest(timezone.now())
    ((recipients, message),) = mail_server.messages
    text = message.get_content()
    assert recipients == ["desk@clinic.example"]
    assert text.startswith("2 enquiries look like spam.")
    assert "Ana" not in text
    assert "knee" not in text


def test_digest_goes_out_once_a_day_and_only_while_somebody_must_look(clinic, mail_server):
    now = timezone.now()
    assert not send_digest(now)
    one = quarantined("one")
    assert send_digest(now)
    assert not send_digest(now + timedelta(hours=23))
    assert send_digest(now + timedelta(hours=24))
    Enquiry.objects.filter(pk=one.pk).update(checked_at=now)
    assert not send_digest(now + timedelta(hours=48))


def test_digest_is_tried_again_when_the_server_was_away(clinic, mail_server):
    quarantined("one")
    mail_server.stop()
    with pytest.raises(OSError, match="refused"):
        send_digest(timezone.now())
    mail_server.start()
    assert send_digest(timezone.now())
    assert len(mail_server.messages) == 1


def test_digest_does_not_wait_for_a_clock_that_was_ahead(clinic, mail_server):
    quarantined("one")
    now = timezone.now()
    assert send_digest(now + timedelta(days=3))
    assert send_digest(now)
