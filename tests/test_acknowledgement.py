"""The acknowledgement: off by default, fixed text, few an hour, never instead of a notification."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contact.models import Clinic, Delivery, Enquiry, Recipient
from contact.outbox.health import service_state
from contact.outbox.sender import deliver_due, escalate
from tests.test_contact import send

pytestmark = pytest.mark.usefixtures("sample_site")
ACKNOWLEDGEMENT = Delivery.Kind.ACKNOWLEDGEMENT


@pytest.fixture
def acknowledgements():
    Clinic.objects.update(sends_acknowledgement=True)
    return Delivery.objects.filter(kind=ACKNOWLEDGEMENT)


def test_no_acknowledgement_unless_the_clinic_wants_it(client):
    send(client)
    assert not Delivery.objects.filter(kind=ACKNOWLEDGEMENT).exists()


def test_it_says_reference_promise_and_phone_and_nothing_typed(
    client, acknowledgements, mail_server
):
    send(client)
    assert deliver_due() == 2
    (message,) = (one for to, one in mail_server.messages if to == ["ana@mail.example"])
    enquiry, text = Enquiry.objects.get(), message.get_content()
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Subject"] == f"We have your request {enquiry.reference}"
    assert "We’ll answer by" in text
    assert "905-555-0142" in text
    assert enquiry.get_absolute_url() in text
    assert "knee" not in text
    assert "Ana" not in text


def test_one_acknowledgement_a_day_to_an_address(client, acknowledgements, time_machine):
    send(client)
    send(client, email="ANA@mail.example", message="And my hip")
    assert acknowledgements.count() == 1
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    send(client, message="Third")
    assert acknowledgements.count() == 2


def test_three_acknowledgements_an_hour_for_a_client(client, acknowledgements):
    for number in range(5):
        send(client, email=f"a{number}@mail.example", message=f"Words {number} " * number)
    assert acknowledgements.count() == 3


def test_sixty_acknowledgements_an_hour_in_all(client, acknowledgements):
    for number in range(60):
        Enquiry.objects.create_once(
            {"name": "A", "network_hash": str(number)}, str(number), [], f"{number}@mail.example"
        )
    send(client)
    assert acknowledgements.count() == 60


def test_likely_spam_gets_no_acknowledgement(client, acknowledgements):
    offer = "Cheap SEO backlinks https://a.example/x https://b.example/y https://c.example/z"
    send(client, message=offer, leave_empty="x")
    assert Enquiry.objects.get().is_quarantined
    assert not acknowledgements.exists()


def test_a_refused_one_leaves_the_notification_alone(client, acknowledgements, mail_server):
    mail_server.replies["ana@mail.example"] = "550 No such person"
    send(client)
    assert deliver_due() == 1
    later = timezone.now() + timedelta(minutes=20)
    assert not any("waits" in trouble for trouble in service_state(later).troubles)


def test_late_answer_is_escalated_once(client, mail_server, time_machine):
    clinic = Clinic.objects.get()
    Recipient.objects.create(clinic=clinic, address="boss@clinic.example", kind="overdue")
    send(client)
    enquiry = Enquiry.objects.get()
    assert [one.address for one in enquiry.deliveries.all()] == ["frontdesk@clinic.example"]
    escalate(enquiry.answer_by)
    escalate(enquiry.answer_by + timedelta(minutes=1))
    escalate(enquiry.answer_by + timedelta(minutes=2))
    assert deliver_due() == 2
    (message,) = (one for to, one in mail_server.messages if to == ["boss@clinic.example"])
    assert message["Subject"] == f"Late: website enquiry {enquiry.reference}"
    assert "Ana" not in message.get_content()


def test_answered_in_time_is_not_escalated(client):
    clinic = Clinic.objects.get()
    Recipient.objects.create(clinic=clinic, address="boss@clinic.example", kind="overdue")
    send(client)
    Enquiry.objects.update(state="answered")
    escalate(timezone.now() + timedelta(days=30))
    assert not Delivery.objects.filter(kind="overdue").exists()
