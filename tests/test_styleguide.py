"""The style guide: it shows each component, only to staff, and needs nothing in the database."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

COMPONENTS = Path(settings.BASE_DIR, "templates/components")
GUIDE = "/styleguide/"


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_user("kim", is_staff=True))
    return client


def test_only_staff_see_it(client, staff):
    response = staff.get(GUIDE, follow=True)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in response.text
    client.logout()
    assert client.get(GUIDE, follow=True).redirect_chain[-1][0].startswith("/admin/account/login/")


def test_it_shows_every_component(staff, sample_site):
    response = staff.get(reverse("admin:styleguide"))
    shown = {one.name.rpartition("/")[2] for one in response.templates if one.name}
    assert {path.name for path in COMPONENTS.glob("_*.html")} - shown == set()


def test_it_writes_nothing_and_needs_no_clinic(staff):
    staff.get(reverse("admin:styleguide"))
    with CaptureQueriesContext(connection) as asked:
        assert staff.get(reverse("admin:styleguide")).status_code == 200
    assert not [one for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
