"""Static files as they are collected: hashed, and compared by the browser before it uses them."""

import re
from base64 import b64encode
from hashlib import sha384

from django.core.management import call_command
from django.urls import reverse

from clinic_site.settings import STORAGES

USED = re.compile(r'<(?:script[^>]*? src|link rel="stylesheet" href)="(/static/[^"]+)"([^>]*)>')


def test_scripts_and_sheets_are_compared_before_they_are_used(
    client, sample_site, settings, tmp_path
):
    settings.STATIC_ROOT, settings.STORAGES = tmp_path, STORAGES
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]  # ours
    call_command("collectstatic", interactive=False, verbosity=0)
    used = USED.findall(client.get(reverse("home")).content.decode())
    assert len(used) == 2
    for path, attributes in used:
        content = (tmp_path / path.removeprefix("/static/")).read_bytes()
        expected = b64encode(sha384(content).digest()).decode()
        assert f' integrity="sha384-{expected}"' in attributes


def test_a_file_without_its_hash_in_its_name_may_change(client, sample_site):
    assert "integrity" not in client.get(reverse("home")).content.decode()
