"""The daily mail about set-aside enquiries."""

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


def set_aside(key):
    typed = {"name": "Ana Marker", "message": "Sore knee", "is_set_aside": True}
    return Enquiry.objects.take(typed, key, [])


def test_digest_says_how_many_and_nothing_of_a_patient(clinic, mail_server):
    set_aside("one")
    set_aside("two")
    assert send_digest(timezone.now())
    ((recipients, message),) = mail_server.messages
    text = message.get_content()
    assert recipients == ["desk@clinic.example"]
    assert text.startswith("2 enquiries were set aside")
    assert "Ana" not in text
    assert "knee" not in text


def test_digest_goes_out_once_a_day_and_only_while_somebody_must_look(clinic, mail_server):
    now = timezone.now()
    assert not send_digest(now)
    one = set_aside("one")
    assert send_digest(now)
    assert not send_digest(now + timedelta(hours=23))
    assert send_digest(now + timedelta(hours=24))
    Enquiry.objects.filter(pk=one.pk).update(listed_at=now)
    assert not send_digest(now + timedelta(hours=48))


def test_digest_is_tried_again_when_the_server_was_away(clinic, mail_server):
    set_aside("one")
    mail_server.stop()
    with pytest.raises(OSError, match="refused"):
        send_digest(timezone.now())
    mail_server.start()
    assert send_digest(timezone.now())
    assert len(mail_server.messages) == 1
