"""Finished public pages, kept in memory in front of Django.

It keeps only what the answer's own Cache-Control lets everybody keep, until the content version
moves or the next scheduled moment comes. The version is read at most once a second, so a change
shows here within a second; with what the proxy in front keeps, within ten.
"""

import math
import re
import time
from collections import OrderedDict
from contextlib import closing
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error, close_old_connections

from clinic_site.web.content_version import ContentVersion
from clinic_site.web.logs import request_log

NEVER_CACHED = (settings.ADMIN_PREFIX, settings.STATIC_URL, settings.MEDIA_URL,
                "/contact/", "/preview/", "/healthz")  # fmt: skip
CHECK_SECONDS = 1  # between two reads of the content version
WAIT_SECONDS = 2  # for another thread that renders the same page
LONGEST_SECONDS = 600  # for changes that nothing announced, like those made in SQL
OVERHEAD = 2000  # bytes an entry takes besides its body
PAGE_NUMBER = re.compile(r"[1-9]\d{0,3}")
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
ABOUT_THE_BODY = ("Content-Encoding", "Content-Length", "Content-Type")
LIFETIMES = re.compile(r"(s-maxage|stale-while-revalidate)=(\d+)")
# A proxy counts whole seconds, and its clock may tick while the answer is on its way.
ROUNDING_SECONDS = 2


class Answer(NamedTuple):
    status: str
    headers: list
    body: bytes


def key_of(environ):
    """Return what tells one public page from another, or None if the answer may be personal.

    The host is part of it because Django refuses a wrong one, and so is the query's `page`. Another
    query may be that of an old address, such as /?p=12; our nginx drops those that mean nothing.
    """
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    page = query.pop("page", ["1"])[-1]
    if (
        environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        or "HTTP_COOKIE" in environ
        or "HTTP_AUTHORIZATION" in environ
        or environ["PATH_INFO"].startswith(NEVER_CACHED)
        or query
        or not PAGE_NUMBER.fullmatch(page)
    ):
        return None
    is_secure = "https" in (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO"))
    encoding = "gzip" if GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")) else ""
    return environ.get("HTTP_HOST"), is_secure, environ["PATH_INFO"], page, encoding


def may_be_kept(answer):
    headers = dict(answer.headers)
    return (
        answer.status.startswith("200 ")
        and {"public", "s-maxage"} <= set(re.split("[ ,=]+", headers.get("Cache-Control", "")))
        and "Set-Cookie" not in headers
        and headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    )


def shortened(cache_control, seconds):
    """Return a Cache-Control that lets a proxy keep a page for at most some seconds in all."""

    def limit(match):
        nonlocal seconds
        most = min(int(match[2]), seconds)
        seconds -= most
        return f"{match[1]}={most}"

    return LIFETIMES.sub(limit, cache_control)


class PageCache:
    """A WSGI application that answers for another one where it can.

    Args:
        next_change: a function that returns when a page next changes by itself, as a timestamp.
        max_bytes: of all pages in this process; 0 turns the cache off.
    """

    def __init__(self, application, next_change, max_bytes):
        self.application, self.next_change = application, next_change
        self.max_bytes, self.lock = max_bytes, Lock()
        self.rendering = [Lock() for _ in range(64)]  # each key has one of these
        self.checked_at, self.version, self.ends_at = -math.inf, None, 0
        self.answers = OrderedDict()

    def __call__(self, environ, start_response):
        key = key_of(environ)
        if key is None or not self.max_bytes:
            return self.application(environ, start_response)
        began = time.perf_counter()
        answer, ends_at = self.find(key), self.ends_at
        if answer:
            took = (time.perf_counter() - began) * 1000
            facts = (environ["REQUEST_METHOD"], environ["PATH_INFO"], took)
            request_log.info("%s %s 200 %.0f ms, from the page cache", *facts)
        elif self.version is None:
            return self.application(environ, start_response)
        else:
            answer = self.render_once(key, environ)
        return send(answer, ends_at, environ, start_response)

    def find(self, key):
        with self.lock:
            self.check_version()
            if key in self.answers:
                self.answers.move_to_end(key)
            return self.answers.get(key)

    def check_version(self):
        """Forget all pages when the content version has moved or a scheduled moment has come.

        While the version cannot be read nothing is known, so that Django answers everything.
        """
        now = time.time()
        if time.monotonic() - self.checked_at < CHECK_SECONDS and now < self.ends_at:
            return
        self.checked_at = time.monotonic()
        version, ends_at = None, now + LONGEST_SECONDS
        try:
            close_old_connections()
            version = ContentVersion.objects.current()
            if version == self.version and now < self.ends_at:
                return
            ends_at = min(self.next_change(), ends_at)
        except Error:
            version = None
        self.version, self.ends_at, self.answers = version, ends_at, OrderedDict()

    def render_once(self, key, environ):
        """Let Django make a page, once however many ask for it."""
        lock = self.rendering[hash(key) % len(self.rendering)]
        is_held = lock.acquire(timeout=WAIT_SECONDS)
        try:
            return self.find(key) or self.render(key, environ)
        finally:
            if is_held:
                lock.release()

    def render(self, key, environ):
        """Let Django make the whole page, and keep it if nothing changed meanwhile."""
        answers, begun = self.answers, []
        whole = {name: value for name, value in environ.items() if name[:8] != "HTTP_IF_"}
        whole |= {"REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": key[-1]}
        with closing(self.application(whole, lambda *args: begun.extend(args))) as response:
            answer = Answer(*begun[:2], b"".join(response))
        with self.lock:
            is_small = len(answer.body) + OVERHEAD <= self.max_bytes
            if answers is self.answers and is_small and may_be_kept(answer):
                answers[key] = answer
                while self.bytes > self.max_bytes:
                    answers.popitem(last=False)
        return answer

    @property
    def bytes(self):
        return sum(len(answer.body) + OVERHEAD for answer in self.answers.values())


def send(answer, ends_at, environ, start_response):
    """Send a page, or a 304 to a browser that has it; no proxy may keep it past `ends_at`."""
    left = max(int(ends_at) - int(time.time()) - ROUNDING_SECONDS, 0)
    headers = [
        (name, shortened(value, left) if name == "Cache-Control" else value)
        for name, value in answer.headers
    ]
    etag = dict(headers).get("ETag", "").removeprefix("W/")
    is_known = etag and etag in environ.get("HTTP_IF_NONE_MATCH", "")
    if is_known and answer.status.startswith("200 "):
        headers = [header for header in headers if header[0] not in ABOUT_THE_BODY]
        start_response("304 Not Modified", headers)
        return []
    start_response(answer.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
