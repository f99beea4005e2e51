"""Slow things that staff do in the admin, while patients send enquiries at a steady rate."""

import itertools
import re
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from lxml import html
from PIL import Image

from tests.faults.people import KEYS, kind_of
from tests.running_site import post_enquiry

ENQUIRIES_A_SECOND = 5
LONGEST_WAIT = 0.2  # seconds for a lock, on a machine that does nothing else
TOKEN = "a" * 32  # of a CSRF cookie, sent back as it is

# A superuser's session, a long article with a long history, and enquiries.
PREPARE = """
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from blog.models import Post
from cabinet.models import Folder
from clinic_site.models import Version
from contact.models import Enquiry

user = User.objects.filter(is_superuser=True).first()
browser = Client()
browser.force_login(user)
post = Post.objects.get(slug="what-is-dry-needling")
Version.objects.record(post)
while len(post.body.split()) < 3000:
    post.body += post.body
post.save()
Version.objects.record(post, user)
lined = Post.objects.exclude(pk=post.pk).first()
for words in ("one", "other"):
    lined.body = "<p>Line.</p>" * LINES + f"<p>{words}</p>"
    lined.save()
    Version.objects.record(lined, user)
for number in range(300):
    typed = {"name": "A patient", "email": "a@mail.example", "is_quarantined": number % 2}
    Enquiry.objects.create_once(typed, f"prepared {number}", ["desk@clinic.example"])
result = {
    "session": browser.cookies["sessionid"].value,
    "folder": Folder.objects.first().pk,
    "post": post.pk,
    "lined": lined.pk,
    "versions": {
        pk: list(Version.objects.for_object(Post(pk=pk)).values_list("pk", flat=True))
        for pk in (post.pk, lined.pk)
    },
    "quarantined": list(Enquiry.objects.filter(is_quarantined=True).values_list("pk", flat=True)),
}
"""


