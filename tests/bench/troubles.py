"""A database locked, on a full or a read-only disk, or gone: what people see, and what is lost."""

from contextlib import nullcontext

from django.conf import settings
from django.db import connection

from tests.bench.own_site import database_settings
from tests.bench.report import Report
from tests.faults.site import SiteInParts
from tests.faults.troubles import ON_POSTGRESQL, ON_SQLITE, run_through, small_disk

LONGEST_ANSWER = 6  # seconds; the lock is waited for 5
LONGEST_RETURN = 5  # seconds


def add_arguments(parser):
    parser.add_argument("--seconds", type=int, default=60, help="how long each trouble lasts")
    parser.add_argument("--port", type=int, help="where the site listens; a free one else")


def run(options):
    folder = settings.VAR_DIR / "faults"
    folder.mkdir()
    is_sqlite = connection.vendor == "sqlite"
    report = Report(
        f"{connection.vendor}, {options.seconds} seconds each; nothing is restarted afterwards",
        ("trouble", "sent pages", "503s", "slowest s", "back after s", "mailed twice", "lost"),
    )
    disk = small_disk(folder / "var") if is_sqlite else nullcontext()
    with disk, SiteInParts(folder, options.port, **database_settings()) as site:
        for name, trouble in (ON_SQLITE if is_sqlite else ON_POSTGRESQL).items():
            outcome, back_after = run_through(site, trouble, options.seconds)
            told = outcome.unsent.pop(503, 0)
            report.add(
                name,
                outcome.answered,
                told,
                outcome.slowest,
                back_after,
                outcome.twice,
                len(outcome.lost),
            )
            report.promise(told, f"{name}: it is told")
            report.promise(not outcome.unsent, f"{name}: only by 503: {dict(outcome.unsent)}")
            report.promise(outcome.slowest < LONGEST_ANSWER, f"{name}: answered in time")
            report.promise(back_after < LONGEST_RETURN, f"{name}: back in time")
            report.promise(not outcome.lost, f"{name}: nothing is lost: {outcome.lost[:5]}")
            report.promise(not outcome.twice, f"{name}: nothing is mailed twice")
    return report
