"""Whether the clinic handles of trouble: waiting notices, nobody to send to, a silent sender."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils import timezone

from contact.inbox import actions as inbox
from contact.models import Clinic, Delivery, Enquiry, Recipient, SenderHeartbeat
from contact.outbox.health import service_state
from contact.outbox.sender import deliver_due, reconcile

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    SenderHeartbeat.objects.beat()
    clinic = Clinic.objects.create(name="A clinic")
    Recipient.objects.create(clinic=clinic, address="desk@clinic.example")
    return clinic


def take(addresses=("desk@clinic.example",), minutes_ago=0, key="one"):
    received_at = timezone.now() - timedelta(minutes=minutes_ago)
    typed = {"name": "Ana", "email": "ana@mail.example", "received_at": received_at}
    return Enquiry.objects.create_once(typed, key, addresses)


def test_what_a_clock_that_was_ahead_has_stored_is_trouble(clinic, time_machine):
    """A computer that is three days ahead gets the right time again."""
    now = timezone.now()
    time_machine.move_to(now + timedelta(days=3))
    SenderHeartbeat.objects.beat()
    take()
    time_machine.move_to(now)
    late, silent = service_state().troubles
    assert "1 enquiry email has been waiting" in late
    assert "silent" in silent
    Delivery.objects.all().delete()
    assert "1 enquiry has no recipient" in service_state().troubles[0]


def test_all_is_well(clinic):
    take(minutes_ago=14)
    assert service_state().troubles == ()


def test_a_notice_that_waits_over_15_minutes_is_trouble_until_it_is_taken(clinic, mail_server):
    take(minutes_ago=16)
    assert service_state().troubles == (
        "1 enquiry email has been waiting for the mail server for over 15 minutes.",
    )
    deliver_due()
    assert service_state().troubles == ()
    assert service_state().accepted_at


def test_a_silent_sender_is_trouble(clinic, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    assert "silent for over 5 minutes" in service_state().troubles[0]
    SenderHeartbeat.objects.all().delete()
    assert "never run" in service_state().troubles[0]


def test_nobody_to_send_to_is_trouble_until_an_address_is_entered(clinic, mail_server):
    Recipient.objects.all().delete()
    take(addresses=(), minutes_ago=6)
    assert "1 enquiry has no recipient" in service_state().troubles[0]
    Recipient.objects.create(clinic=clinic, address="new@clinic.example")
    call_command("deliver_mail", "--once")
    assert mail_server.messages[0][0] == ["new@clinic.example"]
    assert service_state().troubles == ()


@pytest.mark.parametrize("kind", [Delivery.Kind.ACKNOWLEDGEMENT, Delivery.Kind.OVERDUE])
def test_a_receipt_or_a_reminder_is_no_notice(clinic, kind):
    Recipient.objects.all().delete()
    enquiry = take(addresses=(), minutes_ago=6)
    Delivery.objects.create(enquiry=enquiry, kind=kind, address="ana@mail.example")
    assert "1 enquiry has no recipient" in service_state().troubles[0]
    Recipient.objects.create(clinic=clinic, address="new@clinic.example")
    reconcile()
    notice = enquiry.deliveries.get(kind=Delivery.Kind.NOTIFICATION)
    assert notice.address == "new@clinic.example"


def test_a_recipient_entered_later_does_not_get_what_was_sent_before(clinic, mail_server):
    take()
    deliver_due()
    Recipient.objects.create(clinic=clinic, address="new@clinic.example")
    reconcile()
    assert [one.address for one in Delivery.objects.all()] == ["desk@clinic.example"]


def test_health_page_tells_a_monitor_and_details_only_with_the_token(clinic, client, settings):
    assert client.get("/healthz/service").content == b"ok\n"
    take(minutes_ago=16)
    settings.HEALTH_TOKEN = "a token"
    response = client.get("/healthz/service")
    assert (response.status_code, response.content) == (503, b"trouble\n")
    assert response["Cache-Control"] == "no-store"
    for header in ("Bearer wrong", "Bearer ", "Bearer 🙂"):
        assert (
            b"waiting"
            not in client.get("/healthz/service", headers={"Authorization": header}).content
        )
    response = client.get("/healthz/service", headers={"Authorization": "Bearer a token"})
    assert b"1 enquiry email has been waiting" in response.content


def test_the_dashboard_shows_the_mail_s_state_to_those_who_read_enquiries(
    clinic, client, django_user_model
):
    take(minutes_ago=16)
    client.force_login(django_user_model.objects.create_superuser("boss"))
    assert "1 enquiry email has been waiting" in client.get("/admin/").content.decode()
    editor = django_user_model.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editor"))
    client.force_login(editor)
    assert "has been waiting" not in client.get("/admin/").content.decode()


def test_the_dashboard_says_one_thing_of_the_mail_server(clinic, client, mail_server):
    client.force_login(User.objects.create_superuser("boss"))

    def said():
        sentences = (
            "Email is working. No enquiries are waiting to be sent.",
            "1 enquiry email is waiting to be sent",
            "No enquiry email has been sent yet.",
            "All enquiry emails have been sent.",
            "The last enquiry email was sent on",
        )
        page = client.get("/admin/").text
        return [number for number, words in enumerate(sentences) if words in page]

    assert said() == [0]
    take()
    assert said() == [1, 2]
    deliver_due()
    assert said() == [3, 4]
    SenderHeartbeat.objects.all().delete()
    assert said() == [4]
    Delivery.objects.all().delete()
    assert said() == [2]


def test_a_refused_notice_is_trouble_at_once_until_a_person_stops_it(clinic, mail_server):
    mail_server.replies["RCPT"] = "550 no such mailbox"
    enquiry = take()
    deliver_due()
    (words,) = service_state().troubles
    assert words.startswith("1 enquiry email was refused by the mail server.")
    kim = User.objects.create_user("kim")
    inbox.stop_sending(enquiry, kim, "DESK@clinic.example")
    assert service_state().troubles == ()
    assert not Enquiry.objects.without_notification().exists()
    with pytest.raises(inbox.RefusedError, match="No email is waiting"):
        inbox.stop_sending(enquiry, kim, "desk@clinic.example")
    inbox.resend(enquiry, kim, "desk@clinic.example")
    mail_server.replies.clear()
    assert deliver_due() == 1
