"""Kills web server and mail sender while enquiries come in, and counts what became of each."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPException

from clinic_site.management.commands.run import sender_command, web_command
from tests.crashing import SENDER_POINTS, WEB_POINTS
from tests.mail_server import Handler, MailServer
from tests.running_site import ROOT, RunningSite, ask, post_enquiry

POSTERS = 2
PAUSE = 0.1  # seconds between one poster's enquiries
BETWEEN_KILLS = (0.05, 0.6)  # seconds
POINT_SECONDS = 30  # within which an armed point is reached
DRAIN_SECONDS = 120


@dataclass
class Outcome:
    """What a storm did, and what became of the enquiries in it.

    Attributes:
        kills: how many of each kind.
        answered: how many sent pages were promised.
        stored: how many enquiries there are.
        mailed: how many of them a mail server took.
        twice: how many notices went out more than once.
        lost: the addresses of sent pages without an enquiry, and references never mailed.
        doubled: names of patients whose form, sent again, was stored twice.
        other: answers that were no redirect, by status.
    """

    kills: Counter = field(default_factory=Counter)
    answered: int = 0
    stored: int = 0
    mailed: int = 0
    twice: int = 0
    lost: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    other: Counter = field(default_factory=Counter)

    @property
    def sender_kills(self):
        return sum(self.kills[kind] for kind in ("sender", "all", *SENDER_POINTS))


class MoodyHandler(Handler):
    """Takes its time over each message and refuses a few for now, until the weather is fine."""

    pause = 0.02  # seconds
    is_ill = False
    is_fine = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return ["421 Too busy"] if self.is_ill else responses

    async def handle_HELO(self, server, session, envelope, hostname):  # noqa: N802
        return "421 Too busy"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.is_fine:
            return await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        if random.random() < 0.01:
            return "451 Try later"
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        return reply


class Console:
    """A Python of the site's own settings that stays open; use as a context manager."""

    CODE = """
import json, sys
for line in sys.stdin:
    scope = {}
    exec(json.loads(line), scope)
    print(json.dumps(scope.get("result")), flush=True)
"""

    def __init__(self, site):
        self.site = site
        self.lock = threading.Lock()

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "shell", "--no-imports", "-c", self.CODE],
            env=self.site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def run(self, code):
        """Run Python there and return its `result`."""
        with self.lock:
            self.process.stdin.write(json.dumps(code) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())


# Forms of their own, opened a minute ago: a burst of hasty ones would be set aside as spam.
KEYS = """
import time
from django.core.signing import b62_encode
from contact.submissions import new_submission, signer
signer.timestamp = lambda: b62_encode(int(time.time()) - 60)
result = [new_submission() for _ in range(200)]
"""
# As if the leases of killed senders and every back-off were over, which takes minutes.
FREE = """
from django.utils import timezone
from contact.models import Delivery
Delivery.objects.exclude(leased_until=None).update(leased_until=timezone.now())
Delivery.objects.open().update(next_attempt_at=timezone.now())
"""
STORED = """
from django.db import connection
from contact.models import Enquiry
rows = Enquiry.objects.values_list("name", "token", "reference")
result = connection.vendor, list(rows)
"""
# While nobody gets the notices, enquiries come in for the reconciler to find.
NOBODY = """
from contact.models import Recipient
Recipient.objects.filter(kind="enquiries").delete()
"""
SOMEBODY = """
from contact.models import Clinic, Recipient
Recipient.objects.create(clinic=Clinic.objects.current(), address="desk@clinic.example")
"""
UNSENT = """
from contact.models import Enquiry
result = Enquiry.objects.without_deliveries().count()
"""


class Poster(threading.Thread):
    """Sends one enquiry after another, each again and again until it is answered."""

    def __init__(self, storm, number):
        super().__init__()
        self.storm, self.number = storm, number
        self.answered = {}
        self.other = Counter()

    def run(self):
        count = 0
        while not self.storm.is_over.is_set():
            for key in self.storm.console.run(KEYS):
                count += 1
                self.send(key, f"Ana {self.number} {count}")
                if self.storm.is_over.wait(PAUSE):
                    return

    def send(self, key, name):
        while not self.storm.is_over.is_set():
            try:
                answer = post_enquiry(self.storm.site.url, key, name)
            except (OSError, HTTPException):
                time.sleep(0.02)  # killed: nothing was promised
                continue
            if answer.status == 302:
                self.answered[name] = answer.headers["Location"]
            else:
                self.other[answer.status] += 1
            return


