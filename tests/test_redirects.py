"""Old addresses: a page that moves is found at each address it ever had, in one hop."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.redirects.models import Redirect
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post, Topic
from clinic_site.history.version import record_outside_changes
from clinic_site.models import Page
from services.models import Practitioner, Service

pytestmark = pytest.mark.usefixtures("sample_site")
ADD = "/admin/redirects/redirect/add/"
KEPT = "public, max-age=0, s-maxage=4, stale-while-revalidate=4, stale-if-error=86400"


def move(row, slug):
    row.slug = slug
    row.save()
    return row.get_absolute_url()


def rename(model, slug, new):
    row = model.objects.get(slug=slug)
    return row.get_absolute_url(), move(row, new)


@pytest.mark.parametrize(
    ("model", "slug"),
    [
        (Post, "what-is-dry-needling"),
        (Topic, "treatments"),
        (Service, "dry-needling"),
        (Practitioner, "priya-sample"),
        (Page, "about"),
    ],
)
def test_the_old_address_leads_to_the_new_one_at_once(client, model, slug):
    old, new = rename(model, slug, "moved")
    response = client.get(f"{old}?utm_source=card")
    assert (response.status_code, response["Location"]) == (301, new)
    assert response["Cache-Control"] == KEPT
    assert client.get(new).status_code == 200


def test_a_page_that_moved_twice_is_one_hop_away(client):
    page = Page.objects.get(slug="about")
    for slug in ("second", "third"):
        move(page, slug)
    for path in ("/about/", "/second/"):
        assert client.get(path)["Location"] == "/third/"


def test_a_page_that_moves_back_leads_from_where_it_was(client):
    page = Page.objects.get(slug="about")
    for slug in ("second", "third", "about"):
        move(page, slug)
    assert client.get("/about/").status_code == 200
    for path in ("/second/", "/third/"):
        assert client.get(path)["Location"] == "/about/"


def test_a_new_page_at_an_old_address_is_shown_there(client):
    rename(Page, "about", "moved")
    page = Page.objects.create(title="New", slug="about")
    assert client.get("/about/")["Location"] == "/moved/"  # nobody sees a draft
    page.status = "published"
    page.save()
    assert client.get("/about/").status_code == 200


def test_a_draft_leaves_no_address_behind_it_but_one_that_was_shown_does(client):
    draft = Page.objects.create(title="Draft", slug="draft")
    move(draft, "other")
    assert client.get("/draft/").status_code == 404
    coming = {"status": "published", "publish_at": timezone.now() + timedelta(days=1)}
    later = Page.objects.create(title="Later", slug="later", **coming)
    move(later, "much-later")
    assert client.get("/later/").status_code == 404

    page = Page.objects.get(slug="about")
    record_outside_changes(page)
    page.status = "draft"
    page.save()
    move(page, "moved")
    assert client.get("/about/")["Location"] == "/moved/"


def test_only_what_is_not_there_asks_for_an_old_address(client):
    client.get("/about/")
    for path, asks in (("/about/", 0), ("/nowhere/", 1)):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert sum("django_redirect" in query["sql"] for query in queries) == asks


@pytest.mark.parametrize("path", ["/blog/%00/", "/%F0%9F%99%82/", "/%ff/", f"/{'a' * 5000}/"])
def test_an_odd_address_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_form_sent_to_an_old_address_is_not_led_on(client):
    Redirect.objects.create(site_id=1, old_path="/old/place/", new_path="/services/")
    assert client.get("/old/place/").status_code == 301
    assert client.post("/old/place/").status_code == 404


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("alex"))
    return client


def test_staff_lead_an_address_of_their_own(desk):
    desk.post(ADD, {"old_path": "/spring/", "new_path": "/services/"})
    assert desk.get("/spring/")["Location"] == "/services/"
    desk.post(ADD, {"old_path": "/offer/", "new_path": "/spring/"})
    assert desk.get("/offer/")["Location"] == "/services/"
    desk.post(ADD, {"old_path": "/book/", "new_path": "https://other.example/x"})
    assert desk.get("/book/")["Location"] == "https://other.example/x"
    desk.post(ADD, {"old_path": "/staff/", "new_path": "/admin/"})
    assert desk.get("/staff/")["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("spring", "/services/", "old_path"),
        ("//evil.example/", "/services/", "old_path"),
        ("/spring/?a=1", "/services/", "old_path"),
        ("/", "/services/", "old_path"),
        ("/admin/x/", "/services/", "old_path"),
        ("/contact/", "/services/", "old_path"),
        ("/taken/", "/services/", "old_path"),
        ("/services/", "/fees/", "old_path"),
        ("/about/", "/fees/", "old_path"),
        ("/spring/", "/nowhere/", "new_path"),
        ("/spring/", "//evil.example/", "new_path"),
        ("/spring/", "/\\evil.example/", "new_path"),
        ("/spring/", "http://plain.example/", "new_path"),
        ("/spring/", "javascript:alert(1)", "new_path"),
        ("/spring/", "https://user@evil.example/", "new_path"),
        ("/spring/", "/spring/", "new_path"),
        ("/round/", "/back/", "new_path"),
        ("/" + "x" * 300, "/services/", "old_path"),
    ],
)
def test_a_bad_address_is_told_beside_its_field(desk, old, new, field):
    Redirect.objects.create(site_id=1, old_path="/taken/", new_path="/fees/")
    Redirect.objects.create(site_id=1, old_path="/back/", new_path="/round/")
    response = desk.post(ADD, {"old_path": old, "new_path": new})
    assert response.status_code == 200
    assert set(response.context["adminform"].errors) == {field}
    assert Redirect.objects.count() == 2
