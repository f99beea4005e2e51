"""Kills of web server and sender while enquiries come in: what is lost, what is mailed twice."""

import time

from django.conf import settings
from django.db import connection

from tests.bench.own_site import database_settings
from tests.bench.report import Report
from tests.faults import kills
from tests.faults.site import SiteInParts


def add_arguments(parser):
    parser.add_argument("--times", type=int, default=1000, help="how many kills")
    parser.add_argument("--port", type=int, help="where the site listens; a free one else")


def run(options):
    folder = settings.VAR_DIR / "faults"
    folder.mkdir()
    started = time.monotonic()
    with SiteInParts(folder, options.port, **database_settings()) as site:
        with site.people() as people:
            killed = kills.kill_parts(site, options.times)
        outcome = site.outcome_of(people)
    minutes = (time.monotonic() - started) / 60
    kinds = ", ".join(f"{kind} {times}" for kind, times in sorted(killed.items()))
    report = Report(
        f"{connection.vendor}, {minutes:.1f} minutes; kills: {kinds}",
        ("kills", "answered", "stored", "mailed", "mailed twice", "stored twice", "lost"),
    )
    report.add(
        killed.total(),
        outcome.answered,
        outcome.stored,
        outcome.mailed,
        outcome.twice,
        len(outcome.doubled),
        len(outcome.lost),
    )
    report.promise(not outcome.lost, f"nothing is lost: {outcome.lost[:5]}")
    report.promise(not outcome.doubled, f"one form is one enquiry: {outcome.doubled[:5]}")
    report.promise(
        outcome.twice <= kills.count_of_sender(killed), "at most one notice a kill goes out twice"
    )
    report.promise(not outcome.unsent, f"every answer is the sent page: {dict(outcome.unsent)}")
    return report
