"""A busy mail server and a long queue: few connections, back-off, new enquiries first, a limit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contact.models import Delivery, SenderHeartbeat
from contact.outbox.sender import MOST_POSTPONED, deliver_due
from tests.enquiries import make
from tests.mail_server import ScriptedServer, Trouble

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def many(clinic):
    """Eight waiting notifications, to two addresses."""
    clinic.recipients.create(address="pt@clinic.example")
    for number in range(4):
        make(str(number), ["desk@clinic.example", "pt@clinic.example"])


@pytest.fixture
def scripted(settings):
    """Return a function that makes a ScriptedServer the site's."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "clinic_site.web.mail.SMTPBackend", "127.0.0.1"

    def start(script, times=0):
        server = ScriptedServer(script, times)
        settings.EMAIL_PORT = server.port
        return server

    return start


def attempts_in_a_minute(server, time_machine):
    """Let the sender work, with a new enquiry every four seconds."""
    before = server.conversations, server.heard.count("MAIL")
    for _ in range(15):
        make(f"{timezone.now():%H%M%S%f}")
        deliver_due()
        time_machine.shift(4)
    return max(server.conversations - before[0], server.heard.count("MAIL") - before[1])


def test_many_emails_leave_over_one_connection(many, scripted):
    with scripted({}) as server:
        assert deliver_due() == 8
    assert (server.conversations, server.heard.count("QUIT")) == (1, 1)


@pytest.mark.parametrize("script", [{"DATA": "554 No"}, {".": "554 No"}, {"RCPT": "550 No"}])
def test_a_refused_email_leaves_the_connection_to_the_others(many, scripted, script):
    with scripted(script, times=2) as server:
        assert deliver_due() == 6
    assert server.conversations == 1


@pytest.mark.parametrize("script", [{"DATA": Trouble.DROP}, {"RSET": Trouble.DROP}])
def test_a_broken_connection_is_replaced(many, scripted, script):
    with scripted(script, times=1) as server:
        assert deliver_due() == 8 - ("DATA" in script)
    assert server.conversations == 2


def test_a_server_with_a_limit_for_each_connection_gets_a_new_one(many, scripted, monkeypatch):
    monkeypatch.setattr("clinic_site.web.mail.SMTPBackend.most_messages", 3)
    with scripted({}) as server:
        assert deliver_due() == 8
    assert server.conversations == 3


def test_a_server_that_ends_a_used_connection_is_asked_again_once(many, mail_server):
    """It says 421 to the third message of each connection; the sender learns that."""
    refused = []

    async def at_most_two(server, session, envelope, address, options):
        session.count = getattr(session, "count", 0) + 1
        if session.count > 2:
            refused.append(address)
            return "421 Too many messages over this connection"
        envelope.mail_from = address
        return "250 OK"

    mail_server.handler.handle_MAIL = at_most_two
    assert deliver_due() == 8
    assert len(refused) == 1


@pytest.mark.parametrize("stage", ["", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_answers_421_gets_at_most_five_attempts_a_minute(
    many, scripted, time_machine, stage
):
    time_machine.move_to(timezone.now(), tick=False)
    with scripted({stage: "421 Too many"}, times=1000) as server:
        for _ in range(2):
            assert 1 <= attempts_in_a_minute(server, time_machine) <= 5
        server.times = 0
        time_machine.shift(3600)
        assert deliver_due() == Delivery.objects.count()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "."])
def test_three_temporary_refusals_in_a_row_are_the_server_s(many, scripted, time_machine, stage):
    time_machine.move_to(timezone.now(), tick=False)
    with scripted({stage: "450 Slow down"}, times=1000) as server:
        assert deliver_due() == 0
        assert server.heard.count("MAIL") == MOST_POSTPONED
        time_machine.shift(60)
        assert 1 <= attempts_in_a_minute(server, time_machine) <= 5
        server.times = 0
        time_machine.shift(3600)
        assert deliver_due() == Delivery.objects.count()


def test_no_log_and_no_error_repeats_the_address_in_a_refusal(many, mail_server, caplog):
    for address in ("desk@clinic.example", "pt@clinic.example"):
        mail_server.replies[address] = f"450 4.2.0 <{address}>: Greylisted, {address} is new"
    assert deliver_due() == 0
    errors = " ".join(Delivery.objects.values_list("last_error", flat=True))
    assert "450 4.2.0" in caplog.text
    assert "@clinic.example" not in caplog.text + errors


def test_refusals_that_alternate_with_successes_are_not_the_server_s(many, mail_server):
    mail_server.replies["pt@clinic.example"] = "452 Mailbox full"
    assert deliver_due() == 4
    assert not SenderHeartbeat.objects.current().server_failures


def test_a_full_mailbox_holds_its_own_emails_alone(clinic, mail_server):
    mail_server.replies["pt@clinic.example"] = "452 Mailbox full"
    clinic.recipients.create(address="pt@clinic.example")
    make("desk")
    for number in range(4):
        make(str(number), ["pt@clinic.example"])
    assert deliver_due() == 0
    SenderHeartbeat.objects.update(failed_at=timezone.now() - MINUTE / 3)
    assert deliver_due() == 1


def test_new_enquiries_leave_before_the_backlog(many, mail_server):
    now = timezone.now()
    Delivery.objects.update(next_attempt_at=now - MINUTE)
    new = make("new")
    assert deliver_due() == 9
    assert mail_server.messages[0][1]["Subject"].endswith(new.reference)


def test_a_backlog_does_not_go_before_an_enquiry_when_the_server_is_back(many, mail_server):
    mail_server.stop()
    deliver_due()
    new = make("new")
    mail_server.start()
    SenderHeartbeat.objects.update(failed_at=timezone.now() - MINUTE)
    assert deliver_due() == 9
    assert mail_server.messages[0][1]["Subject"].endswith(new.reference)


def test_no_more_emails_leave_in_a_minute_than_the_clinic_allows(
    many, mail_server, settings, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    settings.EMAIL_PER_MINUTE = 3
    assert [deliver_due(), deliver_due()] == [3, 0]
    time_machine.shift(30)
    assert deliver_due() == 0
    time_machine.shift(31)
    assert [deliver_due(), deliver_due()] == [3, 0]
    time_machine.shift(-3600)  # a clock that was ahead
    assert deliver_due() == 2
