"""The settings: what must be set for real, what is never undone, and what bin/run relaxes."""

import os
import runpy
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from clinic_site.settings import stored_key
from contact.models import Enquiry

REAL = {
    "SECRET_KEY": "a key for this test alone, long enough to be taken for a real one",
    "MFA_KEY": "c2V0IGZvciB0aGlzIHRlc3QgYWxvbmUsIDMyIGJ5dGU=",
    "SITE_URL": "https://clinic.example",
    "ALLOWED_HOSTS": "clinic.example",
    "EMAIL_URL": "smtp+tls://u:p%40@mail.example:587",
    "DEFAULT_FROM_EMAIL": "website@clinic.example",
}


def python(*arguments, tmp_path, **environment):
    """Return what Python did in a process of its own, with this environment alone."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def shown(expression, tmp_path, **environment):
    """Return what an expression over the settings prints, without a start of the apps."""
    code = f"from django.conf import settings as s; print({expression})"
    environment |= {"DJANGO_SETTINGS_MODULE": "clinic_site.settings"}
    return python("-c", code, tmp_path=tmp_path, **environment)


@pytest.mark.parametrize("name", REAL)
def test_missing_setting_is_named_with_its_mend(tmp_path, name):
    rest = {key: REAL[key] for key in REAL if key != name} | {"VAR_DIR": str(tmp_path)}
    named = pytest.raises(ImproperlyConfigured, match=rf"^{name} is not set\. ")
    with mock.patch.dict(os.environ, rest, clear=True), named:
        runpy.run_path(str(settings.BASE_DIR / "clinic_site" / "settings.py"))


def test_command_says_which_setting_is_missing_without_a_traceback(tmp_path):
    result = python("manage.py", "check", tmp_path=tmp_path, **REAL | {"SITE_URL": ""})
    assert result.returncode == 2
    assert result.stderr.startswith("SITE_URL is not set. ")
    assert "Traceback" not in result.stderr


def test_real_settings_are_strict(tmp_path):
    result = shown(
        "s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        "s.EMAIL_BACKEND, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT,"
        # What a cookie called __Host- needs, or browsers drop it.
        "s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_PATH,"
        "s.DEVICE_COOKIE_NAME, s.COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN",
        tmp_path,
        **REAL,
    )
    assert result.stdout.split() == (
        ["False", "True", "True", "True", "clinic_site.web.mail.SMTPBackend", "p@", "True", "10"]
        + ["__Host-sessionid", "/", "__Host-csrftoken", "/", "__Host-device", "/", "None", "None"]
    )


def test_development_relaxes_key_hosts_cookies_and_mail(tmp_path):
    expression = "s.DEBUG, s.SESSION_COOKIE_SECURE, s.EMAIL_BACKEND, len(s.SECRET_KEY) > 40"
    first = shown(expression, tmp_path, DEVELOPMENT="1")
    assert first.stdout.split() == ["False", "False", "clinic_site.web.mail.EmlBackend", "True"]
    key = (tmp_path / "secret_key").read_text()
    shown(expression, tmp_path, DEVELOPMENT="1")
    assert (tmp_path / "secret_key").read_text() == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_at_once_keep_the_same_key(tmp_path, monkeypatch):
    monkeypatch.setattr("clinic_site.settings.VAR_DIR", tmp_path)
    keys = count(1)

    def make():
        time.sleep(0.05)  # as long as the others need to find the file
        return str(next(keys))

    with ThreadPoolExecutor(4) as starts:
        stored = list(starts.map(lambda _: stored_key("mfa_key", make), range(4)))
    assert stored[0]
    assert set(stored) == {(tmp_path / "mfa_key").read_text()}


def test_a_database_url_cannot_undo_what_keeps_enquiries_safe(tmp_path):
    url = f"sqlite:///{tmp_path}/other.sqlite3?transaction_mode=DEFERRED&timeout=1"
    options = "s.DATABASES['default']['OPTIONS']['transaction_mode']"
    result = shown(options, tmp_path, DEVELOPMENT="1", DATABASE_URL=url)
    assert result.stdout.strip() == "IMMEDIATE"


def test_a_relative_database_file_lies_in_the_project_not_in_the_folder_one_stands_in(tmp_path):
    expression = "s.DATABASES['default']['NAME']"
    result = shown(expression, tmp_path, DEVELOPMENT="1", DATABASE_URL="sqlite:///rel.sqlite3")
    assert result.stdout.strip() == str(tmp_path / "rel.sqlite3")


@pytest.mark.parametrize(
    "wrong",
    [
        {"EMAIL_URL": "smtp+tls://AKIA:BPa/x+y=@mail.example:587"},
        {"DATABASE_URL": "postgres://clinic:BPa/x@127.0.0.1/clinic"},
        {"ALARM_EMAIL_URL": "smtp+ssl://u:BPa#x@mail.example"},
        {"DEFAULT_FROM_EMAIL": "Markham Clinic, Inc."},
        {"STAFF_IDLE_MINUTES": "an hour"},
    ],
)
def test_command_names_a_setting_that_it_cannot_read_and_hides_its_value(tmp_path, wrong):
    result = python("manage.py", "check", tmp_path=tmp_path, **REAL | wrong)
    assert result.returncode == 2
    assert result.stderr.startswith(next(iter(wrong)))
    assert len(result.stderr.splitlines()) == 1
    assert "BPa" not in result.stdout + result.stderr


def test_what_an_older_secret_key_signed_still_opens(tmp_path):
    """Forms that patients have open, and share links."""
    code = (
        "import django, sys; django.setup();"
        "from contact.intake.submissions import signer as form;"
        "from clinic_site.publishing.share_links import signer as link;"
        "given = sys.argv[1:];"
        "print(*([form.unsign(given[0]), link.unsign(given[1])] if given"
        " else [form.sign('key'), link.sign('page')]))"
    )
    site = {"DEVELOPMENT": "1", "DJANGO_SETTINGS_MODULE": "clinic_site.settings"}
    old, new = REAL["SECRET_KEY"], "another key for this test alone, as long as the first one"
    signed = python("-c", code, tmp_path=tmp_path, **site, SECRET_KEY=old).stdout.split()
    keys = {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": f" {old} "}
    opened = python("-c", code, *signed, tmp_path=tmp_path, **site, **keys)
    assert opened.stdout.split() == ["key", "page"]


@pytest.mark.parametrize(("given", "region"), [(" ", "CA"), ("us", "US")])
def test_region_of_phone_numbers_has_a_default(tmp_path, given, region):
    shown_region = shown(
        "s.PHONENUMBER_DEFAULT_REGION", tmp_path, DEVELOPMENT="1", PHONE_REGION=given
    )
    assert shown_region.stdout.strip() == region


def test_behind_a_pooler_no_connection_has_options_or_cursors(tmp_path):
    expression = (
        "'options' in s.DATABASES['default']['OPTIONS'],"
        "s.DATABASES['default']['DISABLE_SERVER_SIDE_CURSORS']"
    )
    url = "postgres://clinic@127.0.0.1:6432/clinic"
    plain = shown(expression, tmp_path, DEVELOPMENT="1", DATABASE_URL=url)
    assert plain.stdout.split() == ["True", "False"]
    pooled = shown(expression, tmp_path, DEVELOPMENT="1", DATABASE_URL=url, DATABASE_POOLER="1")
    assert pooled.stdout.split() == ["False", "True"]


@pytest.mark.django_db
def test_sqlite_writes_through():
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        values = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert values == ["wal", 2, 1, 5000]


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_no_log_of_the_database_server_holds_what_a_patient_typed():
    def store():
        with transaction.atomic():
            Enquiry.objects.create(name="Marker Name", message="Marker words", submission_key="k")

    store()
    with pytest.raises(IntegrityError):
        store()
    if connection.vendor == "sqlite":  # it has no server and no log
        return
    log = (Path(connection.get_connection_params()["host"]) / "server.log").read_text()
    assert "duplicate key" in log
    assert "Marker" not in log
