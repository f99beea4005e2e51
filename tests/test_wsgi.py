"""The entry for gunicorn: requests that lie about their charset."""

from io import BytesIO
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from clinic_site.wsgi import application
from contact.models import Enquiry
from tests.test_contact import typed

pytestmark = pytest.mark.usefixtures("sample_site")
CHARSETS = ["hex", "utf-7", "utf-16", "nonsense", '"utf-16"', "utf-16; x=1"]


@pytest.fixture(autouse=True)
def _one_connection():
    """Keep the test's connection, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(path, body=None, **environ):
    """Return the status code and the body that the application answers."""
    path, _, query = path.partition("?")
    environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver"}
    if body is not None:
        environ |= {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body))}
        environ["wsgi.input"] = BytesIO(body)
    setup_testing_defaults(environ)
    answer = {}
    response = application(environ, lambda status, headers: answer.update(status=status))
    return int(answer["status"].split()[0]), b"".join(response)


@pytest.mark.parametrize("charset", CHARSETS)
def test_charset_of_a_get_changes_nothing(charset):
    kind = f"x/y; charset={charset}"
    assert ask("/blog/?page=1", CONTENT_TYPE=kind)[0] == 200
    assert ask("/blog/?page=2", CONTENT_TYPE=kind)[0] == 404


@pytest.mark.parametrize("charset", CHARSETS)
def test_form_is_read_as_utf8_whatever_it_claims(charset):
    body = urlencode(typed(name="José +2AA-")).encode()
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert ask("/contact/", body, CONTENT_TYPE=kind)[0] == 302
    assert Enquiry.objects.get().name == "José +2AA-"


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"\xff\xfe", b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\n"]
)
def test_malformed_multipart_is_no_500(body):
    assert ask("/contact/", body, CONTENT_TYPE="multipart/form-data; boundary=x")[0] < 500
