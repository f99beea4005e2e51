"""Whether the site can work here: migrations, static files, a database that can be written."""

import shutil
from collections import namedtuple

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from clinic_site.settings import STORAGES
from clinic_site.web import readiness
from contact.models import SenderHeartbeat
from contact.outbox.health import service_state

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "free")


@pytest.fixture
def without_static_files(settings, tmp_path):
    settings.STATIC_ROOT, settings.STORAGES = tmp_path, STORAGES


def test_a_migrated_database_lacks_nothing():
    assert not readiness.has_missing_migrations()
    assert readiness.write_troubles() == []


def test_a_missing_migration_is_a_trouble_of_the_service(client, capsys):
    SenderHeartbeat.objects.beat()
    MigrationRecorder(connection).record_unapplied("contact", "0001_initial")
    assert service_state().troubles == (readiness.OLD_DATABASE,)
    assert client.get("/healthz/service").status_code == 503
    with pytest.raises(SystemExit) as end:
        call_command("check_service")
    assert end.value.code == 1
    assert "Run manage.py migrate." in capsys.readouterr().out


def test_a_database_that_cannot_be_written_is_a_trouble(monkeypatch):
    SenderHeartbeat.objects.beat()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
    else:
        monkeypatch.setattr(readiness.os, "access", lambda *_: False)
    assert "read-only" in service_state().troubles[0]


def test_a_full_disk_is_a_trouble_where_the_database_is(monkeypatch, settings, tmp_path):
    SenderHeartbeat.objects.beat()
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: Usage(free=10**9 if folder == tmp_path else 4096)
    )
    expected = () if connection.vendor == "postgresql" else ("The disk is full.",)
    assert service_state().troubles == expected


@pytest.mark.usefixtures("sample_site", "without_static_files")
def test_pages_and_error_pages_need_no_collected_files(client, monkeypatch):
    assert readiness.has_uncollected_files()
    home = client.get("/")
    assert home.status_code == 200
    assert b' href="/static/css/site.css">' in home.content

    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("clinic_site.views.render", fail)
    client.raise_request_exception = False
    error = client.get("/")
    assert error.status_code == 500
    assert b"905-555-0142" in error.content
