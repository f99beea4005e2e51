"""What an owner may write in .env, and what the site says when it cannot be read."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic_site.web import env


@pytest.fixture
def setting(monkeypatch):
    return lambda value: monkeypatch.setenv("SETTING", value)


@pytest.mark.parametrize(
    ("url", "port", "over_tls"),
    [
        ("smtp+tls://u:p@mail.clinic.example", 587, False),
        ("smtp+ssl://u:p@mail.clinic.example", 465, True),
        ("smtps://u:p@mail.clinic.example", 465, True),
        ("smtp://127.0.0.1", 25, None),
        ("smtp+tls://u:p@mail.clinic.example:2525", 2525, False),
        (" smtp+tls://u:p@mail.clinic.example ", 587, False),
    ],
)
def test_mail_server_has_the_usual_port_of_its_encryption(setting, url, port, over_tls):
    setting(url)
    config = env.mail_server("SETTING")
    assert config["EMAIL_PORT"] == port
    assert bool(config.get("EMAIL_USE_SSL")) == bool(over_tls)


@pytest.mark.parametrize(
    "url",
    [
        "smtp+tls://AKIA:BPa/x+y=@mail.example:587",
        "smtp+tls://user:25/BPa@mail.example:587",
        "smtp+tls://user:BPa#x@mail.example",
        "smtp+tls://user:BPa?x@mail.example",
        "smtp+tls://user:BPa@mail.example:smtp",
        "smtp+tls://user:[BPa@mail.example",
        "smtp+tls:user:BPa@mail.example",
        "smpt+tls://user:BPa@mail.example",
        "BPa@mail.example",
        "smtp+tls://",
    ],
)
def test_unreadable_mail_server_is_named_without_its_password(setting, url):
    setting(url)
    with pytest.raises(ImproperlyConfigured) as error:
        env.mail_server("SETTING")
    assert str(error.value).startswith("SETTING ")
    assert "BPa" not in str(error.value)
    assert "%2F" in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://clinic:BPa/x@127.0.0.1/clinic",
        "postgres://clinic:12/BPa@127.0.0.1/clinic",
        "postgres://clinic:BPa#x@127.0.0.1/clinic",
        "postgres://clinic:[BPa@127.0.0.1/clinic",
        "postgres://clinic:BPa@127.0.0.1:port/clinic",
        "postgres://clinic:BPa@127.0.0.1",
        "mysql://clinic:BPa@127.0.0.1/clinic",
        "BPa",
        "/srv/BPa.sqlite3",
    ],
)
def test_unreadable_database_is_named_without_its_password(setting, url):
    setting(url)
    with pytest.raises(ImproperlyConfigured) as error:
        env.database("SETTING")
    assert str(error.value).startswith("SETTING ")
    assert "BPa" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgres://u:a%2Fb%40@127.0.0.1:6432/clinic", "clinic"),
        ("postgres://clinic@/clinic?host=/run/postgresql", "clinic"),
        ("postgresql://clinic@[::1]/clinic", "clinic"),
        ("sqlite:////srv/clinic@home.sqlite3", "/srv/clinic@home.sqlite3"),
    ],
)
def test_readable_databases(setting, url, name):
    setting(url)
    assert env.database("SETTING")["NAME"] == name


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ("Clinic, Inc. <web@clinic.example>", '"Clinic, Inc." <web@clinic.example>'),
        ('"Clinic, Inc." <web@clinic.example>', '"Clinic, Inc." <web@clinic.example>'),
        ("Markham: a clinic <web@clinic.example>", '"Markham: a clinic" <web@clinic.example>'),
        ("Clinique Élan <web@clinic.example>", "Clinique Élan <web@clinic.example>"),
        ("<web@clinic.example>", "web@clinic.example"),
        ("web@clinic.example", "web@clinic.example"),
    ],
)  # fmt: skip
def test_sender_is_quoted_as_a_mail_header_needs_it(given, header):
    assert env.mailbox("SETTING", given) == header


@pytest.mark.parametrize(
    "given", ["Markham Clinic", "web@", "a@b.example, c@d.example", "Clinic > web@clinic.example",
              "Clinic web@clinic.example", "Evil\r\nBcc: a@b.example <web@clinic.example>"]
)  # fmt: skip
def test_what_is_not_an_address_is_refused(given):
    with pytest.raises(ImproperlyConfigured, match=r"^SETTING is not an email address"):
        env.mailbox("SETTING", given)


def test_lists_are_trimmed(setting):
    setting(" clinic.example, www.clinic.example ,,")
    assert env.texts("SETTING") == ["clinic.example", "www.clinic.example"]
    setting("a@clinic.example , B <b@clinic.example>")
    assert env.mailboxes("SETTING") == ["a@clinic.example", "B <b@clinic.example>"]


@pytest.mark.parametrize(
    "given", ["https://Clinic.example/ ", " https://clinic.example", "https://clinic.example//"]
)
def test_address_of_the_site_is_trimmed(setting, given):
    setting(given)
    assert env.web_address("SETTING", env.text("SETTING")) == "https://clinic.example"


@pytest.mark.parametrize(
    "given", ["clinic.example", "https://clinic.example/site", "https://", "https://a:port",
              "ftp://clinic.example", "https://u:p@clinic.example", "https://clinic.example?x=1"]
)  # fmt: skip
def test_what_is_no_address_of_a_site_is_refused(given):
    with pytest.raises(ImproperlyConfigured, match=r"^SETTING is not the address of a site"):
        env.web_address("SETTING", given)


def test_home_in_a_folder_is_expanded(setting, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")
    for given in ("~/clinic", "$HOME/clinic", "/home/ana/./clinic/ "):
        setting(given)
        assert str(env.folder("SETTING", "/srv")) == "/home/ana/clinic"
    setting("")
    assert str(env.folder("SETTING", "/srv")) == "/srv"


def test_a_key_that_begins_with_a_dollar_is_a_key(setting):
    setting("$fz8-random")
    assert env.required("SETTING", "Set it.") == "$fz8-random"


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (lambda: env.number("SETTING", 4), "four"),
        (lambda: env.number("SETTING", 4), "-1"),
        (lambda: env.switch("SETTING"), "maybe"),
        (lambda: env.time_zone("SETTING", "America/Toronto"), "Toronto"),
        (lambda: env.time_zone("SETTING", "America/Toronto"), "../etc/passwd"),
    ],
)
def test_other_mistakes_name_the_setting(setting, read, given):
    setting(given)
    with pytest.raises(ImproperlyConfigured, match=r"^SETTING is "):
        read()


def test_empty_settings_have_their_default(setting):
    setting(" ")
    assert env.number("SETTING", 4) == 4
    assert env.switch("SETTING") is False
    assert env.time_zone("SETTING", "America/Toronto") == "America/Toronto"
