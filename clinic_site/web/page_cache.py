"""Finished public pages, kept in memory in front of Django.

A page takes Django some milliseconds to make and this cache some microseconds to send. It keeps
only what the answer's own Cache-Control lets everybody keep, and only until the content version
moves or the next scheduled moment comes. The version is read at most once a second, so a change
shows here within a second; with what the proxy in front keeps, within ten.
"""

import math
import re
import time
from collections import OrderedDict
from threading import Event, Lock
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

from clinic_site.web.content_version import ContentVersion
from clinic_site.web.logs import request_log

NEVER_CACHED = (
    settings.ADMIN_PREFIX,
    settings.STATIC_URL,
    settings.MEDIA_URL,
    "/contact/",
    "/preview/",
    "/healthz",
)
CHECK_SECONDS = 1  # between two reads of the content version
WAIT_SECONDS = 2  # for another thread that renders the same page
LONGEST_SECONDS = 600  # for changes that nothing announced, like those made in SQL
# In the environment of a request: names the time in which all public content stays as it is, for
# parts of pages that templates cache.
PERIOD = "clinic_site.page_period"
OVERHEAD = 2000  # bytes an entry takes besides its body
PAGE_NUMBER = re.compile(r"[1-9]\d{0,3}")
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
CONDITIONS = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
)
ABOUT_THE_BODY = ("Content-Encoding", "Content-Length", "Content-Type")
LIFETIMES = re.compile(r"(s-maxage|stale-while-revalidate)=(\d+)")
# A proxy counts whole seconds, and its clock may tick while the answer is on its way.
ROUNDING_SECONDS = 2


class Answer(NamedTuple):
    """A finished page."""

    headers: list
    body: bytes

    def header(self, name):
        return next((value for each, value in self.headers if each == name), None)


def is_cacheable(environ):
    """Say whether everybody who asks for this gets the same answer."""
    is_anonymous = "HTTP_COOKIE" not in environ and "HTTP_AUTHORIZATION" not in environ
    is_public = not environ["PATH_INFO"].startswith(NEVER_CACHED)
    is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return is_anonymous and is_public and is_read and PAGE_NUMBER.fullmatch(page_of(environ))


def page_of(environ):
    """Return the one query parameter that a view reads, "1" where it is not given."""
    query = environ.get("QUERY_STRING")
    return parse_qs(query, keep_blank_values=True).get("page", ["1"])[-1] if query else "1"


def encoding_of(environ):
    return "gzip" if GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")) else ""


