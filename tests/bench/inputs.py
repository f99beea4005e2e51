"""Generated input in every field, path and parameter: never an answer of 500."""

import time
from collections import Counter

import hypothesis
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from contact.models import Clinic, Delivery, Enquiry
from contact.outbox.messages import message_of
from tests.bench.own_site import make_site
from tests.bench.report import Report
from tests.naughty import addresses, enquiries

KEEP_AT_MOST = 500  # enquiries at a time: with many, counting spam is what is measured


def add_arguments(parser):
    parser.add_argument("--inputs", type=int, default=100_000, help="how many, of both kinds")


def tried(times, strategy, ask):
    """Ask with generated input and return the answers by status and the first fault, if any."""
    answers, faults = Counter(), []

    @hypothesis.settings(
        max_examples=times,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def test(drawn):
        status = ask(drawn)
        answers[status] += 1
        assert status != 500, repr(drawn)

    try:
        test()
    except Exception as fault:
        faults.append(f"{type(fault).__name__}: {fault}"[:2000])
    return answers, faults


def send(browser, drawn):
    """Post an enquiry; what is taken must make a mail."""
    status = browser.post("/contact/", drawn).status_code
    if status == 302:
        newest = Enquiry.objects.order_by("-pk").first()
        delivery = Delivery(enquiry=newest, address="desk@clinic.example")
        message_of(delivery, Clinic.objects.current()).message().as_bytes()
        if newest.pk % KEEP_AT_MOST == 0:
            Enquiry.objects.all().delete()
    return status


def run(options):
    make_site()
    anybody, staff = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    staff.force_login(
        User.objects.create_superuser("bench", password=None),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    report = Report(
        f"{options.inputs:,} generated inputs, {connection.vendor}",
        ("kind", "inputs", "seconds", "answers"),
    )
    for name, part, strategy, ask in (
        ("enquiries", 0.6, enquiries(), lambda drawn: send(anybody, drawn)),
        ("pages", 0.2, addresses(), lambda drawn: anybody.get(*drawn).status_code),
        ("pages, signed in", 0.2, addresses(), lambda drawn: staff.get(*drawn).status_code),
    ):
        started = time.perf_counter()
        answers, faults = tried(round(options.inputs * part), strategy, ask)
        seconds = time.perf_counter() - started
        words = ", ".join(f"{status}: {number:,}" for status, number in sorted(answers.items()))
        report.add(name, answers.total(), seconds, words)
        for fault in faults:
            report.promise(False, f"{name}: {fault}")
    return report
