"""The command check_mail against a real mail server, and what it reads from a domain's records."""

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core.management import CommandError, call_command

from contact.management.commands.check_mail import Command
from contact.models import Clinic, Recipient
from contact.outbox.sender_domain import LookupFailedError, explain, texts_at
from tests.conftest import need
from tests.mail_server import Handler, MailServer

COMMAND = "contact.management.commands.check_mail"


def answers(records):
    """Return a look-up over a dict of names; an exception in it is raised."""

    def lookup(name):
        found = records.get(name, [])
        if isinstance(found, Exception):
            raise found
        return found

    return lookup


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr(f"{COMMAND}.texts_at", answers({"clinic.example": ["v=spf1 mx -all"]}))


@pytest.fixture
def recipients(db):
    clinic = Clinic.objects.create(name="A clinic")
    for name in ("desk", "pt"):
        Recipient.objects.create(clinic=clinic, address=f"{name}@clinic.example")


def fails(capsys, *arguments):
    """Run the command, which must fail with exit code 2, and return all it said."""
    with pytest.raises(CommandError) as failure:
        call_command("check_mail", *arguments)
    assert failure.value.returncode == 2
    return f"{capsys.readouterr().out}{failure.value}"


# The test message


def test_sends_to_every_recipient_and_explains_the_domain(recipients, mail_server, capsys):
    call_command("check_mail")
    said = capsys.readouterr().out
    assert said.count("The mail server accepted it.") == 2
    assert [to for to, _ in mail_server.messages] == [
        ["desk@clinic.example"],
        ["pt@clinic.example"],
    ]
    assert mail_server.messages[0][1]["From"] == "website@clinic.example"
    for line in ("SPF: exists and ends in -all", "DMARC: none", "DKIM: cannot be checked"):
        assert f"\n{line}" in said


def test_a_sender_s_name_with_a_comma_is_quoted(mail_server, settings):
    settings.DEFAULT_FROM_EMAIL = "Markham Clinic, Inc. <web@clinic.example>"
    call_command("check_mail", "--to", "me@mail.example")
    assert mail_server.messages[0][1]["From"].addresses[0].display_name == "Markham Clinic, Inc."


def test_to_one_address_asks_no_database(mail_server, capsys):
    call_command("check_mail", "--to", "me@mail.example", "--selector", "s1")
    assert [to for to, _ in mail_server.messages] == [["me@mail.example"]]
    assert "DKIM: not found at s1._domainkey.clinic.example" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "reply", "meaning", "mend"),
    [
        ("RCPT", "550 No such person", "refused the recipient", "Correct the address"),
        ("RCPT", "450 Greylisted", "refused the recipient", "Try again in a few minutes"),
        ("MAIL", "553 Not your sender", "refused the sender", "DEFAULT_FROM_EMAIL"),
        ("MAIL", "530 Log in first", "refused the sender", "add user and password"),
        ("DATA", "554 Failed DMARC", "refused the message", "SPF, DMARC and DKIM"),
    ],
)
def test_a_refusal_is_told_with_its_mend(mail_server, capsys, command, reply, meaning, mend):
    mail_server.replies[command] = reply
    said = fails(capsys, "--to", "me@mail.example")
    assert "accepted it" not in said
    assert meaning in said
    assert f"127.0.0.1:{mail_server.port}: {reply}" in said
    assert mend in said
    assert "SPF: " in said


def test_one_refused_recipient_does_not_hide_the_other(recipients, mail_server, capsys):
    mail_server.replies["desk@clinic.example"] = "550 No such person"
    said = fails(capsys)
    assert "desk@clinic.example: The mail server refused the recipient" in said
    assert "pt@clinic.example: The mail server accepted it." in said


def test_a_server_away_is_told_once(recipients, mail_server, capsys):
    mail_server.stop()
    said = fails(capsys)
    assert said.count("The mail server refused the connection") == 1
    assert "Check host and port in EMAIL_URL" in said


def test_a_silent_server_is_told(mail_server, settings, capsys):
    settings.EMAIL_TIMEOUT = 0.1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        said = fails(capsys, "--to", "me@mail.example")
    assert "The mail server closed the connection" in said


