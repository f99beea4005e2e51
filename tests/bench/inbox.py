"""The inbox with very many enquiries: lists, search, a page and the export, in seconds."""

import time
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contact.models import Delivery, Enquiry
from tests.bench.own_site import make_site
from tests.bench.report import Report

BATCH = 2000
TIMES = 5
PROMISE = 1.0  # seconds for a list, a search or a page
LIST = reverse("admin:contact_enquiry_changelist")


def fill(number):
    """Store that many enquiries of the last two years, each with a notice that was taken."""
    now, state = timezone.now(), Enquiry.State
    states = [state.CLOSED] * 17 + [state.ANSWERED, state.SEEN, state.NEW]
    for start in range(0, number, BATCH):
        rows = [
            Enquiry(
                submission_key=str(one),
                reference=f"{one:06}",  # bulk_create() draws none
                token=f"{one:022}",
                name=f"Ana Sample {one}",
                email=f"ana{one}@mail.example",
                phone=f"+1905555{one % 10_000:04}",
                message="My shoulder hurts when I reach up. " * 3,
                state=states[one % len(states)],
                is_quarantined=one % 10 == 0,
                answer_by=now - timedelta(minutes=10 * one),
                received_at=now - timedelta(minutes=10 * one + 480),
            )
            for one in range(start, min(start + BATCH, number))
        ]
        Enquiry.objects.bulk_create(rows)
        Delivery.objects.bulk_create(
            Delivery(
                enquiry=row,
                address="desk@clinic.example",
                state=Delivery.State.ACCEPTED,
                accepted_at=row.received_at,
            )
            for row in rows
            if not row.is_quarantined
        )


def add_arguments(parser):
    parser.add_argument("--enquiries", type=int, default=100_000)


def median_of(ask):
    """Return the median seconds of some askings, and the queries of the last."""
    seconds = []
    for _ in range(TIMES):
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            assert ask().status_code == 200
            seconds.append(time.perf_counter() - started)
    return sorted(seconds)[TIMES // 2], len(queries)


def run(options):
    make_site()
    fill(options.enquiries)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.create_superuser("bench", password=None))
    browser.post(reverse("admin:contact_enquiry_search"), {"term": "Sample 4999"})
    page = reverse("admin:contact_enquiry_change", args=[Enquiry.objects.first().pk])
    report = Report(
        f"The inbox with {options.enquiries:,} enquiries, {connection.vendor}, medians of {TIMES}",
        ("page", "ms", "queries"),
    )
    for name, url in {
        "inbox": LIST,
        "new": f"{LIST}?list=new",
        "overdue": f"{LIST}?list=overdue",
        "no reply": f"{LIST}?list=no-reply",
        "spam": f"{LIST}?list=spam",
        "all": f"{LIST}?list=all",
        "all, last page": f"{LIST}?list=all&p={(options.enquiries - 1) // 50 + 1}",
        "search": f"{LIST}?list=found",
        "one enquiry": page,
        "front page": reverse("admin:index"),
    }.items():
        seconds, queries = median_of(lambda url=url: browser.get(url))
        report.add(name, seconds * 1000, queries)
        report.promise(seconds < PROMISE, f"{name}: under a second")
    export(browser, report)
    return report


def export(browser, report):
    """Add the export of all to a report: its first byte, and all of it."""
    first = Enquiry.objects.first().pk
    data = {"action": "export", "_selected_action": first, "select_across": 1, "index": 0}
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        parts = iter(browser.post(f"{LIST}?list=all", data).streaming_content)
        parts_of_first = [next(parts), next(parts), next(parts)]
        first_rows = time.perf_counter() - started
        size = sum(map(len, parts_of_first)) + sum(map(len, parts))
        seconds = time.perf_counter() - started
    report.add("export, first rows", first_rows * 1000, 0)
    report.add(f"export, {size / 1e6:.0f} MB", seconds * 1000, len(queries))
    report.promise(first_rows < PROMISE, "the export begins within a second")
