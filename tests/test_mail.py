"""All mail of the site: short ASCII lines, our own host, marked as automatic, quoted names."""

import logging
import socket
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.utils import timezone

from clinic_site.management.reminders import remind_of_register
from clinic_site.web import logs, mail
from clinic_site.web.staff_mail import THREAD_NAME, mail_user
from contact.models import Clinic, Delivery
from contact.outbox import alarm
from contact.outbox.digest import send_digest
from contact.outbox.sender import deliver_due
from services.models import Practitioner
from tests.enquiries import make, quarantined, user
from tests.mail_server import Handler, MailServer

LINE_SEPARATOR = "\u2028"
HARD_TEXTS = {
    "line separators": LINE_SEPARATOR.join(["sore"] * 400),
    "paragraph separators": "\u2029".join(["knee"] * 400),
    "next lines and form feeds": "\x85".join(["a"] * 600) + "\x0c".join(["b"] * 600),
    "one long word": "w" * 5000,
    "one long word in Chinese": "痛" * 2000,
    "emoji": "🙂" * 700,
    "long lines of plain words": "my knee is sore " * 300,
    "dots and From": ".\n..\nFrom me\n" * 3,
    "accents": "Élodie a mal à l’épaule",
}


class RawHandler(Handler):
    """Keeps the bytes of messages, and the names in EHLO; takes no 8-bit mail."""

    def __init__(self):
        super().__init__()
        self.raw, self.names = [], set()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.names.add(hostname)
        session.host_name = hostname
        return [line for line in responses if "8BITMIME" not in line]

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.raw.append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def strict(settings):
    """A mail server that keeps what arrives, byte for byte."""
    server = MailServer()
    server.handler = RawHandler()
    with server:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = (
            "clinic_site.web.mail.SMTPBackend",
            "127.0.0.1",
        )
        settings.EMAIL_PORT = server.port
        settings.SITE_URL = "https://www.clinic.example"
        yield server.handler


def check_lines(content):
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_leaves_in_short_ascii_lines_and_arrives_as_typed(clinic, strict, text):
    Clinic.objects.update(mail_detail="full")
    make(message=text, name="Élodie Côté", times=text[:200])
    assert deliver_due() == 1
    check_lines(strict.raw[0])
    ((_, message),) = strict.messages
    arrived = message.get_body(["plain"]).get_content().replace("\r\n", "\n")
    assert text in arrived
    assert "Élodie Côté" in message.get_body(["html"]).get_content()


@pytest.fixture
def every_mail(clinic, strict, settings, tmp_path, monkeypatch):
    """The messages of each kind that the site sends, by the subject's first words."""
    settings.ADMINS, settings.VAR_DIR = ["helper@private.example"], tmp_path
    settings.ALARM_TO, settings.ALARM_FROM = ["owner@private.example"], "alarm@other.example"
    settings.ALARM_EMAIL = {
        "EMAIL_BACKEND": settings.EMAIL_BACKEND,
        "EMAIL_HOST": settings.EMAIL_HOST,
        "EMAIL_PORT": settings.EMAIL_PORT,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }
    now = timezone.now()
    enquiry = make(answer_by=now - timedelta(hours=1))
    enquiry.deliveries.create(address="zebra@mail.example", kind=Delivery.Kind.ACKNOWLEDGEMENT)
    enquiry.deliveries.create(
        address="owner@clinic.example", kind=Delivery.Kind.OVERDUE, is_by_hand=True
    )
    deliver_due()
    quarantined()
    send_digest(now)
    Practitioner.objects.create(name="Ana", slug="ana", verified_on=now - timedelta(days=400))
    remind_of_register()
    alarm.send("Website: enquiries are not reaching you", ["Nobody gets mail."], now)
    kim = user("kim")
    kim.email = "kim@clinic.example"
    mail_user(kim, "About your sign-in", "email/sign_in_news.txt", {"news": "Élodie signed in"})
    logs.MailHandler().emit(logging.LogRecord("x", logging.ERROR, "", 1, "Sorry", (), None))
    send_mail("By Django", "Text", None, ["kim@clinic.example"])
    for thread in list(logs.threading.enumerate()):
        if thread.name in (THREAD_NAME, logs.THREAD_NAME):
            thread.join()
    return strict


