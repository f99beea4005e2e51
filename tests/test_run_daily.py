"""The jobs of a day: each by itself, and started once a day by the sender."""

import os
import time
from pathlib import Path
from queue import SimpleQueue

import pytest
from django.core.management import call_command

from clinic_site.management.commands import run_daily
from contact.management.commands import deliver_mail
from contact.management.commands.deliver_mail import DAILY_SECONDS, DailyJobs, daily_stamp
from contact.models import SenderHeartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def started(monkeypatch):
    """The commands that were started, each of which runs on."""
    commands = []

    class Process:
        def __init__(self, command, **options):
            commands.append(command)

        def poll(self):
            return None

        def terminate(self):
            commands.append("terminated")

        def wait(self):
            return 0

    monkeypatch.setattr("subprocess.Popen", Process)
    return commands


def test_every_job_of_a_day_runs(sample_site, mailoutbox, capsys):
    call_command("run_daily")
    words = capsys.readouterr().out
    assert [line.partition(":")[0] for line in words.splitlines()] == list(run_daily.JOBS)
    assert daily_stamp().exists()


def test_a_job_that_fails_stops_no_other_and_is_tried_again(sample_site, monkeypatch, caplog):
    done = []
    jobs = {"first": lambda: 1 / 0, "second": lambda: done.append(1)}
    monkeypatch.setattr(run_daily, "JOBS", jobs)
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    with pytest.raises(SystemExit):
        call_command("run_daily")
    assert done == [1]
    assert "Failed: first" in caplog.text
    assert not daily_stamp().exists()


def test_the_sender_starts_them_when_a_day_has_passed(started):
    daily_stamp().touch()
    DailyJobs().start()
    assert started == []
    yesterday = time.time() - DAILY_SECONDS - 1
    os.utime(daily_stamp(), (yesterday, yesterday))
    jobs = DailyJobs()
    jobs.start()
    jobs.start()  # the first is still running
    ((_, manage, command),) = started
    assert (Path(manage).name, command) == ("manage.py", "run_daily")


def test_the_sender_starts_them_after_a_while_and_ends_them_with_itself(started, monkeypatch):
    stops = SimpleQueue()
    monkeypatch.setattr(deliver_mail, "DAILY_FIRST_SECONDS", 0)
    monkeypatch.setattr(deliver_mail, "deliver_due", lambda *args: stops.put(1))
    deliver_mail.Command().run_until(stops)
    assert started[0][-1] == "run_daily"
    assert started[1] == "terminated"
    assert SenderHeartbeat.objects.current().seen_at


def test_a_job_of_the_sender_that_fails_stops_no_other(started, monkeypatch, caplog):
    stops = SimpleQueue()
    monkeypatch.setattr(deliver_mail, "complete_deliveries", lambda: 1 / 0)
    monkeypatch.setattr(deliver_mail, "deliver_due", lambda *args: stops.put(1))
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    deliver_mail.Command().run_until(stops)
    assert "could not finish a job" in caplog.text
