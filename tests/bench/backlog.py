"""Many waiting notifications and one sender: how fast they leave, and how soon a new one does."""

import os
import subprocess
import time
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.utils import timezone

from contact.models import Clinic, Delivery, Enquiry
from tests.bench.own_site import database_settings, make_site
from tests.bench.report import Report
from tests.mail_server import Handler, MailServer
from tests.running_site import ROOT, environment, part

FASTEST = 50  # emails a second, at least
SOONEST = 10  # seconds for a new enquiry, at most
BETWEEN = 2  # seconds between two new enquiries


class TimingHandler(Handler):
    """Keeps when the email about each reference came, in place of the email."""

    def __init__(self):
        super().__init__()
        self.came_at, self.connections, self.twice = {}, 0, 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        line = next(one for one in envelope.content.splitlines() if one.startswith(b"Subject:"))
        reference = line.rpartition(b" ")[2].decode()
        self.twice += reference in self.came_at
        self.came_at[reference] = time.monotonic()
        return "250 Taken"


def store_backlog(waiting):
    """Store that many enquiries, each with a notification that waits."""
    enquiries = [
        Enquiry(
            reference=f"B{number:05}",
            token=f"{number:022}",
            submission_key=f"key {number}",
            name=f"Ana {number}",
            email="ana@mail.example",
        )
        for number in range(waiting)
    ]
    enquiries = Enquiry.objects.bulk_create(enquiries, batch_size=500)
    (address,) = Clinic.objects.current().notification_addresses()
    Delivery.objects.bulk_create(
        (Delivery(enquiry=enquiry, address=address) for enquiry in enquiries), batch_size=500
    )
    return address


@contextmanager
def sender(port):
    """Run the sender as a process of its own, which hands its mail to a port."""
    url = f"smtp://127.0.0.1:{port}"
    place = {"DEVELOPMENT": 1, "VAR_DIR": settings.VAR_DIR, "SITE_URL": settings.SITE_URL}
    process = subprocess.Popen(
        part("sender"),
        cwd=ROOT,
        env=environment(EMAIL_URL=url, **place, **database_settings()),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def send_all(waiting):
    """Let a backlog leave, with new enquiries all the while.

    Returns:
        The handler, the seconds of the backlog, and for each new enquiry the seconds until it left.
    """
    address = store_backlog(waiting)
    stored_at = {}
    with MailServer() as server:
        server.handler = server.controller.handler = handler = TimingHandler()
        with sender(server.port):
            ends_at = time.monotonic() + 60 + waiting / 10
            while len(handler.came_at) < waiting + len(stored_at) and time.monotonic() < ends_at:
                if handler.came_at and len(handler.came_at) < waiting:
                    key = f"new {len(stored_at)}"
                    typed = {"name": "Ana", "email": "ana@mail.example"}
                    new = Enquiry.objects.create_once(typed, key, [address])
                    stored_at[new.reference] = time.monotonic()
                time.sleep(BETWEEN)
    assert len(handler.came_at) == waiting + len(stored_at), "they do not leave"
    came = [moment for one, moment in handler.came_at.items() if one not in stored_at]
    waits = [handler.came_at[one] - moment for one, moment in stored_at.items()]
    return handler, max(came) - min(came), waits


def add_arguments(parser):
    parser.add_argument("--waiting", type=int, default=10_000, help="notifications that wait")


def run(options):
    make_site()
    began_at = timezone.now()
    handler, seconds, waits = send_all(options.waiting)
    assert Delivery.objects.filter(accepted_at__gt=began_at).count() == len(handler.came_at)
    rate = options.waiting / seconds
    report = Report(
        f"A backlog of notifications and one sender, {connection.vendor}, {os.cpu_count()} cores",
        ("waiting", "a second", "connections", "new ones", "slowest new s", "mailed twice"),
    )
    row = (options.waiting, rate, handler.connections, len(waits), max(waits), handler.twice)
    report.add(*row)
    report.promise(rate >= FASTEST, f"at least {FASTEST} a second leave")
    report.promise(max(waits) <= SOONEST, f"a new enquiry's leaves within {SOONEST} seconds")
    report.promise(not handler.twice, "nothing is mailed twice")
    return report
