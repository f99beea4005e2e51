"""Every way a mail server can fail: whose fault it is, the wait, the words, who still leaves."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contact.models import Clinic, Delivery, Enquiry
from contact.outbox.sender import deliver_due
from tests.certificate import certificate
from tests.mail_server import ScriptedServer, Trouble

pytestmark = pytest.mark.django_db

FIRST, SECOND = "first@clinic.example", "second@clinic.example"
FIRST_WAIT = (22.5, 37.5)  # seconds, ±25 %
SIX_HOURS = 6 * 3600


@pytest.fixture
def two(settings, monkeypatch):
    """Two waiting notifications, the first in the queue first: the later one."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "clinic_site.web.mail.SMTPBackend", "127.0.0.1"
    monkeypatch.setattr("clinic_site.web.mail.CUT_SECONDS", 0.05)
    Clinic.objects.create(name="A clinic")
    second = take(SECOND)
    return take(FIRST), second


@pytest.fixture
def patience(script, settings, monkeypatch):
    """As long as a busy machine may need to answer, where there is something to wait out."""
    if Trouble.SILENCE in script.values():
        settings.EMAIL_TIMEOUT = 1
    if Trouble.DRIP in script.values():
        monkeypatch.setattr("clinic_site.web.mail.SEND_SECONDS", 1)


def take(address, **typed):
    """Store an enquiry that goes to one address, and return its Delivery."""
    typed = {"name": "Ana", "email": "ana@mail.example"} | typed
    Clinic.objects.get().recipients.get_or_create(address=address)
    key = str(Enquiry.objects.count())
    return Enquiry.objects.create_once(typed, key, [address]).deliveries.get()


def read(delivery):
    delivery.refresh_from_db()
    return delivery


def seconds_to_wait(delivery):
    return (read(delivery).next_attempt_at - timezone.now()).total_seconds()


SERVER_IS_ILL = [
    ({"MAIL": "421 Too many"}, {}, "421 Too many"),
    ({"RCPT": "421 Too many"}, {}, "421 Too many"),
    ({"DATA": "421 Too many"}, {}, "421 Too many"),
    ({".": "421 Too many"}, {}, "421 Too many"),
    ({"": "421 Too busy"}, {}, "421 Too busy"),
    ({"": "554 Not for you"}, {}, "554 Not for you"),
    ({"": Trouble.DROP}, {}, "SMTPServerDisconnected: Connection unexpectedly closed"),
    ({"": Trouble.SILENCE}, {}, "timed out"),
    ({"": Trouble.DRIP}, {}, "SMTPServerDisconnected: not finished after 1 seconds"),
    ({"EHLO": "550 No", "HELO": "550 No either"}, {}, "550 No either"),
    ({}, {"EMAIL_USE_TLS": True}, "STARTTLS extension not supported by server"),
    ({"AUTH": "535 Wrong password"}, {"EMAIL_HOST_USER": "web"}, "535 Wrong password"),
    ({"AUTH": "454 Try later"}, {"EMAIL_HOST_USER": "web"}, "454 Try later"),
    ({"AUTH": Trouble.SILENCE}, {"EMAIL_HOST_USER": "web"}, "timed out"),
]


@pytest.mark.parametrize(("script", "options", "words"), SERVER_IS_ILL, ids=str)
def test_an_ill_server_is_tried_with_one_row_and_its_first_yes_releases_all(
    two, settings, patience, time_machine, script, options, words
):
    for name, value in options.items():
        setattr(settings, name, value)
    settings.EMAIL_HOST_PASSWORD = "secret-4711" if "EMAIL_HOST_USER" in options else ""
    with ScriptedServer(script) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 0
        check_all_wait_for_the_server(two, words)
        settings.EMAIL_USE_TLS = False
        time_machine.move_to(timezone.now() + timedelta(seconds=38))
        assert deliver_due() == 2
        assert sorted(server.recipients) == [FIRST, SECOND]
    assert {read(one).last_error for one in two} == {""}