def key_of(environ):
    """Return what tells one page from another; the host, because Django refuses a wrong one."""
    is_secure = "https" in (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO"))
    place = (environ.get("HTTP_HOST"), is_secure, environ["PATH_INFO"])
    return *place, page_of(environ), encoding_of(environ)


def may_be_kept(status, headers):
    """Say whether an answer is a page that says everybody may keep it."""
    found = dict(headers)
    return (
        status.startswith("200 ")
        and {"public", "s-maxage"} <= set(re.split(r"[\s,=]+", found.get("Cache-Control", "")))
        and "Set-Cookie" not in found
        and found.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    )


def shortening(start_response, ends_at):
    """Return a start_response that lets no proxy keep the answer past a moment."""
    left = max(int(ends_at) - int(time.time()) - ROUNDING_SECONDS, 0)

    def start(status, headers):
        start_response(
            status,
            [
                (name, shortened(value, left) if name == "Cache-Control" else value)
                for name, value in headers
            ],
        )

    return start


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
        application: the one that renders.
        next_change: a function that returns when a page next changes by itself, in seconds since
            1970.
        max_bytes: how much memory the pages may take in this process; 0 turns the cache off.
    """

    def __init__(self, application, next_change, max_bytes):
        self.application = application
        self.next_change = next_change
        self.max_bytes = max_bytes
        self.checking, self.lock = Lock(), Lock()
        self.checked_at, self.version, self.ends_at = -math.inf, None, 0
        self.answers, self.bytes = OrderedDict(), 0
        self.rendering = {}

    def __call__(self, environ, start_response):
        if not self.max_bytes or not is_cacheable(environ):
            return self.application(environ, start_response)
        began = time.perf_counter()
        self.check_version()
        start_response = shortening(start_response, self.ends_at)
        key = key_of(environ)
        answer = self.find(key)
        if answer:
            took = (time.perf_counter() - began) * 1000
            facts = (environ["REQUEST_METHOD"], environ["PATH_INFO"], took)
            request_log.info("%s %s 200 %.0f ms, from the page cache", *facts)
            return send(answer, environ, start_response)
        if self.version is None or environ["REQUEST_METHOD"] == "HEAD":
            return self.application(environ, start_response)
        return self.render(key, environ, start_response)

    def check_version(self):
        """Forget all pages when the content version has moved or a scheduled moment has come.

        While the version cannot be read nothing is known, so that Django answers everything.
        """
        now = time.monotonic()
        if now - self.checked_at < CHECK_SECONDS and time.time() < self.ends_at:
            return
        with self.checking:
            if now < self.checked_at:  # another thread was quicker
                return
            self.checked_at = time.monotonic()
            try:
                close_old_connections()
                version = ContentVersion.objects.current()
                if version != self.version or time.time() >= self.ends_at:
                    ends_at = min(self.next_change(), time.time() + LONGEST_SECONDS)
                    self.start_afresh(version, ends_at)
            except Error:
                self.start_afresh(None, time.time() + LONGEST_SECONDS)

    def start_afresh(self, version, ends_at):
        with self.lock:
            self.version, self.ends_at = version, ends_at
            self.answers, self.bytes = OrderedDict(), 0

    def find(self, key):
        with self.lock:
            answer = self.answers.get(key)
            if answer:
                self.answers.move_to_end(key)
            return answer

    def render(self, key, environ, start_response):
        """Let Django make a page, once however many ask for it, and keep it if it may be kept."""
        with self.lock:
            answers, others = self.answers, self.rendering.get(key)
            period = f"{self.version} {self.ends_at}"
            if others is None:
                done = self.rendering[key] = Event()
        if others:
            others.wait(WAIT_SECONDS)
            answer = self.find(key)
            if answer:
                return send(answer, environ, start_response)
            return self.application(environ, start_response)
        whole = {name: value for name, value in environ.items() if name not in CONDITIONS}
        whole |= {"HTTP_ACCEPT_ENCODING": encoding_of(environ), PERIOD: period}
        begun = []
        try:
            response = self.application(whole, lambda *args: begun.extend(args))
            status, headers = begun[:2]
            if not may_be_kept(status, headers):
                start_response(status, headers)
                return response
            try:
                answer = Answer(headers, b"".join(response))
            finally:
                response.close()
            self.keep(key, answer, answers)
        finally:
            with self.lock:
                del self.rendering[key]
            done.set()
        return send(answer, environ, start_response)

    def keep(self, key, answer, answers):
        """Keep an answer among those it was rendered for, and drop those asked for longest ago."""
        size = len(answer.body) + OVERHEAD
        with self.lock:
            if self.answers is not answers or size > self.max_bytes:
                return
            answers[key] = answer
            self.bytes += size
            while self.bytes > self.max_bytes:
                _, oldest = answers.popitem(last=False)
                self.bytes -= len(oldest.body) + OVERHEAD


def send(answer, environ, start_response):
    """Send a page, or a 304 to a browser that has it."""
    if any(name in environ for name in CONDITIONS):
        request = SimpleNamespace(
            META=environ, method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"]
        )
        last_modified = answer.header("Last-Modified")
        last_modified = last_modified and parse_http_date_safe(last_modified)
        other = get_conditional_response(request, answer.header("ETag"), last_modified)
        if other:
            headers = [one for one in answer.headers if one[0] not in ABOUT_THE_BODY]
            start_response(f"{other.status_code} {other.reason_phrase}", headers)
            return []
    start_response("200 OK", answer.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