def photo(size=(4000, 3000)):
    """Return a photo with grain, as a JPEG of some megabytes."""
    grain = Image.effect_noise([side // 16 for side in size], 60).resize(size)
    grain.convert("RGB").save(file := BytesIO(), "JPEG", quality=90)
    return file.getvalue()


def flat_png():
    """Return a PNG of about 108 kB that unpacks to 25 megapixels of 4 bytes."""
    sheet = Image.linear_gradient("L").resize((5000, 5000)).convert("RGBA")
    sheet.save(file := BytesIO(), "PNG")
    return file.getvalue()


class Staff:
    """Somebody who is signed in to the admin of a site.

    Args:
        url: the site's address.
        found: what PREPARE returned.
    """

    def __init__(self, url, found):
        self.url, self.found = url, found

    def ask(self, path, data=None, seconds=120):
        """Return (status, location, body) of a request to the admin, a POST with data."""
        parts = urlsplit(self.url)
        with closing(HTTPConnection(parts.hostname, parts.port, timeout=seconds)) as connection:
            headers = {"Cookie": f"sessionid={self.found['session']}; csrftoken={TOKEN}"}
            body = None
            if data is not None:
                body = encode_multipart(BOUNDARY, data | {"csrfmiddlewaretoken": TOKEN})
                headers |= {"Content-Type": MULTIPART_CONTENT, "Origin": self.url}
            connection.request("POST" if body else "GET", f"/admin/{path}", body, headers)
            response = connection.getresponse()
            return response.status, response.getheader("Location", ""), response.read()

    def form(self, path):
        """Return what a browser would send of a form that nobody has changed."""
        status, _, body = self.ask(path)
        assert status == 200, (path, status)
        form = next(one for one in html.fromstring(body).forms if one.get("id", "")[-5:] == "_form")
        data = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        return data

    # Each returns the status.

    def add_image(self, content, name):
        typed = {"folder": self.found["folder"], "image_alt_text": "A knee bends."}
        return self.ask(
            "clinic_site/image/add/", typed | {"image_file": ContentFile(content, name)}
        )

    def drop_image(self, content, name):
        typed = {"folder": self.found["folder"], "file": ContentFile(content, name)}
        return self.ask("clinic_site/image/upload/", typed)

    def save(self, pk, **typed):
        path = f"blog/post/{pk}/change/"
        return self.ask(path, self.form(path) | typed)

    def preview(self, pk, **typed):
        return self.ask(f"blog/post/{pk}/preview/", self.form(f"blog/post/{pk}/change/") | typed)

    def restore(self, pk):
        path = f"blog/post/{pk}/history/{self.found['versions'][str(pk)][-1]}/"
        _, _, body = self.ask(path)
        token = re.search(rb'name="_version" value="(\w+)"', body)[1].decode()
        return self.ask(path, {"_version": token})

    def act(self, path, action, keys, **typed):
        return self.ask(path, {"action": action, "_selected_action": keys} | typed)

    def post_keys(self, query=""):
        _, _, body = self.ask(f"blog/post/{query}")
        boxes = html.fromstring(body).xpath("//input[@class='action-select']")
        return [box.get("value") for box in boxes]


class Patients(threading.Thread):
    """Sends an enquiry five times a second until it is over, whether or not the last is answered.

    Attributes:
        answered: how many got the sent page.
        unsent: how many other answers there were, by what they were.
        slowest: seconds of the slowest answer.
    """

    def __init__(self, url, console):
        super().__init__()
        self.url, self.is_over = url, threading.Event()
        self.keys = console.run(KEYS) + console.run(KEYS)
        self.answered, self.unsent, self.seconds = 0, Counter(), []

    def run(self):
        with ThreadPoolExecutor(40) as pool:
            due = time.monotonic()
            for number in itertools.count():
                due += 1 / ENQUIRIES_A_SECOND
                if self.is_over.wait(max(0, due - time.monotonic())):
                    break
                pool.submit(self.send, self.keys[number % len(self.keys)], f"Ana {number}")

    def send(self, key, name):
        started = time.monotonic()
        try:
            answer = post_enquiry(self.url, key, name)
        except OSError as error:
            self.unsent[type(error).__name__] += 1
            return
        self.seconds.append(time.monotonic() - started)
        if answer.status == 302:
            self.answered += 1
        else:
            self.unsent[kind_of(answer, name)] += 1

    @property
    def slowest(self):
        return max(self.seconds)


class SqliteLock(threading.Thread):
    """Takes the write lock again and again, and measures how long it waits for it."""

    def __init__(self, file):
        super().__init__()
        self.file, self.is_over = file, threading.Event()
        self.longest = 0

    def run(self):
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as database:
            while not self.is_over.wait(0.02):
                started = time.monotonic()
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
                self.longest = max(self.longest, time.monotonic() - started)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def since_last(self):
        longest, self.longest = self.longest, 0
        return longest


class PostgresqlLocks:
    """Lets the server log each wait for a lock of more than 200 ms, and counts these lines."""

    def __init__(self, url):
        folder = parse_qs(urlsplit(url).query)["host"][0]
        self.log, self.seen = Path(folder) / "server.log", 0
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(f"ALTER SYSTEM SET deadlock_timeout = '{LONGEST_WAIT * 1000:.0f}ms'")
            database.execute("ALTER SYSTEM SET log_lock_waits = on")
            database.execute("SELECT pg_reload_conf()")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def since_last(self):
        """Return 0, or more than LONGEST_WAIT if somebody waited longer."""
        count = self.log.read_text().count("still waiting for")
        longest, self.seen = (count - self.seen) * 1.0, count
        return longest


def actions(staff, at_once):
    """Yield (name, function) of each slow thing; the functions return their answers.

    Args:
        at_once: how many photos somebody drops on the library.
    """
    post, lined = staff.found["post"], staff.found["lined"]
    large, jpeg = flat_png(), photo()
    yield "photo of 12 megapixels", lambda: staff.add_image(jpeg, "a.jpg")
    yield "PNG of 25 megapixels", lambda: staff.add_image(large, "b.png")

    def drop_photos():
        with ThreadPoolExecutor(at_once) as pool:
            names = [f"{number}.jpg" for number in range(at_once)]
            return max(pool.map(partial(staff.drop_image, jpeg), names))

    yield f"{at_once} photos at once", drop_photos
    yield "preview of a long article", lambda: staff.preview(post)
    yield "a long article saved", lambda: staff.save(post, summary="Another summary.")
    yield "a new title, with its share card", lambda: staff.save(post, title="A new title")
    yield "a long article restored", lambda: staff.restore(post)
    yield "preview of 25,000 headings", lambda: staff.preview(post, body="<h2>" * 25_000)
    yield "25,000 headings saved", lambda: staff.save(post, body="<h2>" * 25_000)
    version = staff.found["versions"][str(lined)][0]
    yield "two long versions compared", lambda: staff.ask(f"blog/post/{lined}/history/{version}/")
    yield (
        "all articles moved to the bin",
        lambda: staff.act("blog/post/", "move_to_trash", staff.post_keys()),
    )
    yield (
        "all articles restored from it",
        lambda: staff.act("blog/post/?bin=1", "restore_from_trash", staff.post_keys("?bin=1")),
    )
    yield (
        "spam marked as checked",
        lambda: staff.act("contact/enquiry/?list=spam", "mark_checked", staff.found["quarantined"]),
    )
    yield (
        "enquiries exported",
        lambda: staff.act(
            "contact/enquiry/", "export", staff.found["quarantined"], select_across="1"
        ),
    )
    yield "the sample removed", lambda: staff.ask("remove-sample/", {})


@contextmanager
def patients_of(site, console):
    patients = Patients(site.url, console)
    patients.start()
    try:
        yield patients
    finally:
        patients.is_over.set()
        patients.join()


def work_beside_patients(site, console, locks, lines=20_000, at_once=6):
    """Do every slow thing once, while patients send enquiries.

    Args:
        locks: measures who waits for a lock.
        lines: how long the long versions are.

    Returns:
        The Patients, and (name, statuses, seconds, longest wait for a lock) of each thing.
    """
    found = console.run(f"LINES = {lines}\n{PREPARE}")
    done = []
    with locks, patients_of(site, console) as patients:
        locks.since_last()
        for name, act in actions(Staff(site.url, found), at_once):
            started = time.monotonic()
            status, _, _ = act()
            done.append((name, status, time.monotonic() - started, locks.since_last()))
    return patients, done