def check_all_wait_for_the_server(rows, words):
    first, second = map(read, rows)
    assert (first.attempts, second.attempts) == (1, 0)
    for row in (first, second):
        assert row.state == Delivery.State.WAITING
        assert row.waits_for_server
        assert words in row.last_error
        assert "secret" not in row.last_error
    assert FIRST_WAIT[0] - 1 < seconds_to_wait(first) < FIRST_WAIT[1]
    assert 0 < seconds_to_wait(second) - seconds_to_wait(first) < 2  # one row alone tries again


def test_a_refused_connection_is_the_server_s(two, settings):
    with ScriptedServer({}) as server:
        settings.EMAIL_PORT = server.port
    assert deliver_due() == 0
    check_all_wait_for_the_server(two, "Connection refused")


def test_a_bad_certificate_is_the_server_s(two, settings, tmp_path):
    context, _ = certificate(tmp_path)
    settings.EMAIL_USE_TLS = True
    with ScriptedServer({}, tls=context) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 0
    check_all_wait_for_the_server(two, "certificate verify failed")


MESSAGE_WAITS = [
    ({"RCPT": "450 Greylisted"}, "450 Greylisted"),
    ({"MAIL": "451 Try later"}, "451 Try later"),
    ({"DATA": "451 Try later"}, "451 Try later"),
    ({".": "452 Disk full"}, "452 Disk full"),
    ({"MAIL": Trouble.SILENCE}, "timed out"),
    ({".": Trouble.SILENCE}, "timed out"),
    ({"RCPT": Trouble.DROP}, "Connection unexpectedly closed"),
    ({".": Trouble.DROP}, "Connection unexpectedly closed"),
    ({".": Trouble.DRIP}, "not finished after 1 seconds"),
]
MESSAGE_REFUSED = [
    ({"MAIL": "553 Not yours"}, "553 Not yours"),
    ({"RCPT": "550 No such person"}, "550 No such person"),
    ({"RCPT": "552 Mailbox full"}, "552 Mailbox full"),
    ({"DATA": "554 Not wanted"}, "554 Not wanted"),
    ({".": "550 Looks like spam"}, "550 Looks like spam"),
    ({".": "552 Too large"}, "552 Too large"),
    ({".": "554 Not wanted"}, "554 Not wanted"),
]


@pytest.mark.parametrize(
    ("script", "words", "state", "wait"),
    [(*each, Delivery.State.WAITING, FIRST_WAIT) for each in MESSAGE_WAITS]
    + [(*each, Delivery.State.REFUSED, (SIX_HOURS, SIX_HOURS)) for each in MESSAGE_REFUSED],
    ids=str,
)
def test_from_mail_on_it_is_the_message_s_and_the_other_leaves(
    two, settings, patience, time_machine, script, words, state, wait
):
    first, second = two
    with ScriptedServer(script) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 1
        assert server.recipients == [SECOND]
        assert read(second).state == Delivery.State.ACCEPTED
        assert (read(first).state, first.waits_for_server) == (state, False)
        assert words in first.last_error
        assert wait[0] - 2 < seconds_to_wait(first) <= wait[1]
        time_machine.move_to(timezone.now() + timedelta(seconds=wait[1] + 1))
        assert deliver_due() == 1
        assert server.recipients == [SECOND, FIRST]


def test_one_of_two_recipients_refused_gets_its_words_alone(settings, two):
    enquiry = two[0].enquiry
    enquiry.deliveries.create(address="third@clinic.example", is_by_hand=True)
    with ScriptedServer({"RCPT": "550 No such person"}) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 2
    assert server.recipients == [FIRST, SECOND]
    words = enquiry.deliveries.values_list("state", "last_error")
    assert list(words) == [("accepted", ""), ("refused", "550 No such person")]


