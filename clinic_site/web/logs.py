"""What the site writes down of itself: which request, and where it failed, never what was typed."""

import json
import logging
import re
import secrets
import threading
import time
import traceback
from contextlib import suppress
from contextvars import ContextVar

from django.conf import settings
from django.core.mail import mail_admins

request_log = logging.getLogger("clinic_site.requests")
request_id = ContextVar("request_id", default="")
GIVEN_ID = re.compile(r"[0-9a-f]{32}")  # as nginx makes its $request_id
# Who knows one of these addresses may use it: the sent page, a preview, a new password.
# nginx passes an address as it was typed: with // and /./ in it, too.
SECRET = re.compile(r"(/sent/[/.]*|/preview/[/.]*|/reset/[/.]*key/[/.]*)[^/\s?'\"]+")
QUERY = re.compile(r"\?[^\s'\"]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # an address may hold a line of its own
THREAD_NAME = "mail about an error"
AGAIN_SECONDS = 3600  # before the same fault is mailed again


def without_secrets(text):
    """Return a text without the part of an address that lets one in, and without queries."""
    return QUERY.sub("?…", SECRET.sub(r"\1…", text))


def trace(error):
    """Return where an exception came from, without its words: they may hold what was typed."""
    kept, chain = [], error
    while chain is not None and len(kept) < 5:
        frames = traceback.extract_tb(chain.__traceback__)
        places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        kept.append("\n".join([f"{type(chain).__module__}.{type(chain).__qualname__}", *places]))
        chain = chain.__cause__ or chain.__context__
    return "\nafter ".join(kept)


class PlainFormatter(logging.Formatter):
    """A line for people, and below it where an exception came from."""

    def format(self, record):
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {self.words(record)}"
        if request_id.get():
            line += f" [{request_id.get()}]"
        where = self.where(record)
        return f"{line}\n{where}" if where else line

    def words(self, record):
        text = without_secrets(record.getMessage())
        return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)

    def where(self, record):
        return trace(record.exc_info[1]) if record.exc_info else ""


class JsonFormatter(PlainFormatter):
    """The same as one JSON object a line, for what collects logs."""

    def format(self, record):
        fields = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.words(record),
            "request": request_id.get(),
            "where": self.where(record),
        }
        return json.dumps({key: value for key, value in fields.items() if value})


class MailHandler(logging.Handler):
    """Mails an error to ADMINS: the log's own lines, each place once an hour, waited for by nobody.

    Django's own handler mails the whole request, with what was typed.
    """

    def __init__(self, level=logging.NOTSET):
        super().__init__(level)
        self.told_at = {}

    def emit(self, record):
        text = self.format(record)
        place = (record.name, record.msg, trace(record.exc_info[1]) if record.exc_info else "")
        now = time.monotonic()
        if not settings.ADMINS or now - self.told_at.get(place, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        self.told_at[place] = now
        threading.Thread(target=self.send, args=[text], name=THREAD_NAME).start()

    def send(self, text):
        with suppress(Exception):  # the log has it; who mails an error must not make one
            mail_admins("The website had an error", text)


def log_requests(get_response):
    """Give each request an id, which its log lines and its answer carry, and log it if wanted.

    The proxy's own id is taken where it looks like one. An answer that a proxy keeps carries none:
    it would be shown for other requests.
    """

    def middleware(request):
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if GIVEN_ID.fullmatch(given) else secrets.token_hex(16))
        began = time.perf_counter()
        try:
            response = get_response(request)
            if "public" not in response.get("Cache-Control", ""):
                response["X-Request-ID"] = request_id.get()
            # The path without its query: what is searched for in the inbox stands there.
            took = (time.perf_counter() - began) * 1000
            facts = (request.method, request.path, response.status_code, took)
            request_log.info("%s %s %s %.0f ms", *facts)
            return response
        finally:
            request_id.reset(token)

    return middleware
