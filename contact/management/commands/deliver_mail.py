"""Sends mail about enquiries: until it is stopped, or what is due now with --once."""

import logging
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone

from contact.models import SenderHeartbeat
from contact.outbox import alarm
from contact.outbox.sender import deliver_due, describe_error, escalate, reconcile

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 30
WATCH_SECONDS = 60  # between two looks for trouble
DAILY_FIRST_SECONDS = 60  # so that a sender that keeps dying starts nothing else
DAILY_SECONDS = 25 * 60 * 60  # a timer that runs each day comes first


def watch():
    """Send the alarm when it is due; a second mail server that is down stops nothing."""
    try:
        with suppress(alarm.NotConfiguredError):  # the owner chose to have none
            alarm.watch(timezone.now())
    except Exception as error:
        logger.warning("alarm: %s", describe_error(error))


def watch_until(is_over):
    """Watch in a thread, which neither a full disk nor a slow mail server holds up."""
    while not is_over.wait(WATCH_SECONDS):
        watch()
        connections.close_all()  # one that breaks meanwhile would look like a broken database


def complete_deliveries():
    """Create missing enquiry emails, for the recipients of now, and reminders of late answers."""
    reconcile()
    escalate(timezone.now())


def daily_stamp():
    """Return the path of a file whose time says when all daily jobs last succeeded."""
    return settings.VAR_DIR / "daily.stamp"


class DailyJobs:
    """Runs `manage.py run_daily` in another process, so that it delays no mail."""

    process = None

    def start(self):
        """Start it when its last success is a day old."""
        with suppress(FileNotFoundError):
            if abs(time.time() - daily_stamp().stat().st_mtime) < DAILY_SECONDS:
                return
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_daily"]
            # In another process group, so that Ctrl-C reaches the sender alone, which stops it.
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, process_group=0)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def run_safely(job):
    """Run a job; log a failure, which is most likely a database that is down."""
    try:
        job()
    except Exception:
        logger.exception("The sender could not finish a job.")
        connections.close_all()


class Command(BaseCommand):
    help = "Send mail about enquiries until stopped; with --once, send what is due and end."
    requires_system_checks = []  # no finding is a reason to send no mail

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args, once, **options):
        database = connections["default"]
        if database.vendor == "sqlite":  # the sender can wait for the lock longer than a patient
            database.settings_dict["OPTIONS"]["timeout"] = 20
        if once:
            complete_deliveries()
            SenderHeartbeat.objects.beat()
            watch()
            self.stdout.write(f"{deliver_due()} handed to the mail server")
            return
        # Not an Event: a signal that arrives while its lock is held would wait for ever.
        stops = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stops.put(number))
        self.run_until(stops)

    def run_until(self, stops):
        """Work until something is in the queue; finish the mail that is being sent first."""
        daily, is_over = DailyJobs(), threading.Event()
        threading.Thread(target=watch_until, args=[is_over], daemon=True).start()
        jobs = {  # and the seconds between two runs
            SenderHeartbeat.objects.beat: HEARTBEAT_SECONDS,
            complete_deliveries: HEARTBEAT_SECONDS,
            partial(deliver_due, lambda: not stops.empty(), HEARTBEAT_SECONDS): 0,
            daily.start: 60 * 60,
        }
        next_at = dict.fromkeys(jobs, time.monotonic())
        next_at[daily.start] += DAILY_FIRST_SECONDS
        try:
            while stops.empty():
                for job, seconds in jobs.items():
                    if time.monotonic() >= next_at[job]:
                        next_at[job] = time.monotonic() + seconds
                        run_safely(job)
                with suppress(Empty):
                    stops.get(timeout=1)
                    return
        finally:
            is_over.set()
            daily.stop()
