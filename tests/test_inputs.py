"""What people and programs send: never a 500, and what is taken is mailed exactly as typed."""

from datetime import timedelta
from html.parser import HTMLParser

import hypothesis
import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone

from contact.intake.submissions import new_submission
from contact.models import Clinic, Enquiry
from contact.outbox.sender import deliver_due
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


class Shown(HTMLParser):
    """What the HTML part of a notification shows under each label; `texts` holds it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.spans, self.texts = [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "span":
            self.spans.append("")
        elif tag == "br":
            self.spans[-1] += "\n"

    def handle_data(self, data):
        if self.spans and self.lasttag in ("span", "br"):
            self.spans[-1] += data

    def handle_endtag(self, tag):
        if tag == "p":
            self.texts |= dict([self.spans] if len(self.spans) == 2 else [])
            self.spans = []


def parts(mail):
    """Return both parts of a notification as text, each line break as the one it was."""
    return [
        mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")
    ]


def post(client, data, content_type=FORM, **options):
    if isinstance(data, str):
        data = data.encode()
    return client.post("/contact/", data, content_type=content_type, **options)


@pytest.mark.parametrize(
    "message",
    [
        "One line",
        "  \n\n  Lines with spaces  in front\n\tand a tab\n ",
        ".\n.dot at the start\n..two\n.",
        "From the start\nFrom again\n>From quoted",
        "--\nA signature\n-- \n",
        "Content-Type: text/html\n\n--===============\n",
        "long " * 390,
        "x" * 2000,
        "é" * 1000 + "\r" + "é" * 999,
        "陈 médecin e\u0301 é ﬁ Ω \N{OHM SIGN}",
        "עברית \u200fعربى\u200e \u2067right\u2069 \u202eleft",
        "🙂👩🏽‍⚕️ \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "<b>not bold</b> &amp; “quotes” & a=b",
        "trailing space \nnext\u2028same line to us",
        "=?utf-8?q?no?= =20 =\n=3D",
        "{{ name }} {% now 'Y' %} %(name)s",
    ],
)
def test_what_was_typed_is_stored_and_mailed_exactly(client, mail_server, message):
    Clinic.objects.update(mail_detail=Clinic.MailDetail.FULL)
    # A browser sends each line break as CR LF.
    sent = body(message=message.replace("\n", "\r\n"), phone="905-555-0142")
    assert post(client, sent).status_code == 302
    typed = message.replace("\r", "\n").rstrip()  # spaces and blank lines at the end go
    assert Enquiry.objects.get().message == typed
    assert deliver_due() == 1
    ((_, mail),) = mail_server.messages
    plain, html = parts(mail)
    assert f"\nMessage: {typed}\n\nOpen the enquiry: " in plain
    assert Shown(html).texts["Message"] == typed


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
    plain, html = parts(mail)
    shown = {
        "Name": "Zoë 陈 O’Neil",
        "Phone": "905-555-0142 ext. 7",
        "OK to leave a message": "No",
        "Email": "ana@mail.example",
        "Prefers": "Phone",
        "Asking for": "someone else",
        "Good times": "after 5, “not” Fridays",
        "Service": "Dry needling",
        "Would like to see": "Priya Sample, PT, MScPT",
        "Page wanted in another format": "/about/",
    }
    assert Shown(html).texts == shown
    assert "".join(f"{label}: {text}\n" for label, text in shown.items()) in plain


@pytest.mark.parametrize(
    ("typed", "reached"),
    [
        ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),  # IDNA 2003 wrote to strasse.example
        ("ana@例え.jp", "ana@xn--r8jz45g.jp"),
        ("ana@MÜNCHEN.example", "ana@xn--mnchen-3ya.example"),
        ("\u202aana@mail\u200b.example\u202c\n", "ana@mail.example"),  # as copied from a page
    ],
)
def test_a_domain_in_any_script_is_written_to(client, mail_server, typed, reached):
    Clinic.objects.update(sends_acknowledgement=True)
    assert post(client, body(email=typed)).status_code == 302
    assert deliver_due() == 2
    notification, acknowledgement = sorted(
        mail_server.messages, key=lambda sent: "Reply-To" not in sent[1]
    )
    assert notification[1]["Reply-To"] == reached
    assert acknowledgement[0] == [acknowledgement[1]["To"]] == [reached]


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


def test_half_a_character_is_taken_as_unreadable(client, mail_server):
    data = body(name="Ana HALF").replace("HALF", "%ED%A0%80")  # a lone surrogate
    assert post(client, data).status_code == 302
    assert Enquiry.objects.get().name == "Ana \ufffd\ufffd\ufffd"
    assert deliver_due() == 1


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
    "data",
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
def test_malformed_multipart_is_no_error(client, data):
    response = post(client, data, "multipart/form-data; boundary=x")
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


@hypothesis.given(enquiries())
def test_generated_enquiries_are_never_an_error(client, drawn):
    assert client.post("/contact/", drawn).status_code in (200, 302, 400)


@hypothesis.given(addresses())
def test_generated_addresses_are_never_an_error(client, drawn):
    assert client.get(*drawn).status_code != 500
