"""The alarm: mailed once by the second server, again while it lasts, and when it is over."""

import errno
import threading
from datetime import timedelta
from queue import SimpleQueue

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from contact.management.commands.deliver_mail import Command
from contact.models import Delivery, SenderHeartbeat
from contact.outbox import alarm
from contact.outbox.sender import deliver_due
from tests.enquiries import make
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def second_way(settings, tmp_path, monkeypatch):
    """A second mail server, beside the first."""
    monkeypatch.setattr(alarm, "unstored", [])
    with MailServer() as server:
        settings.VAR_DIR = tmp_path
        settings.ALARM_TO = ["owner@private.example"]
        settings.ALARM_FROM = "alarm@other.example"
        settings.ALARM_EMAIL = {
            "EMAIL_BACKEND": "clinic_site.web.mail.SMTPBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": server.port,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
        }
        yield server


@pytest.fixture
def late(clinic):
    """An enquiry whose email has been waiting for 20 minutes."""
    SenderHeartbeat.objects.beat()
    return make(received_at=timezone.now() - timedelta(minutes=20))


def subjects(server):
    return [message["Subject"] for _, message in server.messages]


BEGUN = "Website: enquiries are not reaching you"
OVER = "Website: enquiries are reaching you again"


def test_alarm_is_told_once_again_while_it_lasts_and_when_it_is_over(
    second_way, mail_server, late, monkeypatch
):
    mail_server.replies["MAIL"] = "451 not now"
    deliver_due()
    now = timezone.now()
    monkeypatch.setattr("contact.outbox.health.SILENT", 100 * HOUR)
    for moment in (now, now + HOUR, now + 3.9 * HOUR):
        assert alarm.watch(moment)
    assert subjects(second_way) == [BEGUN]
    alarm.watch(now + 4 * HOUR)
    assert subjects(second_way) == [BEGUN, BEGUN]

    Delivery.objects.update(next_attempt_at=now)
    mail_server.replies.clear()
    assert deliver_due() == 1
    for hours in (5, 6):
        assert not alarm.watch(now + hours * HOUR)
    assert subjects(second_way) == [BEGUN, BEGUN, OVER]
    assert not alarm.path().exists()


def test_alarm_says_what_to_do_and_nothing_of_a_patient(second_way, late):
    alarm.watch(timezone.now())
    ((recipients, message),) = second_way.messages
    assert recipients == ["owner@private.example"]
    assert message["From"] == "alarm@other.example"
    text = message.get_content()
    assert "1 enquiry email has been waiting" in text
    assert "/admin/contact/enquiry/" in text
    assert not [word for word in ("Zebra", "zebra", "0111", late.reference) if word in str(message)]


def test_alarm_is_told_later_when_the_second_way_is_shut_too(second_way, late):
    second_way.stop()
    with pytest.raises(OSError, match=r"refused|Connection"):
        alarm.watch(timezone.now())
    second_way.start()
    alarm.watch(timezone.now())
    assert subjects(second_way) == [BEGUN]


@pytest.mark.parametrize("failing", ["pathlib.Path.touch", "pathlib.Path.unlink", "os.utime"])
def test_a_disk_that_takes_no_file_gets_one_alarm_in_four_hours(
    second_way, late, monkeypatch, failing
):
    def refuse(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(failing, refuse)
    monkeypatch.setattr("contact.outbox.health.SILENT", 100 * HOUR)
    now = timezone.now()
    for minutes in (0, 1, 2, 239):
        alarm.watch(now + timedelta(minutes=minutes))
    assert subjects(second_way) == [BEGUN]
    alarm.watch(now + 4 * HOUR)
    late.delete()
    for minutes in (241, 242):
        alarm.watch(now + timedelta(minutes=minutes))
    assert subjects(second_way) == [BEGUN, BEGUN, OVER]


def test_the_alarm_s_file_needs_no_room_on_the_disk(second_way, late):
    """Another process, such as a timer's check_service, reads it there."""
    alarm.watch(timezone.now())
    assert alarm.path().stat().st_size == 0
    assert alarm.unstored == []


def test_the_alarm_does_not_wait_for_a_clock_that_was_ahead(second_way, late):
    alarm.watch(timezone.now() + 72 * HOUR)
    alarm.watch(timezone.now())
    assert subjects(second_way) == [BEGUN, BEGUN]


def test_a_dead_database_is_told_too(second_way, monkeypatch):
    def away(now):
        raise OperationalError("no such host, password secret")

    monkeypatch.setattr(alarm, "service_state", away)
    assert alarm.watch(timezone.now()) == ("The database cannot be read (OperationalError).",)
    assert "secret" not in second_way.messages[0][1].get_content()


def test_the_sender_raises_the_alarm_by_itself(second_way, mail_server, late):
    mail_server.stop()
    call_command("deliver_mail", "--once")
    assert subjects(second_way) == [BEGUN]


def test_a_sender_that_waits_for_the_database_still_raises_the_alarm(clinic, monkeypatch):
    """It waits to mark what was sent, for as long as the disk is full."""
    stops, is_raised = SimpleQueue(), threading.Event()

    def wait_for_the_alarm(*_):
        is_raised.wait(5)
        stops.put("over")

    command = "contact.management.commands.deliver_mail"
    monkeypatch.setattr(f"{command}.WATCH_SECONDS", 0.01)
    monkeypatch.setattr(f"{command}.watch", is_raised.set)
    monkeypatch.setattr(f"{command}.deliver_due", wait_for_the_alarm)
    Command().run_until(stops)
    assert is_raised.is_set()


def test_the_sender_needs_no_second_way(mail_server, late, settings, tmp_path):
    settings.ALARM_EMAIL, settings.VAR_DIR = {}, tmp_path
    mail_server.replies["MAIL"] = "451 not now"
    call_command("deliver_mail", "--once")
    mail_server.replies.clear()
    Delivery.objects.update(next_attempt_at=timezone.now())
    call_command("deliver_mail", "--once")
    assert len(mail_server.messages) == 1


def check_service(*arguments):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        call_command("check_service", *arguments)
    return ended.value.code


def test_check_service_says_how_it_stands(second_way, late, capsys):
    assert check_service() == 1
    assert "1 enquiry email has been waiting" in capsys.readouterr().out
    assert not second_way.messages
    assert check_service("--alarm") == 1
    assert subjects(second_way) == [BEGUN]
    Delivery.objects.all().delete()
    late.delete()
    assert check_service("--alarm") == 0
    assert "Enquiries reach people." in capsys.readouterr().out
    assert subjects(second_way) == [BEGUN, OVER]


def test_check_service_names_what_is_missing(late, settings, tmp_path, capsys):
    settings.ALARM_EMAIL, settings.VAR_DIR = {}, tmp_path
    assert check_service("--alarm") == 2
    assert "ALARM_EMAIL_URL" in capsys.readouterr().err


def test_check_service_says_that_the_second_way_is_shut(second_way, late, capsys):
    second_way.stop()
    assert check_service("--alarm") == 1
    assert "could not be mailed" in capsys.readouterr().err
