"""The retry page: after a failure of ours, everything typed comes back to be sent again."""

import time
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.db import DataError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic_site.web.error_pages import service_unavailable
from contact.intake.submissions import MAX_AGE, read_submission
from contact.models import Enquiry
from tests.test_contact import typed

pytestmark = pytest.mark.usefixtures("sample_site")

EVERYTHING = {
    "phone": "(905) 555-0142 ext. 7",
    "may_leave_message": "no",
    "preferred_way": "email",
    "is_for_someone_else": "on",
    "times": "after <five>",
    "language": "Cantonese",
    "service": "dry-needling",
    "practitioner": "priya-sample",
    "message": "\r\n\r\n  My knee hurts &amp; <b>clicks</b>.\r\n\tSince May",
    "page": "/about/",
}


class Form(HTMLParser):
    """What a browser sends of a page's one form; `values` holds it by field."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.values, self.textarea = {}, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "textarea":
            self.textarea, self.values[attrs["name"]] = attrs["name"], ""
        elif tag == "input":
            is_choice = attrs["type"] in ("radio", "checkbox")
            if not is_choice or "checked" in attrs:
                self.values[attrs["name"]] = attrs.get("value", "on" if is_choice else "")

    def handle_data(self, data):
        if self.textarea:
            self.values[self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser drops the first line break inside the tag and sends each as CR LF.
            text = self.values[self.textarea].removeprefix("\n").replace("\r\n", "\n")
            self.values[self.textarea] = text.replace("\n", "\r\n")
            self.textarea = None


@pytest.fixture
def fail(client, monkeypatch):
    """Return a function that posts the form while a named part of the site raises an error."""
    client.raise_request_exception = False

    def post(data, error, part="contact.models.enquiry.EnquiryQuerySet.create_once"):
        def broken(*_, **__):
            raise error

        with monkeypatch.context() as breaking:
            breaking.setattr(part, broken)
            return client.post("/contact/", data)

    return post


LOCKED = OperationalError("database is locked")
BUG = DataError("a bug")


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [(LOCKED, 503, "Your request was not sent"), (BUG, 500, "Something went wrong on our side")],
)
def test_everything_comes_back_and_can_be_sent_again(client, fail, error, status, heading):
    sent = typed(**EVERYTHING)
    response = fail(sent, error)
    html = response.content.decode()
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert ("Retry-After" in response) == (status == 503)
    assert f"<h1>{heading}</h1>" in html
    assert "905-555-0142" in html
    assert html.count("<button") == 1
    assert not Enquiry.objects.exists()

    again = Form(html).values
    fresh = again.pop("submission")
    used = sent.pop("submission")
    assert again == sent | {"leave_empty": "", "ask_anyway": ""}
    assert read_submission(fresh).key != read_submission(used).key
    assert client.post("/contact/", again | {"submission": fresh}).status_code == 302
    enquiry = Enquiry.objects.get()
    assert enquiry.message == "\n\n  My knee hurts &amp; <b>clicks</b>.\n\tSince May"
    assert (enquiry.service.slug, enquiry.language) == ("dry-needling", "Cantonese")
    assert enquiry.is_for_someone_else
    assert enquiry.may_leave_message is False


def test_after_an_outage_the_database_is_opened_anew(fail, monkeypatch):
    # SQLite's connection that was opened on a disk that took no writing never takes any.
    monkeypatch.setattr(connections["default"], "close_at", None)
    fail(typed(), BUG)
    assert connection.close_at is None
    fail(typed(), LOCKED)
    assert connection.close_at <= time.monotonic()


def test_it_needs_no_database(fail):
    with CaptureQueriesContext(connection) as queries:
        response = fail(typed(**EVERYTHING), LOCKED, "contact.models.Clinic.objects.current")
    assert "My knee hurts" in response.content.decode()
    assert len(queries) == 0


def test_what_was_stored_before_it_broke_is_not_stored_twice(client, fail):
    html = fail(typed(), BUG, "contact.views.redirect").content.decode()
    enquiry = Enquiry.objects.get()
    again = client.post("/contact/", Form(html).values)
    assert again["Location"] == enquiry.get_absolute_url()


def test_an_old_form_that_broke_needs_no_third_sending(client, fail, time_machine):
    sent = typed()
    time_machine.move_to(timezone.now() + timedelta(seconds=MAX_AGE + 10))
    html = fail(sent, LOCKED, "contact.models.Clinic.objects.current").content.decode()
    assert client.post("/contact/", Form(html).values).status_code == 302


def test_a_filled_trap_does_not_come_back(fail):
    assert Form(fail(typed(leave_empty="Ana"), LOCKED).content.decode()).values["leave_empty"] == ""


def test_a_body_too_large_comes_back_as_far_as_it_was_read(client):
    message = "My knee hurts. " * 200_000
    body = urlencode(typed(message=message))
    response = client.post("/contact/", body, "application/x-www-form-urlencoded")
    again = Form(response.content.decode()).values
    assert response.status_code == 413
    assert again["name"] == "Ana Marker"
    assert len(again["message"]) > 2_000_000
    assert message.startswith(again["message"])
    again["message"] = "My knee hurts."
    assert client.post("/contact/", again).status_code == 302


def test_where_no_retry_page_can_be_made_it_is_a_plain_page(fail, monkeypatch):
    monkeypatch.setattr("contact.intake.retry.MESSAGES", {})
    response = fail(typed(), BUG)
    assert response.status_code == 500
    assert "905-555-0142" in response.content.decode()


def test_other_requests_get_nothing_back(client, rf, fail, monkeypatch):
    assert b"Ana" not in service_unavailable(rf.post("/admin/", {"name": "Ana"})).content
    monkeypatch.setattr("contact.views.form_page", lambda *_: 1 / 0)
    html = client.get("/contact/?service=dry-needling").content.decode()
    assert "<form" not in html
