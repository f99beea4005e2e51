"""Everything slow that staff do, beside five enquiries a second: waits for a lock, and memory."""

import os
import threading

from django.conf import settings
from django.db import connection

from tests.bench.cost import memory
from tests.bench.own_site import database_settings
from tests.bench.report import Report
from tests.faults.console import Console
from tests.faults.staff import PostgresqlLocks, SqliteLock, work_beside_patients
from tests.running_site import RunningSite

WAIT_PROMISE = 200  # milliseconds for a lock, on a machine that does nothing else
MEMORY_PROMISE = 400  # MB, of web server, sender and the process that decodes


def add_arguments(parser):
    parser.add_argument("--lines", type=int, default=20_000, help="of two versions compared")
    parser.add_argument("--photos", type=int, default=6, help="how many are uploaded at once")


class Memory(threading.Thread):
    """Watches the memory of a site's processes; `peak` is in MB."""

    def __init__(self, site):
        super().__init__()
        self.site, self.is_over, self.peak = site, threading.Event(), 0

    def run(self):
        while not self.is_over.wait(0.1):
            self.peak = max(self.peak, memory({os.getpgid(self.site.process.pid)}))


def run(options):
    folder = settings.VAR_DIR / "staff"
    folder.mkdir()
    with RunningSite(folder, **database_settings()) as site, Console(site) as console:
        if connection.vendor == "sqlite":
            locks = SqliteLock(site.var / "db.sqlite3")
        else:
            locks = PostgresqlLocks(os.environ["DATABASE_URL"])
        watch = Memory(site)
        watch.start()
        patients, done = work_beside_patients(
            site, console, locks, lines=options.lines, at_once=options.photos
        )
        watch.is_over.set()
        watch.join()
    title = (
        f"{connection.vendor}: {patients.answered} enquiries, the slowest answered in "
        f"{patients.slowest:.2f} s; at most {watch.peak:.0f} MB"
    )
    report = Report(title, ("what staff did", "status", "s", "longest wait for a lock, ms"))
    for name, status, seconds, wait in done:
        report.add(name, status, seconds, wait * 1000)
        report.promise(status in (200, 302), f"{name}: done")
        report.promise(wait * 1000 < WAIT_PROMISE, f"{name}: nobody waits {WAIT_PROMISE} ms")
    report.promise(not patients.unsent, f"no enquiry is refused: {dict(patients.unsent)}")
    report.promise(watch.peak < MEMORY_PROMISE, f"at most {MEMORY_PROMISE} MB in all")
    return report
