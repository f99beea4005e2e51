"""Logs and error mail: which request failed, and where in the code, never what was typed.

A log line never holds a query or an exception's own words, because both may repeat what a patient
typed.
"""

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
from django.core.mail import EmailMessage

request_log = logging.getLogger("clinic_site.requests")
request_id = ContextVar("request_id", default="")
GIVEN_ID = re.compile(r"[0-9a-f]{32}")  # as nginx makes its $request_id
# Anybody who knows one of these addresses may use it: the sent page, a preview, a new password.
# nginx passes an address as it was typed, with // and /./ in it.
SECRET = re.compile(r"(/sent/[/.]*|/preview/[/.]*|/reset/[/.]*key/[/.]*)[^/\s?'\"]+")
QUERY = re.compile(r"\?[^\s'\"]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # an address may contain line breaks
THREAD_NAME = "mail about an error"
AGAIN_SECONDS = 3600  # before the same error is mailed again


def remove_secrets(text):
    """Return a text without queries, and without the secret parts of addresses."""
    return QUERY.sub("?…", SECRET.sub(r"\1…", text))


def trace(error):
    """Return the classes and code places of an exception and its causes, without their words."""
    lines, chain = [], error
    while chain is not None and len(lines) < 5:
        frames = traceback.extract_tb(chain.__traceback__)
        places = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append("\n".join([f"{type(chain).__module__}.{type(chain).__qualname__}", *places]))
        chain = chain.__cause__ or chain.__context__
    return "\nafter ".join(lines)


class PlainFormatter(logging.Formatter):
    """One line for people, and below it the places of an exception."""

    def format(self, record):
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {self.words(record)}"
        if request_id.get():
            line += f" [{request_id.get()}]"
        where = self.where(record)
        return f"{line}\n{where}" if where else line

    def words(self, record):
        text = remove_secrets(record.getMessage())
        return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)

    def where(self, record):
        return trace(record.exc_info[1]) if record.exc_info else ""


class JsonFormatter(PlainFormatter):
    """The same as one JSON object per line, for programs that collect logs."""

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
    """Mails the log line of an error to ADMINS, each place once an hour, in a thread of its own.

    Django's own handler mails the whole request, with what was typed.
    """

    def __init__(self, level=logging.NOTSET):
        super().__init__(level)
        self.mailed_at = {}

    def emit(self, record):
        text = self.format(record)
        place = (record.name, record.msg, trace(record.exc_info[1]) if record.exc_info else "")
        now = time.monotonic()
        if not settings.ADMINS or now - self.mailed_at.get(place, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        self.mailed_at[place] = now
        threading.Thread(target=self.send, args=[text], name=THREAD_NAME).start()

    def send(self, text):
        with suppress(Exception):  # the log has the error; this mail must not make another
            EmailMessage("The website had an error", text, to=settings.ADMINS).send()


def log_requests(get_response):
    """Give each request an id, the proxy's if it has one, and log it if LOG_REQUESTS is set."""

    def middleware(request):
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if GIVEN_ID.fullmatch(given) else secrets.token_hex(16))
        began = time.perf_counter()
        try:
            response = get_response(request)
            if "public" not in response.get("Cache-Control", ""):  # it answers others too
                response["X-Request-ID"] = request_id.get()
            # Without the query, which holds what staff search for in the inbox.
            took = (time.perf_counter() - began) * 1000
            facts = (request.method, request.path, response.status_code, took)
            request_log.info("%s %s %s %.0f ms", *facts)
            return response
        finally:
            request_id.reset(token)

    return middleware
