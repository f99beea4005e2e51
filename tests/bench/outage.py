"""Days without a mail server, by a moved clock: when the last of many notices leaves."""

from collections import Counter
from datetime import timedelta

import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from contact.models import Clinic, Delivery, Enquiry, SenderHeartbeat
from contact.outbox.sender import deliver_due
from tests.bench.own_site import make_site
from tests.bench.report import Report
from tests.mail_server import MailServer

PROMISE = timedelta(minutes=65)


def take(number):
    """Store an enquiry and return its reference."""
    typed = {"name": f"Ana {number}", "email": "ana@mail.example"}
    recipients = Clinic.objects.current().notification_addresses()
    return Enquiry.objects.create_once(typed, str(number), recipients).reference


def deliver_until(moment, traveller):
    """Let the sender's passes follow one another until `moment`, without the waits between.

    Returns:
        How many passes tried something.
    """
    passes = 0
    while (first := Delivery.objects.open().order_by("next_attempt_at").first()) and (
        first.next_attempt_at < moment
    ):
        traveller.move_to(max(timezone.now(), first.next_attempt_at))
        deliver_due()
        passes += 1
    return passes


def live_through(days, waiting, mail_server):
    """Take enquiries, stay without the mail server for days, and deliver when it is back.

    Returns:
        The tries meanwhile, the time from the server's return to the last mail taken, and how
        often each reference was mailed, as a Counter with every reference in it.
    """
    with time_machine.travel(timezone.now()) as traveller:
        back_at = timezone.now() + timedelta(days=days)
        mailed = Counter({take(number): 0 for number in range(waiting)})
        mail_server.stop()
        tries = deliver_until(back_at, traveller)
        assert SenderHeartbeat.objects.get().server_failures == tries

        traveller.move_to(back_at)
        mail_server.start()
        deliver_until(back_at + timedelta(days=days), traveller)
        mailed.update(message["Subject"].rpartition(" ")[2] for _, message in mail_server.messages)
        return tries, Delivery.objects.last_accepted_at() - back_at, mailed


def add_arguments(parser):
    parser.add_argument("--days", type=int, default=7, help="days without the mail server")
    parser.add_argument("--waiting", type=int, default=200, help="enquiries that wait meanwhile")


def run(options):
    make_site()
    with MailServer() as mail_server:
        settings.EMAIL_BACKEND = "clinic_site.web.mail.SMTPBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
        tries, taken, mailed = live_through(options.days, options.waiting, mail_server)
    lost = sum(times == 0 for times in mailed.values())
    twice = sum(times > 1 for times in mailed.values())
    report = Report(
        f"{options.days} days without a mail server, {connection.vendor}",
        ("waiting", "tries meanwhile", "minutes to the last mail", "lost", "mailed twice"),
    )
    report.add(options.waiting, tries, taken / timedelta(minutes=1), lost, twice)
    report.promise(taken < PROMISE, "all leave within 65 minutes of the server's return")
    report.promise(not lost, "nothing is lost")
    report.promise(not twice, "nothing is mailed twice")
    return report