@contextmanager
def serving(settings, **options):
    """Run a mail server with options of aiosmtpd's, and send to it."""
    controller = Controller(Handler(), hostname="127.0.0.1", port=MailServer().port, **options)
    controller.start()
    settings.EMAIL_PORT = controller.port
    try:
        yield
    finally:
        controller.stop()


def test_a_wrong_password_is_told(mail_server, settings, capsys):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "web", "secret-4711"

    def refuse(*_):
        return AuthResult(success=False, handled=False)

    with serving(settings, authenticator=refuse, auth_require_tls=False):
        said = fails(capsys, "--to", "me@mail.example")
    assert "did not accept the user name or password" in said
    assert "535" in said
    assert "secret-4711" not in said


def test_a_server_without_login_is_told(mail_server, settings, capsys):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "web", "secret"
    said = fails(capsys, "--to", "me@mail.example")
    assert "does not support what EMAIL_URL asks for" in said
    assert "smtp+tls://" in said


def test_a_bad_certificate_is_told(mail_server, settings, capsys, tmp_path):
    need("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail"
    subprocess.run(
        [*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    settings.EMAIL_USE_TLS = True
    with serving(settings, tls_context=context):
        said = fails(capsys, "--to", "me@mail.example")
    assert "certificate is not valid" in said
    assert "host name of the certificate" in said


def test_encryption_where_there_is_none_is_told(mail_server, settings, capsys):
    settings.EMAIL_USE_SSL = True
    said = fails(capsys, "--to", "me@mail.example")
    assert "The encrypted connection failed" in said


def test_file_backend_names_the_file(settings, tmp_path, capsys):
    settings.EMAIL_BACKEND = "clinic_site.web.mail.EmlBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    for _ in range(2):
        call_command("check_mail", "--to", "me@mail.example")
        said = capsys.readouterr().out
        named = [str(path) for path in settings.EMAIL_FILE_PATH.iterdir() if str(path) in said]
        assert len(named) == 1


def test_another_backend_is_named(capsys):
    call_command("check_mail", "--to", "me@mail.example")
    assert "locmem.EmailBackend accepted it." in capsys.readouterr().out


def test_without_any_recipient_says_where_to_add_one(db, mail_server, capsys):
    assert "Add an address in the admin under Clinic" in fails(capsys)


@pytest.mark.parametrize("sender", ["", "The clinic", "A clinic <web@>", "A <wéb@clinic.example>"])
def test_a_sender_that_is_none_is_told(settings, capsys, sender):
    settings.DEFAULT_FROM_EMAIL = sender
    assert "like web@clinic.example" in fails(capsys, "--to", "me@mail.example")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--to", "nobody", "is not an email address"),
        ("--to", "a@b.example,c@d.example", "is not an email address"),
        ("--selector", "", "is not a DKIM selector"),
        ("--selector", "s1._domainkey.clinic.example", "is not a DKIM selector"),
        ("--selector", "s1..x", "is not a DKIM selector"),
        ("--selector", "-s1", "is not a DKIM selector"),
    ],
)
def test_a_bad_option_is_told(capsys, option, value, words):
    with pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", "check_mail", f"{option}={value}"])
    assert end.value.code == 2
    assert words in capsys.readouterr().err


# The sender's domain


def line(kind, records, domain="web.clinic.example", selector=None):
    lines = explain(domain, selector, answers(records))
    assert [line.partition(":")[0] for line in lines] == ["SPF", "DMARC", "DKIM"]
    return lines[["SPF", "DMARC", "DKIM"].index(kind)]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "none: web.clinic.example does not say"),
        (["google-site-verification=x", "v=spf10 +all"], "none"),
        (["v=spf1 include:_spf.mail.example -all", "other"], "exists and ends in -all"),
        (["V=SPF1 a ~ALL"], "exists and ends in ~all"),
        (["v=spf1 mx ?all"], "exists but ends in ?all"),
        (["v=spf1 +all"], "dangerous: it ends in +all"),
        (["v=spf1 all"], "dangerous: it ends in +all"),
        (["v=spf1 -all +all"], "exists and ends in -all"),
        (
            ["v=spf1 redirect=_spf.mail.example"],
            "exists and refers to _spf.mail.example",
        ),
        (["v=spf1 a:all.example"], "exists but has no end"),
        (["v=spf1"], "exists but has no end"),
        (["v=spf1 -all", "v=spf1 mx ~all"], "invalid: web.clinic.example has 2 SPF records"),
        (LookupFailedError("no name server answered in time"), "unknown: no name server"),
    ],
)
def test_spf(records, words):
    assert line("SPF", {"web.clinic.example": records}).startswith(f"SPF: {words}")


