"""Nothing answered is lost: web server and sender are killed while enquiries come in."""

import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPException

import pytest

from tests.conftest import need
from tests.mail_server import Handler, MailServer
from tests.postgresql import NotInstalledError
from tests.postgresql import postgresql as cluster
from tests.running_site import ROOT, RunningSite, ask, post_enquiry

pytestmark = pytest.mark.drive

KILLS = 12
LIFE = (0.1, 1.2)  # seconds from a start to the kill
POSTERS = 2
PAUSE = 0.04  # seconds between one poster's enquiries
DRAIN_SECONDS = 30


class SlowHandler(Handler):
    """Takes its time over each message, so that a kill finds one on its way."""

    pause = 0.03  # seconds

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.pause)
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        return reply


class Poster(threading.Thread):
    """Sends enquiries one after another and remembers the address of each sent page."""

    def __init__(self, url, keys, number, stop):
        super().__init__()
        self.url, self.keys, self.number, self.stop = url, keys, number, stop
        self.answered = []
        self.other = Counter()

    def run(self):
        for count, key in enumerate(self.keys):
            if self.stop.wait(PAUSE):
                return
            try:
                answer = post_enquiry(self.url, key, f"Ana {self.number} {count}")
            except (OSError, HTTPException):
                continue  # killed: nothing was promised
            if answer.status == 302:
                self.answered.append(answer.headers["Location"])
            else:
                self.other[answer.status] += 1


@pytest.fixture(scope="module")
def var_folder(tmp_path_factory):
    """One folder for both databases, so that static files are collected once."""
    return tmp_path_factory.mktemp("kills")


@pytest.fixture
def sqlite():
    return {}


@pytest.fixture
def postgresql():
    try:
        with cluster() as url:
            yield {"DATABASE_URL": url}
    except NotInstalledError:
        need("postgres")


def manage(site, code):
    """Run Python inside the site's own settings and return what it prints, as JSON."""
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "shell", "--no-imports", "-c", code],
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


# As if the lease of a killed sender's claim were over, which takes three minutes.
FREE_CLAIMS = """
from contact.models import Delivery
print(Delivery.objects.exclude(leased_until=None).update(leased_until="2000-01-01T00:00Z"))
"""
# Forms of their own, opened a minute ago: a burst of hasty ones would be set aside as spam.
KEYS = """
import json
import time
from django.core.signing import b62_encode
from contact.submissions import new_submission, signer
signer.timestamp = lambda: b62_encode(int(time.time()) - 60)
print(json.dumps([new_submission() for _ in range(4000)]))
"""
STORED = """
import json
from django.db import connection
from contact.models import Enquiry
stored = {one.get_absolute_url(): one.reference for one in Enquiry.objects.all()}
print(json.dumps([connection.vendor, stored]))
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_answered_enquiry_is_lost_in_kills(request, var_folder, database):
    settings = request.getfixturevalue(database)
    mail_server = MailServer()
    mail_server.handler = handler = SlowHandler()
    stop = threading.Event()
    with mail_server:
        settings["EMAIL_URL"] = f"smtp://127.0.0.1:{mail_server.port}"
        site = RunningSite(var_folder, **settings)
        with site:
            keys = manage(site, KEYS)
            posters = [Poster(site.url, keys[n::POSTERS], n, stop) for n in range(POSTERS)]
            for poster in posters:
                poster.start()
            try:
                for _ in range(KILLS - 1):
                    time.sleep(random.uniform(*LIFE))
                    site.kill()
                    site.start()
                time.sleep(random.uniform(*LIFE))
                site.kill()
            finally:
                stop.set()
                for poster in posters:
                    poster.join()
            handler.pause = 0
            manage(site, FREE_CLAIMS)
            site.start()

            vendor, stored = manage(site, STORED)
            assert vendor == database
            answered = [path for poster in posters for path in poster.answered]
            assert len(answered) > KILLS * 5, "too few to prove anything"
            assert set(answered) <= stored.keys()
            assert ask(site.url + answered[0]).status == 200
            mailed = drain(mail_server, stored.values())
    assert mailed.keys() == set(stored.values())
    assert mailed.total() - len(mailed) <= KILLS  # the notice that a kill left on its way
    assert not sum((poster.other for poster in posters), Counter())


def drain(mail_server, references):
    """Wait until each of `references` was mailed; return how often each was."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        subjects = [message["Subject"] for _, message in list(mail_server.messages)]
        mailed = Counter(subject.rpartition(" ")[2] for subject in subjects)
        if mailed.keys() >= set(references) or time.monotonic() > deadline:
            return mailed
        time.sleep(0.2)
