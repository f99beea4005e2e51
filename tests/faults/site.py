"""A site whose parts can be ended and started one by one, and what becomes of its enquiries."""

import itertools
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from os import killpg
from pathlib import Path

from tests.faults.console import Console
from tests.faults.people import Poster, Reader
from tests.faults.slow_mail import SlowMailHandler
from tests.mail_server import MailServer
from tests.running_site import ROOT, RunningSite, ask, part

POSTERS = 2
PATIENCE = 30  # seconds for what should come about soon
DRAIN_SECONDS = 120

# As if the leases of killed senders and every back-off were over, which takes minutes.
FREE = """
from django.utils import timezone
from contact.models import Delivery, SenderHeartbeat
Delivery.objects.exclude(leased_until=None).update(leased_until=timezone.now())
Delivery.objects.open().update(next_attempt_at=timezone.now())
SenderHeartbeat.objects.update(server_failures=0)
"""
STORED = """
from django.db import connection
from contact.models import Enquiry
rows = Enquiry.objects.values_list("name", "token", "reference")
result = connection.vendor, list(rows)
"""


@dataclass(frozen=True)
class Outcome:
    """What happened to the enquiries.

    Attributes:
        answered: how many sent pages were promised.
        stored: how many enquiries there are.
        mailed: how many of them a mail server took.
        twice: how many notices went out more than once.
        lost: the addresses of sent pages without an enquiry, and references never mailed.
        doubled: names of patients whose form, sent again, was stored twice.
        unsent: answers to a form that were no sent page, by what they were.
        read: answers to who only read, by status.
        slowest: seconds of the slowest answer.
    """

    answered: int
    stored: int
    mailed: int
    twice: int
    lost: list
    doubled: list
    unsent: Counter
    read: Counter
    slowest: float


class SiteInParts:
    """Web server and mail sender as processes of their own; use as a context manager.

    Args:
        folder: an empty folder; its var/ may be there already.
        port: where it listens; a free one by default.
        settings: further environment variables, like DATABASE_URL.

    Attributes:
        web, sender: the two processes.
        mail: the MailServer that the sender hands notices to.
        console: a Console of its settings.
        armed: the folder of armed crash points.
    """

    def __init__(self, folder, port=None, **settings):
        self.folder, self.port, self.settings = folder, port, settings
        self.armed = folder / "armed"
        self.opened = ExitStack()
        self.web = self.sender = None
        self.numbers = itertools.count()

    def __enter__(self):
        self.armed.mkdir()
        self.mail = MailServer()
        self.mail.handler = SlowMailHandler()
        self.opened.enter_context(self.mail)
        mail_url = f"smtp://127.0.0.1:{self.mail.port}"
        self.site = RunningSite(self.folder, port=self.port, EMAIL_URL=mail_url, **self.settings)
        self.site.prepare()
        self.url, self.var = self.site.url, self.site.var
        self.log = self.opened.enter_context((self.folder / "parts.log").open("w"))
        self.console = self.opened.enter_context(Console(self.site))
        self.start_web()
        self.start_sender()
        wait_for(self.is_up)
        return self

    def __exit__(self, *_):
        kill(self.web)
        kill(self.sender)
        self.opened.close()

    def start(self, command):
        crashing = {
            "DJANGO_SETTINGS_MODULE": "tests.faults.crashing",
            "CRASH_DIR": str(self.armed),
            "WEB_CONCURRENCY": "2",  # when a worker is killed, the other one goes on
        }
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.site.environment | crashing,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def start_web(self):
        self.web = self.start(part("web"))

    def start_sender(self):
        self.sender = self.start(part("sender"))

    def stop(self, process):
        """End it as systemd would: what it is doing is finished first."""
        # One that has only just started would not yet hear it.
        wait_for(lambda: process.poll() is not None or handles(process.pid, signal.SIGTERM))
        process.terminate()
        code = process.wait(PATIENCE)
        assert code == 0, f"ended with {code}\n{self.words}"

    def is_up(self):
        with suppress(OSError):
            return ask(f"{self.url}/healthz").status == 200

    @property
    def words(self):
        """What both processes have printed."""
        return (self.folder / "parts.log").read_text()

    @contextmanager
    def people(self):
        """Let people post and read until the end; gives the list of them."""
        self.mail.handler.is_quick = False
        is_over = threading.Event()
        numbers = itertools.islice(self.numbers, POSTERS)
        people = [Poster(self.url, self.console, number, is_over) for number in numbers]
        people.append(Reader(self.url, is_over))
        for one in people:
            one.start()
        try:
            yield people
        finally:
            is_over.set()
            for one in people:
                one.join()

    def outcome_of(self, people):
        """Let all mail leave by a quick server, and return the Outcome."""
        self.mail.handler.is_quick = True
        self.stop(self.sender)
        self.console.run(FREE)
        self.start_sender()
        vendor, stored = self.console.run(STORED)
        assert vendor == ("postgresql" if "DATABASE_URL" in self.settings else "sqlite")
        references = {reference for *_, reference in stored}
        with suppress(TimeoutError):  # given up when no more come, however long all take
            while not (mailed := self.mailed()).keys() >= references:
                wait_for(lambda so_far=mailed: self.mailed() != so_far, seconds=DRAIN_SECONDS)
        mailed = self.mailed()
        pages = {path for one in people for path in one.answered.values()}
        there = {f"/contact/sent/{token}/" for _, token, _ in stored}
        names = Counter(name for name, *_ in stored)
        assert ask(self.url + random.choice(sorted(pages))).status == 200
        return Outcome(
            answered=len(pages),
            stored=len(stored),
            mailed=len(mailed),
            twice=mailed.total() - len(mailed),
            lost=sorted(pages - there) + sorted(references - mailed.keys()),
            doubled=[name for name, times in names.items() if times > 1],
            unsent=sum((one.unsent for one in people), Counter()),
            read=sum((one.read for one in people), Counter()),
            slowest=max(one.slowest for one in people),
        )

    def mailed(self):
        """Return how often a mail server took the notice of each reference, as a Counter."""
        subjects = [message["Subject"] for _, message in list(self.mail.messages)]
        return Counter(subject.rpartition(" ")[2] for subject in subjects)


def kill(process):
    """End a process and all it started at once, as a power cut would."""
    with suppress(ProcessLookupError):
        killpg(process.pid, signal.SIGKILL)
    process.wait()


def handles(pid, number):
    """Say whether a process has a handler of its own for a signal."""
    return number in signals("SigCgt", pid)


def ignores(pid, number):
    """Say whether a process ignores a signal."""
    return number in signals("SigIgn", pid)


def signals(name, pid):
    """Return the signals in a set of them that the system keeps of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    bits = int(re.search(rf"^{name}:\s*(\w+)$", status, re.MULTILINE)[1], 16)
    return {number for number in range(1, 65) if bits >> (number - 1) & 1}


def wait_for(found, trouble="It did not come about.", seconds=PATIENCE):
    """Return what `found` returns, as soon as that is something.

    Raises:
        TimeoutError: it was nothing for so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not (result := found()):
        if time.monotonic() > deadline:
            raise TimeoutError(trouble)
        time.sleep(0.02)
    return result
