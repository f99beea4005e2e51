"""Sends mail about enquiries: until it is stopped, or what is due now with --once."""

import logging
import signal
import subprocess
import sys
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone

from contact.models import SenderHeartbeat
from contact.outbox import alarm
from contact.outbox.sender import deliver_due, describe_error, escalate, reconcile

logger = logging.getLogger(__name__)

POLL_SECONDS = 1
HEARTBEAT_SECONDS = 30
COMPLETE_SECONDS = 300
WATCH_SECONDS = 60
DAILY_FIRST_SECONDS = 60  # so that a sender that keeps dying starts nothing else
DAILY_TRY_SECONDS = 60 * 60
DAILY_SECONDS = 25 * 60 * 60  # a timer that runs each day comes first
SQLITE_TIMEOUT = 20  # seconds; the sender can wait for the lock longer than a patient


def watch():
    """Send the alarm when it is due; a second mail server that is down stops nothing."""
    try:
        alarm.watch(timezone.now())
    except alarm.NotConfiguredError:
        pass  # the owner chose to have none
    except Exception as error:
        logger.warning("alarm: %s", describe_error(error))


def complete_deliveries():
    """Create the deliveries that are missing, and the reminders of late answers."""
    reconcile()
    escalate(timezone.now())


def daily_stamp():
    """Return the path of the file that says by its time when all daily jobs last succeeded."""
    return settings.VAR_DIR / "daily.stamp"


class DailyJobs:
    """`manage.py run_daily` in a process of its own: it delays no mail, and its memory is freed."""

    process = None

    def start(self):
        """Start it when its last success is a day old; the caller asks again after an hour."""
        with suppress(FileNotFoundError):
            if time.time() - daily_stamp().stat().st_mtime < DAILY_SECONDS:
                return
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_daily"]
            # In a group of its own, Ctrl-C does not reach it: the sender stops it.
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, process_group=0)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


class Command(BaseCommand):
    help = "Send mail about enquiries until stopped; with --once, send what is due and end."
    requires_system_checks = []  # no finding is a reason to send no mail

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args, once, **options):
        database = connections["default"]
        if database.vendor == "sqlite":
            database.settings_dict["OPTIONS"]["timeout"] = SQLITE_TIMEOUT
        if once:
            complete_deliveries()
            SenderHeartbeat.objects.beat()
            watch()
            self.stdout.write(f"{deliver_due()} handed to the mail server")
            return
        # An Event has a lock, and a signal that comes while it is held would wait for ever.
        stops = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stops.put(number))
        self.run_until(stops)

    def run_until(self, stops):
        """Work until something stands in the queue; a mail that is being sent is finished first."""

        def deliver():
            deliver_due(lambda: not stops.empty(), HEARTBEAT_SECONDS)

        daily = DailyJobs()
        jobs = {
            SenderHeartbeat.objects.beat: HEARTBEAT_SECONDS,
            complete_deliveries: COMPLETE_SECONDS,
            deliver: 0,
            daily.start: DAILY_TRY_SECONDS,
            watch: WATCH_SECONDS,
        }
        next_at = dict.fromkeys(jobs, time.monotonic())
        next_at[daily.start] += DAILY_FIRST_SECONDS
        try:
            while stops.empty():
                for job, seconds in jobs.items():
                    if time.monotonic() >= next_at[job]:
                        next_at[job] = time.monotonic() + seconds
                        self.run_safely(job)
                with suppress(Empty):
                    stops.get(timeout=POLL_SECONDS)
                    return
        finally:
            daily.stop()

    def run_safely(self, job):
        """Run a job; when it fails, most likely because the database is down, log the place."""
        try:
            job()
        except Exception:
            logger.exception("The sender could not finish a job.")
            connections.close_all()
