"""What is written down when something breaks: where, in which request, and never what was typed."""

import json
import logging
import sys
import threading

import pytest
from django.core.exceptions import RequestDataTooBig

from clinic_site.web.logs import THREAD_NAME, JsonFormatter, MailHandler, PlainFormatter, request_id

MARKER = "Zyxwvut"
GIVEN = "0123456789abcdef" * 2


def record(message="broke at %s", *args):
    """Return the log record of an error whose words, and whose cause's, hold what was typed."""
    try:
        try:
            int(MARKER)
        except ValueError as error:
            raise LookupError(MARKER) from error
    except LookupError:
        arguments = ("clinic_site", logging.ERROR, __file__, 1, message, args, sys.exc_info())
        return logging.LogRecord(*arguments)


def mails(outbox):
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join()
    return outbox


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
@pytest.mark.parametrize(
    "path",
    [
        f"/contact/sent/{MARKER}/",
        f"/contact//sent/{MARKER}/",
        f"/contact/./sent//./{MARKER}/",
        f"/preview/{MARKER}/",
        f"/admin/account/password/reset/key/1-{MARKER}/",
        f"/admin/contact/enquiry/?q={MARKER}",
    ],
)
def test_a_line_says_where_and_not_what(formatter, path):
    line = formatter.format(record("broke at %s", path))
    assert MARKER not in line
    assert "LookupError" in line
    assert "ValueError" in line
    assert "test_logs.py" in line


def test_an_address_writes_no_line_of_its_own():
    line = PlainFormatter().format(
        logging.makeLogRecord({"msg": "GET /a\n2026 INFO\x1b[1m b\u2028c"})
    )
    assert line.endswith(r"GET /a\x0a2026 INFO\x1b[1m b\x2028c")


def test_json_is_one_line_with_the_request():
    token = request_id.set(GIVEN)
    try:
        line = JsonFormatter().format(record("broke at %s", "/contact/"))
    finally:
        request_id.reset(token)
    fields = json.loads(line)
    assert "\n" not in line
    assert fields["message"] == "broke at /contact/"
    assert (fields["request"], fields["level"]) == (GIVEN, "ERROR")


def test_an_error_is_mailed_once_an_hour(settings, mailoutbox, time_machine):
    settings.ADMINS = ["helper@private.example"]
    handler = MailHandler()
    handler.setFormatter(PlainFormatter())
    fault = record("broke at %s", "/contact/")
    handler.emit(fault)
    handler.emit(fault)
    (mail,) = mails(mailoutbox)
    assert mail.to == ["helper@private.example"]
    assert "LookupError" in mail.body
    assert MARKER not in mail.subject + mail.body


def test_without_admins_nothing_is_mailed(mailoutbox):
    MailHandler().emit(record("broke"))
    assert not mails(mailoutbox)


@pytest.mark.parametrize("given", ["", "short", GIVEN + "0", GIVEN.upper(), f"{GIVEN[:-1]}\t"])
def test_only_an_id_that_looks_like_the_proxy_s_is_taken(client, sample_site, given):
    answered = client.get("/contact/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert answered != given
    assert len(answered) == 32


def test_the_proxy_s_id_comes_back_but_not_on_a_page_that_is_kept(client, sample_site):
    ids = {"X-Request-ID": GIVEN}
    assert client.get("/contact/", headers=ids)["X-Request-ID"] == GIVEN
    assert "X-Request-ID" not in client.get("/", headers=ids)


def test_a_request_is_logged_without_query_and_body(client, sample_site, caplog):
    caplog.set_level(logging.INFO, "clinic_site.requests")
    client.post(f"/contact/?page={MARKER}", {"name": MARKER, "message": MARKER})
    (line,) = [one for one in caplog.records if one.name == "clinic_site.requests"]
    assert line.getMessage().startswith("POST /contact/ 200 ")
    assert MARKER not in line.getMessage()


@pytest.mark.parametrize(("error", "status"), [(ValueError, 500), (RequestDataTooBig, 413)])
def test_an_error_of_the_form_is_told_without_what_was_typed(
    client, sample_site, settings, mailoutbox, monkeypatch, error, status
):
    def fails(*args, **options):
        raise error(MARKER)

    settings.ADMINS = ["helper@private.example"]
    monkeypatch.setattr("contact.views.EnquiryForm", fails)
    client.raise_request_exception = False
    response = client.post("/contact/", {"name": MARKER, "email": f"{MARKER}@mail.example"})
    assert response.status_code == status
    assert MARKER not in str(response.headers)
    told = "".join(mail.subject + mail.body for mail in mails(mailoutbox))
    assert MARKER not in told
    # A body that is too large is a stranger's doing: no mail.
    assert ("/contact/" in told) == (status == 500)
