"""Sends the notices of enquiries: for ever, or what is due now with --once."""

import logging
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from queue import Empty, SimpleQueue

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error, connections
from django.utils import timezone

from contact.models import SenderHeartbeat
from contact.outbox import alarm
from contact.outbox.digest import send_digest
from contact.outbox.sender import deliver_due, escalate, in_words, reconcile

logger = logging.getLogger(__name__)

POLL_SECONDS = 1
HEARTBEAT_SECONDS = 30
RECONCILE_SECONDS = 300
WATCH_SECONDS = 60
PURGE_SECONDS = LINKS_SECONDS = 24 * 60 * 60
LINKS_FIRST_SECONDS = 60  # so that senders that start and die leave no processes behind
SQLITE_TIMEOUT = 20  # seconds; the sender can wait for the lock longer than a patient


class Every:
    """Says yes at the first call, or after `first` seconds, and then once in so many seconds."""

    def __init__(self, seconds, first=0):
        self.seconds = seconds
        self.next_at = time.monotonic() + first

    def __bool__(self):
        now = time.monotonic()
        if now < self.next_at:
            return False
        self.next_at = now + self.seconds
        return True


def digest():
    """Send the digest when it is time; a mail server that is away never stops the notices."""
    try:
        send_digest(timezone.now())
    except Error:
        raise
    except Exception as error:
        logger.warning("digest: %s", in_words(error))


def remind():
    """Send the reminders that are new; a mail server that is away stops nothing."""
    for name in ("remind_of_reviews", "remind_of_register"):
        try:
            call_command(name)
        except Error:
            raise
        except Exception as error:
            logger.warning("%s: %s", name, in_words(error))


def watch():
    """Raise the alarm when it is due; a second mail server that is away stops nothing either."""
    try:
        alarm.watch(timezone.now())
    except alarm.NoSecondWayError:
        pass  # the owner chose to have none
    except Exception as error:
        logger.warning("alarm: %s", in_words(error))


def check_links():
    """Check links in a process of its own: it delays no notice, and its memory is given back."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "check_links"]
    subprocess.run(command, stdout=subprocess.DEVNULL)


class Command(BaseCommand):
    help = "Send waiting enquiry notices; runs until stopped, or once with --once for a timer."
    requires_system_checks = []  # nothing they find is a reason to send no mail

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args, once, **options):
        database = connections["default"]
        if database.vendor == "sqlite":
            database.settings_dict["OPTIONS"]["timeout"] = SQLITE_TIMEOUT
        if once:
            reconcile()
            escalate(timezone.now())
            digest()
            remind()
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
        """Work until something stands in the queue; what is under way is finished first."""
        is_beat_due, is_reconcile_due = Every(HEARTBEAT_SECONDS), Every(RECONCILE_SECONDS)
        is_purge_due, is_watch_due = Every(PURGE_SECONDS), Every(WATCH_SECONDS)
        is_links_due = Every(LINKS_SECONDS, LINKS_FIRST_SECONDS)
        while stops.empty():
            try:
                if is_beat_due:
                    SenderHeartbeat.objects.beat()
                if is_reconcile_due:
                    reconcile()
                    escalate(timezone.now())
                    digest()
                    remind()
                deliver_due(lambda: not stops.empty(), HEARTBEAT_SECONDS)
                if is_purge_due:
                    call_command("purge_enquiries", stdout=self.stdout)
                    call_command("purge_sign_ins", stdout=self.stdout)
                    call_command("empty_bin", stdout=self.stdout)
                if is_links_due:
                    threading.Thread(target=check_links, daemon=True).start()
            except Exception as error:  # the database is away, most likely: it will be back
                # Its words may hold what was typed; class and place do not.
                place = traceback.extract_tb(error.__traceback__)[-1]
                logger.error("%s at %s:%s", type(error).__name__, place.filename, place.lineno)
                connections.close_all()
            if is_watch_due:
                watch()
            with suppress(Empty):
                stops.get(timeout=POLL_SECONDS)
                return