@pytest.mark.parametrize(
    ("own", "parent", "words"),
    [
        ([], [], "none: web.clinic.example does not say"),
        (["v=spf1 -all", "v=DMARC10; p=reject"], [], "none"),
        (["v=DMARC1; p=none; rua=mailto:a@b.example"], [], "at web.clinic.example with p=none"),
        (["v=DMARC1;p=quarantine"], [], "at web.clinic.example with p=quarantine"),
        (["v = DMARC1 ; P = Reject"], ["v=DMARC1; p=none"], "at web.clinic.example with p=reject"),
        ([], ["v=DMARC1; p=reject"], "at clinic.example with p=reject"),
        ([], ["v=DMARC1; p=reject; sp=none"], "at clinic.example with p=none"),
        (["v=DMARC1; p=reject; sp=none"], [], "at web.clinic.example with p=reject"),
        (["v=DMARC1; rua=mailto:a@b.example"], [], "with a policy that is not valid"),
        (["v=DMARC1; p=block"], [], "with a policy that is not valid"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], [], "invalid: web.clinic.example has 2"),
        (LookupFailedError("no name server could answer"), [], "unknown: no name server"),
        ([], LookupFailedError("no name server could answer"), "unknown: no name server"),
    ],
)
def test_dmarc(own, parent, words):
    records = {"_dmarc.web.clinic.example": own, "_dmarc.clinic.example": parent}
    assert words in line("DMARC", records)


def test_dmarc_asks_no_top_level_domain():
    records = {"_dmarc.example": LookupFailedError("asked")}
    assert line("DMARC", records, domain="clinic.example").startswith("DMARC: none")


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "not found at s1._domainkey.web.clinic.example"),
        (["v=spf1 -all", "v=DMARC1; p=none"], "not found"),
        (["v=DKIM1; k=rsa; p=MIGfMA0="], "found: there is a key"),
        (["k=ed25519; p=11qYAYKx"], "found: there is a key"),
        (["v=DKIM1; p="], "revoked: the key"),
        (LookupFailedError("no name server answered in time"), "unknown: no name server"),
    ],
)
def test_dkim(records, words):
    found = line("DKIM", {"s1._domainkey.web.clinic.example": records}, selector="s1")
    assert found.startswith(f"DKIM: {words}")


def test_dkim_without_a_selector_says_how_to_find_it():
    assert "give --selector NAME" in line("DKIM", {})


def resolver_at(port, seconds=10):
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, seconds
    return resolver


def test_no_reachable_name_server_cannot_tell():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    lines = explain("clinic.example", "s1", lambda name: texts_at(name, resolver_at(port, 0.1)))
    assert all("unknown: no name server" in line for line in lines)


@pytest.mark.parametrize(
    ("code", "record", "texts"),
    [
        ("NOERROR", '"v=spf1 mx " "-all"', ["v=spf1 mx -all"]),
        ("NOERROR", None, []),
        ("NXDOMAIN", None, []),
        ("SERVFAIL", None, LookupFailedError),
    ],
)
def test_what_a_name_server_answers(code, record, texts):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            wire, asker = server.recvfrom(512)
            response = dns.message.make_response(dns.message.from_wire(wire))
            response.set_rcode(dns.rcode.from_text(code))
            if record:
                name = response.question[0].name
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", record))
            server.sendto(response.to_wire(), asker)

        thread = threading.Thread(target=serve)
        thread.start()
        resolver = resolver_at(server.getsockname()[1])
        if texts is LookupFailedError:
            with pytest.raises(LookupFailedError, match="no name server could answer"):
                texts_at("clinic.example", resolver)
        else:
            assert texts_at("clinic.example", resolver) == texts
        thread.join()


def test_a_machine_without_name_servers_cannot_tell(monkeypatch):
    def unset(*_):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr("dns.resolver.Resolver", unset)
    with pytest.raises(LookupFailedError, match="this machine has no name server"):
        texts_at("clinic.example")
