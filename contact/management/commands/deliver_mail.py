"""Sends the notices of enquiries: for ever, or what is due now with --once."""

import signal
import threading

from django.core.management.base import BaseCommand
from django.db import Error, connections

from contact.outbox import deliver_due

POLL_SECONDS = 1
SQLITE_TIMEOUT = 20  # seconds; the sender can wait for the lock longer than a patient


class Command(BaseCommand):
    help = "Send waiting enquiry notices; runs until stopped, or once with --once for a timer."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args, once, **options):
        database = connections["default"]
        if database.vendor == "sqlite":
            database.settings_dict["OPTIONS"]["timeout"] = SQLITE_TIMEOUT
        if once:
            self.stdout.write(f"{deliver_due()} handed to the mail server")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                deliver_due(stop.is_set)
            except Error as error:  # the database is away or locked: it will be back
                self.stderr.write(f"database: {type(error).__name__}")
                connections.close_all()
            stop.wait(POLL_SECONDS)
