"""Static files as they are collected: hashed, and compared by the browser before it uses them."""

import os
import re
import stat
from base64 import b64encode
from hashlib import sha384

import pytest
from django.core.management import call_command
from django.urls import reverse

from clinic_site.settings import STORAGES

USED = re.compile(r'<(?:script[^>]*? src|link rel="stylesheet" href)="(/static/[^"]+)"([^>]*)>')


@pytest.fixture
def collected(settings, tmp_path):
    """The folder of our own files, collected by somebody whose files nobody else may read."""
    settings.STATIC_ROOT, settings.STORAGES = tmp_path / "static", STORAGES
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    before = os.umask(0o077)
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    finally:
        os.umask(before)
    return settings.STATIC_ROOT


def test_the_proxy_may_read_every_file_and_its_compressed_copies(collected):
    paths = list(collected.rglob("*"))
    assert {path.suffix for path in paths} >= {".css", ".gz", ".br"}
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_scripts_and_sheets_are_compared_before_they_are_used(client, sample_site, collected):
    used = USED.findall(client.get(reverse("home")).content.decode())
    assert len(used) == 2
    for path, attributes in used:
        content = (collected / path.removeprefix("/static/")).read_bytes()
        expected = b64encode(sha384(content).digest()).decode()
        assert f' integrity="sha384-{expected}"' in attributes


def test_a_file_without_its_hash_in_its_name_may_change(client, sample_site):
    assert "integrity" not in client.get(reverse("home")).content.decode()