def test_two_silences_in_a_row_end_the_pass_and_go_to_the_back(settings, two):
    take("third@clinic.example")
    with ScriptedServer({"MAIL": Trouble.DROP}, times=2) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 0
        assert read(two[1]).attempts == 0
        assert deliver_due() == 1
        assert server.recipients == [SECOND]


def test_the_wait_for_an_ill_server_counts_its_failures_not_the_row_s(settings, two, time_machine):
    Delivery.objects.filter(pk=two[0].pk).update(attempts=50)
    with ScriptedServer({"": "421 Too busy"}, times=3) as server:
        settings.EMAIL_PORT = server.port
        for middle in (30, 60, 120):
            assert deliver_due() == 0
            assert middle * 0.75 - 1 < seconds_to_wait(two[0]) < middle * 1.25
            time_machine.move_to(read(two[0]).next_attempt_at)
        assert server.times == 0
        assert deliver_due() == 2
        server.times = 1
        third = take("third@clinic.example")
        assert deliver_due() == 0
        assert seconds_to_wait(third) < 37.5  # its yes between has been counted


def test_a_refused_row_stays_refused_in_its_own_words_when_the_server_falls_ill(
    settings, two, time_machine
):
    with ScriptedServer({"RCPT": "550 No such person"}, times=2) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 0
        time_machine.move_to(timezone.now() + timedelta(seconds=SIX_HOURS + 1))
        server.script, server.times = {"": "421 Too busy"}, 1
        assert deliver_due() == 0
        for row in two:
            assert read(row).state == Delivery.State.REFUSED
            assert row.last_error == "550 No such person"
            assert seconds_to_wait(row) < 40


@pytest.mark.parametrize(
    "address",
    ["not an address\n", "a@b.example, c@d.example", "a@b..example", "", "@"],
    ids=repr,
)
def test_a_bad_address_first_in_the_queue_stops_nothing(settings, two, address):
    Delivery.objects.filter(pk=two[0].pk).update(address=address, is_by_hand=True)
    with ScriptedServer({}) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 1
    assert server.recipients == [SECOND]
    assert not read(two[0]).waits_for_server
    assert two[0].last_error


def test_a_huge_text_first_in_the_queue_stops_nothing(settings, two):
    Enquiry.objects.filter(deliveries=two[0]).update(message="sore " * 400_000)
    Clinic.objects.update(mail_detail="full")
    with ScriptedServer({".": "552 Too large"}) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 1
    assert read(two[0]).last_error == "552 Too large"


@pytest.mark.sqlite  # PostgreSQL takes no such bytes at all
def test_a_lone_surrogate_first_in_the_queue_stops_nothing(settings, two):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contact_enquiry SET message = CAST(x'736F7265EDA080' AS TEXT) WHERE id = %s",
            [two[0].enquiry_id],
        )
    with ScriptedServer({}) as server:
        settings.EMAIL_PORT = server.port
        assert deliver_due() == 1
    assert server.recipients == [SECOND]
    assert "OperationalError" in read(two[0]).last_error
    assert "sore" not in two[0].last_error  # a database's words may hold what was typed


def test_a_send_is_cut_even_where_its_time_was_over_before_it_was_connected(
    settings, two, tmp_path, monkeypatch
):
    """The first cut finds nothing to cut while the encryption is still being agreed on."""
    context, path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    settings.EMAIL_USE_SSL = True
    monkeypatch.setattr("clinic_site.web.mail.SEND_SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_PORT = listening.getsockname()[1]
        thread = threading.Thread(target=drip_late, args=[listening, context])
        thread.start()
        started = time.monotonic()
        assert deliver_due() == 0
        assert time.monotonic() - started < 3
        thread.join()
    assert read(two[0]).waits_for_server


def drip_late(listening, context):
    connection, _ = listening.accept()
    with connection, suppress(OSError, ssl.SSLError):
        time.sleep(0.6)
        with context.wrap_socket(connection, True) as wrapped:
            for _ in range(100):
                wrapped.sendall(b"2")
                time.sleep(0.05)