class Storm:
    """A site whose parts are killed while it works; use as a context manager.

    Args:
        folder: an empty folder for its var/.
        port: where it listens; a free one by default.
        settings: further environment variables, like DATABASE_URL.
    """

    def __init__(self, folder, port=None, **settings):
        self.folder, self.settings, self.port = folder, settings, port
        self.armed = folder / "armed"
        self.is_over = threading.Event()
        self.opened = ExitStack()
        self.web = self.sender = None
        self.outcome = Outcome()

    def __enter__(self):
        self.armed.mkdir()
        self.mail = MailServer()
        self.mail.handler = MoodyHandler()
        self.opened.enter_context(self.mail)
        self.site = RunningSite(
            self.folder,
            port=self.port,
            EMAIL_URL=f"smtp://127.0.0.1:{self.mail.port}",
            **self.settings,
        )
        with self.site:
            pass  # makes tables, sample and static files
        self.log = self.opened.enter_context((self.folder / "storm.log").open("w"))
        self.console = self.opened.enter_context(Console(self.site))
        self.start_all()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        kill(self.web)
        kill(self.sender)
        self.opened.close()

    def start(self, command):
        crashing = {"DJANGO_SETTINGS_MODULE": "tests.crashing", "CRASH_DIR": str(self.armed)}
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.site.environment | crashing,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def start_all(self):
        self.web = self.start(web_command("127.0.0.1", self.site.port))
        self.sender = self.start(sender_command())

    def rage(self, times):
        """Kill so many times while people post, and return the Outcome once it is calm again."""
        posters = [Poster(self, number) for number in range(POSTERS)]
        for poster in posters:
            poster.start()
        try:
            for kind in plan(times):
                time.sleep(random.uniform(*BETWEEN_KILLS))
                self.kill(kind)
                self.outcome.kills[kind] += 1
        finally:
            self.is_over.set()
            for poster in posters:
                poster.join()
        answered = {name: path for poster in posters for name, path in poster.answered.items()}
        self.outcome.other = sum((poster.other for poster in posters), Counter())
        self.count(answered)
        return self.outcome

    def kill(self, kind):
        """Kill a part at this moment, or arm a named point and wait until its process is dead."""
        if kind == "all":
            kill(self.web)
            kill(self.sender)
            self.start_all()
        elif kind == "worker":
            os.kill(self.a_worker(), signal.SIGKILL)  # the master starts another
        elif kind == "sender":
            kill(self.sender)
            self.sender = self.start(sender_command())
        else:
            self.kill_at(kind)

    def a_worker(self):
        """Return the process id of a web worker, as soon as there is one."""
        children = f"/proc/{self.web.pid}/task/{self.web.pid}/children"
        return wait_for(lambda: random.choice(words(children) or [0]))

    def kill_at(self, point):
        if point == "reconciling":
            self.console.run(NOBODY)
            wait_for(lambda: self.console.run(UNSENT) >= 3)
            self.console.run(SOMEBODY)
            kill(self.sender)
            self.sender = self.start(sender_command())
        self.mail.handler.is_ill = point == "holding"
        arming = self.armed / point
        arming.touch()
        wait_for(lambda: not arming.exists(), f"The point {point!r} was never reached.")
        self.mail.handler.is_ill = False
        if point in SENDER_POINTS:
            self.sender.wait(5)
            self.sender = self.start(sender_command())

    def count(self, answered):
        """Let the site come to rest in fine weather, and say what became of each enquiry."""
        self.mail.handler.is_fine = True
        kill(self.sender)
        self.console.run(FREE)
        self.sender = self.start(sender_command())
        vendor, stored = self.console.run(STORED)
        assert vendor == ("postgresql" if "DATABASE_URL" in self.settings else "sqlite")
        references = {reference for *_, reference in stored}
        with suppress(TimeoutError):
            wait_for(lambda: self.mailed().keys() >= references, seconds=DRAIN_SECONDS)
        mailed = self.mailed()
        tokens = {f"/contact/sent/{token}/" for _, token, _ in stored}
        names = Counter(name for name, *_ in stored)
        outcome = self.outcome
        outcome.answered, outcome.stored, outcome.mailed = len(answered), len(stored), len(mailed)
        outcome.twice = mailed.total() - len(mailed)
        outcome.lost = sorted({*answered.values()} - tokens) + sorted(references - mailed.keys())
        outcome.doubled = [name for name, times in names.items() if times > 1]
        assert ask(self.site.url + random.choice(list(answered.values()))).status == 200

    def mailed(self):
        """Return how often a mail server took the notice of each reference, as a Counter."""
        subjects = [message["Subject"] for _, message in list(self.mail.messages)]
        return Counter(subject.rpartition(" ")[2] for subject in subjects)


def plan(times):
    """Return what to kill, in a random order: every named point, and parts at random instants."""
    points = [*WEB_POINTS, *SENDER_POINTS]
    named = points * max(1, times // (4 * len(points)))
    others = random.choices(["worker", "sender", "all"], [10, 9, 1], k=max(0, times - len(named)))
    kinds = named + others
    random.shuffle(kinds)
    return kinds


def kill(process):
    """End a process and all it started at once, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def words(path):
    with suppress(OSError), open(path) as file:
        return [int(word) for word in file.read().split()]
    return []


def wait_for(found, trouble="It did not come about.", seconds=POINT_SECONDS):
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
