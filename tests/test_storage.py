"""Static files as they are collected: hashed, and compared by the browser before it uses them."""

import os
import re
import stat
from base64 import b64encode
from functools import partial
from hashlib import sha384
from unittest import mock

import brotli
import pytest
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from clinic_site.settings import STORAGES
from clinic_site.web.storage import BundledStaticFilesStorage

USED = re.compile(r'<(?:script[^>]*? src|link rel="stylesheet" href)="(/static/[^"]+)"([^>]*)>')


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of our own files, collected by somebody whose files nobody else may read."""
    root = tmp_path_factory.mktemp("static")
    finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    quickly = mock.patch("brotli.compress", partial(brotli.compress, quality=1))
    collected = override_settings(STATIC_ROOT=root, STORAGES=STORAGES, STATICFILES_FINDERS=finders)
    with collected, quickly:
        before = os.umask(0o077)
        try:
            call_command("collectstatic", interactive=False, verbosity=0)
        finally:
            os.umask(before)
    return root


@pytest.fixture
def collected(settings, folder):
    """The collected files, served by the site."""
    settings.STATIC_ROOT, settings.STORAGES = folder, STORAGES
    return folder


def test_the_proxy_may_read_every_file_and_its_compressed_copies(folder):
    paths = list(folder.rglob("*"))
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


@pytest.mark.parametrize("name", BundledStaticFilesStorage.bundles)
def test_a_bundle_holds_what_it_imports(folder, name):
    sheet, _, ending = name.rpartition(".")
    (bundle,) = folder.glob(f"{sheet}.*.{ending}")
    css = bundle.read_text()
    assert "@import" not in css
    assert "--lake:" in css  # from css/tokens.css


def test_a_file_without_its_hash_in_its_name_may_change(client, sample_site):
    assert "integrity" not in client.get(reverse("home")).content.decode()