def test_every_mail_is_marked_as_automatic_and_of_our_own_host(every_mail):
    assert len(every_mail.messages) == 9
    for _, message in every_mail.messages:
        assert message["Auto-Submitted"] in ("auto-generated", "auto-replied"), message["Subject"]
        assert message["X-Auto-Response-Suppress"] == "All", message["Subject"]
        assert message["Message-ID"].endswith("@www.clinic.example>"), message["Subject"]
    assert every_mail.names == {"www.clinic.example"}
    for content in every_mail.raw:
        check_lines(content)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://clinic.example", "clinic.example"),
        ("https://www.clinic.example:8443/site", "www.clinic.example"),
        ("https://physio-zürich.example", "xn--physio-zrich-klb.example"),
        ("http://192.0.2.7:8000", "[192.0.2.7]"),
        ("http://[2001:db8::7]:8000", "[IPv6:2001:db8::7]"),
        ("http://localhost:8000", "localhost"),
    ],
)
def test_the_server_is_greeted_by_the_host_of_the_site(strict, settings, monkeypatch, url, name):
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "localhost")
    settings.SITE_URL = url
    send_mail("Subject", "Text", None, ["kim@clinic.example"])
    assert strict.names == {name}
    assert strict.messages[0][1]["Message-ID"].endswith(f"@{name}>")


NAMES = {
    "Markham Clinic, Inc. <web@clinic.example>": "Markham Clinic, Inc.",
    '"Markham Clinic, Inc." <web@clinic.example>': "Markham Clinic, Inc.",
    "Clinique Élodie, centre-ville <web@clinic.example>": "Clinique Élodie, centre-ville",
    "Physio @ Steeles; Markham <web@clinic.example>": "Physio @ Steeles; Markham",
    'The "Best" Clinic (Markham) <web@clinic.example>': 'The "Best" Clinic (Markham)',
    "陳診所 <web@clinic.example>": "陳診所",
    "web@clinic.example": "",
    " <web@clinic.example> ": "",
}


@pytest.mark.parametrize(("sender", "name"), NAMES.items())
def test_the_sender_s_name_is_quoted_where_needed(clinic, strict, settings, sender, name):
    settings.DEFAULT_FROM_EMAIL = sender
    make()
    assert deliver_due() == 1
    (address,) = strict.messages[0][1]["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "web@clinic.example")
    check_lines(strict.raw[0])


def test_a_sender_that_is_no_address_is_told_with_its_setting(clinic, strict, settings):
    settings.DEFAULT_FROM_EMAIL = "Markham Clinic"
    make()
    assert deliver_due() == 0
    assert "DEFAULT_FROM_EMAIL" in Delivery.objects.get().last_error


def test_a_file_holds_the_same_ascii_as_a_server_gets(settings, tmp_path):
    settings.EMAIL_BACKEND = "clinic_site.web.mail.EmlBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    message = EmailMultiAlternatives("Élodie", HARD_TEXTS["emoji"], to=["Zoë <kim@clinic.example>"])
    message.attach_alternative(f"<p>{'é' * 3000}</p>", "text/html")
    message.send()
    (path,) = tmp_path.glob("*.eml")
    content = path.read_bytes()
    assert content.isascii()
    assert max(map(len, content.splitlines())) <= 998
    assert b"Auto-Submitted: auto-generated" in content


def test_a_plain_text_is_left_as_it_is():
    content = b"Content-Type: text/plain\r\n\r\nhttps://clinic.example/?list=spam\r\n"
    assert mail.in_seven_bits(content) == content
