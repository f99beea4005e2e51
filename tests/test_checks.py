"""`manage.py check --deploy`: quiet for a site set up right, and each fault has its mend."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.core.checks import run_checks

from contact.models import Clinic, Recipient
from tests.test_settings import REAL

IN_CLEAR = {"EMAIL_BACKEND": "clinic_site.web.mail.SMTPBackend", "EMAIL_HOST": "other.example"}


@pytest.fixture
def right(settings, clinic):
    """A site set up right; the tests break one thing each."""
    Recipient.objects.update(address="desk@clinic.test")
    settings.SITE_URL = "https://clinic.test"
    settings.ALLOWED_HOSTS = ["clinic.test", "www.clinic.test"]
    settings.DEFAULT_FROM_EMAIL = "Clinic <web@clinic.test>"
    settings.EMAIL_BACKEND = "clinic_site.web.mail.SMTPBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example", True
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    settings.HEALTH_TOKEN = "x" * 16
    settings.ALARM_EMAIL = IN_CLEAR | {"EMAIL_USE_TLS": True}
    settings.ALARM_TO = ["o@private.example"]
    return settings


def found():
    return {one.id for one in run_checks(tags=["clinic"], include_deployment_checks=True)}


def test_a_site_set_up_right_is_found_right(right):
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("SITE_URL", "http://clinic.test", "clinic_site.E001"),
        ("ALLOWED_HOSTS", ["www.clinic.test"], "clinic_site.E007"),
        ("EMAIL_TIMEOUT", None, "clinic_site.E002"),
        ("EMAIL_USE_TLS", False, "clinic_site.E003"),
        ("DEFAULT_FROM_EMAIL", "web@mail.example", "clinic_site.W001"),
        ("ALARM_EMAIL", IN_CLEAR, "clinic_site.E003"),
        ("CLIENT_ADDRESS_HEADER", "", "clinic_site.W002"),
        ("CLIENT_ADDRESS_HEADER", "X-Forwarded-For", "clinic_site.W002"),
        ("ALARM_TO", [], "clinic_site.W003"),
        ("HEALTH_TOKEN", "short", "clinic_site.E004"),
        ("SECURITY_CONTACT", "security@clinic.test", "clinic_site.E006"),
    ],
)
def test_each_fault_is_found_with_its_mend(right, name, value, check):
    setattr(right, name, value)
    (fault,) = run_checks(tags=["clinic"], include_deployment_checks=True)
    assert fault.id == check
    assert fault.hint


def test_mail_in_clear_text_may_stay_on_this_machine(right):
    right.EMAIL_USE_TLS, right.EMAIL_HOST = False, "127.0.0.1"
    assert found() == set()


def test_mail_may_come_from_the_domain_above(right):
    right.SITE_URL = "https://www.clinic.test"
    assert found() == set()


@pytest.mark.parametrize("address", [None, "frontdesk@clinic.example"])
def test_nobody_to_send_to_is_an_error(right, address):
    Recipient.objects.all().delete()
    if address:
        Recipient.objects.create(clinic=Clinic.objects.get(), address=address)
    assert found() == {"contact.E001"}


def test_a_place_that_cannot_be_written_is_an_error(right, tmp_path):
    right.VAR_DIR = tmp_path / "gone"
    assert "clinic_site.E005" in found()


@pytest.mark.parametrize("name", ["db.sqlite3", "media", "clinic.json"])
def test_a_place_inside_that_cannot_be_written_is_an_error(right, tmp_path, monkeypatch, name):
    right.VAR_DIR = tmp_path
    (tmp_path / name).mkdir()
    # The superuser, who may run the tests, may write everywhere.
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path / name)
    (fault,) = run_checks(tags=["clinic"])
    assert fault.msg == f"{tmp_path / name} cannot be written."


def test_check_deploy_has_no_other_warning(tmp_path):
    """Django's own checks are quiet but for what the owner chooses; ours ask for what is unset."""
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=site_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | REAL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    words = result.stdout + result.stderr
    assert "security." not in words
    assert "contact.W001" in words  # no table yet: it cannot tell
    assert "clinic_site.W002" in words
    assert result.returncode == 0
