"""The outbox against a real mail server: sends once, waits, tries again, and never gives up."""

import smtplib
import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from contact.inbox.actions import cancel, stop_sending
from contact.models import Clinic, Delivery, Enquiry, Recipient, SenderHeartbeat
from contact.outbox import sender as outbox
from contact.outbox.sender import deliver_due, wait_after

pytestmark = pytest.mark.django_db
DESK = "desk@clinic.example"


@pytest.fixture
def clinic():
    clinic = Clinic.objects.create(name="A clinic")
    Recipient.objects.create(clinic=clinic, address="desk@clinic.example")
    return clinic


def take(key, addresses=("desk@clinic.example",), **typed):
    typed = {"name": "Ana Marker", "email": "ana@mail.example", "message": "Sore knee"} | typed
    return Enquiry.objects.create_once(typed, key, addresses)


def only_delivery():
    return Delivery.objects.get()


def test_deliver_due_hands_it_over_once(clinic, mail_server):
    enquiry = take("one")
    assert deliver_due() == 1
    assert deliver_due() == 0
    ((recipients, message),) = mail_server.messages
    assert recipients == ["desk@clinic.example"]
    assert message["Subject"] == f"Website enquiry {enquiry.reference}"
    assert message["Message-ID"] == only_delivery().message_id
    assert only_delivery().state == Delivery.State.ACCEPTED
    assert only_delivery().accepted_at


def test_deliver_mail_once_says_how_many(clinic, mail_server, capsys):
    take("one")
    call_command("deliver_mail", "--once")
    assert "1 handed to the mail server" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [
        ("minimal", [], ["Ana Marker", "ana@mail.example", "Sore knee", "after five"]),
        ("contact", ["Ana Marker", "ana@mail.example", "after five"], ["Sore knee"]),
        ("full", ["Ana Marker", "ana@mail.example", "after five", "Sore knee"], []),
    ],
)
def test_notice_says_as_much_as_the_clinic_chose(clinic, mail_server, detail, shown, hidden):
    Clinic.objects.update(mail_detail=detail)
    take("one", times="after five")
    deliver_due()
    ((_, message),) = mail_server.messages
    for kind in ("plain", "html"):
        text = message.get_body([kind]).get_content()
        assert all(words in text for words in shown)
        assert not any(words in text for words in hidden)
        assert "/admin/contact/enquiry/" in text
    assert message["Reply-To"] == (None if detail == "minimal" else "ana@mail.example")
    assert "Ana" not in message["Subject"]
    assert "ana@mail.example" not in message["From"]


def test_one_delivery_for_each_address(clinic, mail_server):
    clinic.recipients.create(address="pt@clinic.example")
    take("one", addresses=["desk@clinic.example", "pt@clinic.example"])
    assert deliver_due() == 2
    assert sorted(to for recipients, _ in mail_server.messages for to in recipients) == [
        "desk@clinic.example",
        "pt@clinic.example",
    ]


def test_server_away_keeps_everything_and_the_first_success_releases_all(clinic, mail_server):
    for key in ("one", "two", "three"):
        take(key)
    mail_server.stop()
    assert deliver_due() == 0
    assert Delivery.objects.filter(waits_for_server=True).count() == 3
    assert sum(Delivery.objects.values_list("attempts", flat=True)) == 1
    assert deliver_due() == 0  # nothing is due yet
    mail_server.start()
    Delivery.objects.filter(attempts=1).update(next_attempt_at=timezone.now())
    assert deliver_due() == 0  # the server rests
    SenderHeartbeat.objects.update(failed_at=timezone.now() - timedelta(seconds=20))
    assert deliver_due() == 3
    assert len(mail_server.messages) == 3


def test_server_s_words_are_kept_without_controls():
    error = smtplib.SMTPDataError(550, b"no\x00such\r\nbody \xff")
    assert outbox.describe_error(error) == "550 no such body \ufffd"


def test_a_dead_sender_s_row_is_freed_when_its_lease_ends(clinic, mail_server):
    take("one")
    assert next(outbox.claimed())
    assert deliver_due() == 0
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert deliver_due() == 1
    assert only_delivery().attempts == 2


def test_a_claim_is_taken_once(clinic):
    take("one")
    now, one, same = timezone.now(), only_delivery(), only_delivery()
    assert outbox.claim(one, now)
    assert not outbox.claim(same, now)
    assert next(outbox.claimed(), None) is None


@pytest.mark.parametrize("act", [cancel, lambda enquiry: stop_sending(enquiry, None, DESK)])
def test_what_was_changed_since_it_was_read_is_not_claimed(clinic, act):
    enquiry, read = take("one"), only_delivery()
    act(enquiry)
    assert not outbox.claim(read, timezone.now())


def test_what_was_taken_is_marked_before_the_goodbye(clinic, mail_server, monkeypatch):
    """A kill during a goodbye that a server draws out would send it twice."""
    states = []
    monkeypatch.setattr(
        "clinic_site.web.mail.BoundedSMTP.quit", lambda self: states.append(only_delivery().state)
    )
    take("one")
    assert deliver_due() == 1
    assert states == [Delivery.State.ACCEPTED]


def test_a_notice_sent_again_while_it_leaves_is_a_message_of_its_own(clinic, mail_server):
    enquiry = take("one")
    leaving = next(outbox.claimed())
    cancel(enquiry)
    outbox.accept(leaving, timezone.now())
    assert deliver_due() == 1
    ((_, message),) = mail_server.messages
    assert message["Subject"].startswith("Cancelled")
    assert message["Message-ID"] != leaving.message_id


def test_a_pass_ends_for_the_sender_s_other_work(clinic, mail_server):
    take("one")
    assert deliver_due(seconds=0) == 0
    assert deliver_due(seconds=60) == 1


def test_a_sender_that_lost_its_lease_writes_nothing(clinic):
    take("one")
    late = next(outbox.claimed())
    Delivery.objects.update(leased_until=timezone.now() + timedelta(hours=1))
    outbox.accept(late, timezone.now())
    assert only_delivery().state == Delivery.State.SENDING


@pytest.mark.parametrize("attempts", [1, 2, 5, 8, 20, 100_000])
def test_wait_after_doubles_and_stays_below_an_hour(attempts):
    middle = min(30 * 2 ** min(attempts - 1, 20), 2880)
    for _ in range(50):
        seconds = wait_after(attempts).total_seconds()
        assert middle * 0.75 <= seconds <= min(middle * 1.25, 3600)


def test_nothing_is_sent_inside_the_request(clinic, client, settings, monkeypatch):
    """The request opens no socket but the database's."""
    settings.EMAIL_BACKEND = "clinic_site.web.mail.SMTPBackend"
    settings.EMAIL_HOST = "127.0.0.1"

    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    page = client.get("/contact/")
    submission = page.context["form"]["submission"].value()
    typed = {"name": "Ana", "email": "ana@mail.example", "submission": submission}
    assert client.post("/contact/", typed).status_code == 302
