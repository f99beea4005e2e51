"""The outbox against a real mail server: sends once, waits, tries again, and never gives up."""

import smtplib
import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from contact import outbox
from contact.models import Clinic, Delivery, Enquiry, Recipient
from contact.outbox import deliver_due, wait_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    clinic = Clinic.objects.create(name="A clinic")
    Recipient.objects.create(clinic=clinic, address="desk@clinic.example")
    return clinic


def take(key, addresses=("desk@clinic.example",), **typed):
    typed = {"name": "Ana Marker", "email": "ana@mail.example", "message": "Sore knee"} | typed
    return Enquiry.objects.take(typed, key, addresses)


def only_delivery():
    return Delivery.objects.get()


def make_due():
    Delivery.objects.update(next_attempt_at=timezone.now())


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
    assert deliver_due() == 3
    assert len(mail_server.messages) == 3


@pytest.mark.parametrize(
    ("command", "reply", "state"),
    [
        ("MAIL", "451 Try later", "waiting"),
        ("MAIL", "550 We do not know you", "refused"),
        ("RCPT", "450 Greylisted", "waiting"),
        ("RCPT", "550 No such person", "refused"),
        ("DATA", "452 Disk full", "waiting"),
        ("DATA", "552 Too large", "refused"),
        ("DATA", "554 Not wanted", "refused"),
    ],
)
def test_reply_to_one_message_is_kept_and_tried_again(clinic, mail_server, command, reply, state):
    take("one")
    mail_server.replies[command] = reply
    assert deliver_due() == 0
    delivery = only_delivery()
    assert delivery.state == state
    assert delivery.last_error == reply
    assert delivery.next_attempt_at > timezone.now()
    assert not delivery.waits_for_server
    mail_server.replies.clear()
    make_due()
    assert deliver_due() == 1


def test_server_s_words_are_kept_without_controls():
    error = smtplib.SMTPDataError(550, b"no\x00such\r\nbody \xff")
    assert outbox.in_words(error) == "550 no such body \ufffd"


def test_one_refused_recipient_does_not_stop_the_other(clinic, mail_server):
    mail_server.replies["gone@clinic.example"] = "550 No such person"
    take("one", addresses=["gone@clinic.example", "desk@clinic.example"])
    assert deliver_due() == 1
    assert mail_server.messages[0][0] == ["desk@clinic.example"]


def test_one_bad_row_stops_nothing(clinic, mail_server):
    take("one", addresses=["not an address\n"])
    take("two", email="", message="x" * 200_000)
    take("three")
    assert deliver_due() == 2


@contextmanager
def listening(behave):
    """Serve one conversation, `behave(connection)`, and give the port it is held at."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_silent_server_is_ill_not_the_message(clinic, settings, mail_server):
    settings.EMAIL_TIMEOUT = 0.2
    take("one")
    with listening(lambda connection: connection.recv(1)) as settings.EMAIL_PORT:
        assert deliver_due() == 0
    assert only_delivery().waits_for_server


def test_a_dripping_server_is_cut_off(clinic, settings, mail_server, monkeypatch):
    def drip(connection):
        while True:
            connection.sendall(b"2")
            time.sleep(0.05)

    monkeypatch.setattr("clinic_site.mail.SEND_SECONDS", 0.5)
    take("one")
    with listening(drip) as settings.EMAIL_PORT:
        assert deliver_due() == 0
    assert only_delivery().waits_for_server


def test_a_dead_sender_s_row_is_freed_when_its_lease_ends(clinic, mail_server):
    take("one")
    assert outbox.claim(timezone.now())
    assert deliver_due() == 0
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert deliver_due() == 1
    assert only_delivery().attempts == 2


def test_a_claim_is_taken_once(clinic):
    take("one")
    now = timezone.now()
    assert outbox.claim(now)
    assert outbox.claim(now) is None


def test_a_sender_that_lost_its_lease_writes_nothing(clinic):
    take("one")
    late = outbox.claim(timezone.now())
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
    settings.EMAIL_BACKEND = "clinic_site.mail.SMTPBackend"
    settings.EMAIL_HOST = "127.0.0.1"

    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    page = client.get("/contact/")
    submission = page.context["form"]["submission"].value()
    typed = {"name": "Ana", "email": "ana@mail.example", "submission": submission}
    assert client.post("/contact/", typed).status_code == 302
