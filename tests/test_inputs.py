"""What people and programs send: never a 500, and what is taken is mailed exactly as typed."""

from datetime import timedelta
from html import unescape

import hypothesis
import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone

from contact.models import Clinic, Enquiry
from contact.outbox import deliver_due
from contact.submissions import new_submission
from tests.naughty import addresses, enquiries

pytestmark = pytest.mark.usefixtures("sample_site")
A_MINUTE = timedelta(minutes=1)
FORM = "application/x-www-form-urlencoded"


def body(**changes):
    """Return the encoded body of a valid enquiry with some fields changed; a list doubles one."""
    with time_machine.travel(timezone.now() - A_MINUTE):  # a hasty one is a sign of spam
        key = new_submission()
    typed = {"name": "Ana Marker", "email": "ana@mail.example", "submission": key}
    query = QueryDict(mutable=True)
    for name, value in (typed | changes).items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return query.urlencode()


def part(mail, kind):
    """Return one part of a mail as text, as the mail was before its lines got CR LF."""
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def post(client, data, content_type=FORM, **options):
    if isinstance(data, str):
        data = data.encode()
    return client.post("/contact/", data, content_type=content_type, **options)


@pytest.mark.parametrize(
    "message",
    [
        "One line",
        "Lines\n\n  with spaces in front\n\tand a tab",
        ".\n.dot at the start\n..two\n.",
        "From the start\n>From quoted",
        "--\nA signature\n-- \n",
        "Content-Type: text/html\n\n--===============\n",
        "long " * 390,
        "x" * 1999,
        "陈 médecin e\u0301 é ﬁ Ω \N{OHM SIGN}",
        "עברית \u200fعربى\u200e \u2067right\u2069 left",
        "🙂👩🏽‍⚕️ \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "<b>not bold</b> &amp; “quotes” & a=b",
        "trailing space \nnext",
        "=?utf-8?q?no?= =20 =\n=3D",
    ],
)
def test_what_was_typed_is_stored_and_mailed_exactly(client, mail_server, message):
    Clinic.objects.update(mail_detail=Clinic.MailDetail.FULL)
    # A browser sends each line break as CR LF.
    assert post(client, body(message=message.replace("\n", "\r\n"))).status_code == 302
    assert Enquiry.objects.get().message == message.strip()
    assert deliver_due() == 1
    ((_, mail),) = mail_server.messages
    assert f"Message: {message.strip()}\n" in part(mail, "plain")
    assert message.strip() in unescape(part(mail, "html").replace("<br>", "\n"))


def test_every_field_reaches_the_mail(client, mail_server):
    Clinic.objects.update(mail_detail=Clinic.MailDetail.FULL)
    typed = {
        "name": "Zoë 陈 O’Neil",
        "phone": "905-555-0142 ext. 7",
        "may_leave_message": "no",
        "preferred_way": "phone",
        "is_for_someone_else": "on",
        "times": "after 5, “not” Fridays",
        "service": "dry-needling",
        "practitioner": "priya-sample",
        "page": "/about/",
    }
    assert post(client, body(**typed)).status_code == 302
    deliver_due()
    ((_, mail),) = mail_server.messages
    text = part(mail, "plain")
    for line in (
        "Name: Zoë 陈 O’Neil",
        "Phone: +1 905-555-0142 ext. 7",
        "May we leave a message?: No",
        "Email: ana@mail.example",
        "Prefers: Phone",
        "Asks for: someone else",
        "Good times: after 5, “not” Fridays",
        "Service: Dry needling",
        "Page in another format: /about/",
    ):
        assert f"{line}\n" in text
    assert "With: Priya" in text


def test_a_domain_in_another_script_is_written_to(client, mail_server):
    Clinic.objects.update(sends_acknowledgement=True)
    assert post(client, body(email="ana@münchen.example")).status_code == 302
    assert deliver_due() == 2
    assert ["ana@xn--mnchen-3ya.example"] in [to for to, _ in mail_server.messages]


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("name", "Ana\r\nBcc: all@mail.example", "Ana Bcc: all@mail.example"),
        ("name", "Ana\u2028Marker", "Ana Marker"),
        ("name", "Ana \u202etxt.exe", "Ana  txt.exe"),
        ("name", "Ana\x85Marker\x07", "Ana Marker"),
        ("times", "Monday\n\tor later", "Monday or later"),
    ],
)
def test_one_line_fields_keep_one_line(client, name, typed, stored):
    assert post(client, body(**{name: typed})).status_code == 302
    assert getattr(Enquiry.objects.get(), name) == stored


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("name=%ED%A0%80&email=ana@mail.example", id="lone surrogate"),
        pytest.param("name=%FF%FE%00&email=%C3", id="no UTF-8"),
        pytest.param("name=%00&email=%00@mail.example&phone=%00", id="NUL"),
        pytest.param("=&&&=x&name", id="no names"),
        pytest.param("&".join(f"f{n}=1" for n in range(1001)), id="a thousand fields"),
        pytest.param("", id="nothing"),
        pytest.param("submission=" + ":" * 5000, id="only colons"),
        pytest.param("submission=a:zzzzzzzzzzzzzzzzzzzzzz:b", id="a moment of no time"),
        pytest.param("message=" + "x" * 1_000_000, id="a message of 1 MB"),
        pytest.param("message=" + "x" * 3_000_000, id="a message of 3 MB"),
        pytest.param("name=" + "%F0%9F%99%82" * 100_000, id="a name of 100,000 smiles"),
        pytest.param("email=" + "a" * 500_000 + "@mail.example", id="an address of 0.5 MB"),
        pytest.param("phone=" + "1" * 500_000, id="a number of 0.5 MB"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_never_an_error(client, data):
    response = post(client, data)
    assert response.status_code in (200, 400, 413)
    assert not Enquiry.objects.exists()
    if response.status_code == 200:
        assert "error-summary" in response.content.decode()


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/form-data; boundary=é",
        "application/json",
        "text/plain",
        "",
        "/",
    ],
)
def test_no_content_type_is_an_error(client, content_type):
    assert post(client, body(), content_type).status_code in (200, 302, 400)


@pytest.mark.parametrize(
    "part",
    [
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\nAna",
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\nAna\r\n--x--',
        b"--x\r\nContent-Disposition: form-data\r\n\r\nAna\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ],
)
def test_malformed_multipart_is_no_error(client, part):
    response = post(client, part, "multipart/form-data; boundary=x")
    assert response.status_code in (200, 400)
    assert not Enquiry.objects.exists()


def test_of_a_doubled_field_the_last_counts(client):
    data = body(name=["Other", "Ana Marker"], email=["x", "ana@mail.example"])
    assert post(client, data).status_code == 302
    enquiry = Enquiry.objects.get()
    assert (enquiry.name, enquiry.email) == ("Ana Marker", "ana@mail.example")


def test_a_choice_sent_twice_or_as_a_list_is_told(client):
    data = body(service=["dry-needling", "no-such"], preferred_way=["phone", "pigeon"])
    html = post(client, data).content.decode()
    assert html.count("Select a valid choice") >= 2
    assert "Ana Marker" in html


SHORT = hypothesis.settings(
    max_examples=40, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)


@SHORT
@hypothesis.given(enquiries())
def test_generated_enquiries_are_never_an_error(client, drawn):
    assert client.post("/contact/", drawn).status_code in (200, 302, 400)


@SHORT
@hypothesis.given(addresses())
def test_generated_addresses_are_never_an_error(client, drawn):
    assert client.get(*drawn).status_code != 500
