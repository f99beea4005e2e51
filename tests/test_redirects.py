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


def test_a_redirect_to_a_section_of_a_page_that_moves_stays_one_hop(client):
    for old, new in (("/who/", "/about/#team"), ("/ask/", "/about-us/#team")):
        Redirect.objects.create(site_id=1, old_path=old, new_path=new)
    move(Page.objects.get(slug="about"), "second")
    assert client.get("/who/")["Location"] == "/second/#team"
    assert client.get("/ask/")["Location"] == "/about-us/#team"


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


@pytest.mark.parametrize(
    "path", ["/blog/%00/", "/%F0%9F%99%82/", "/%ff/", f"/{'a' * 5000}/", "/%0A/["]
)
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
    ("entered", "asked"),
    [
        ("/services/caf%C3%A9/", ("/services/caf%C3%A9/", "/services/café", "/Services/CAFÉ/")),
        ("/services/café", ("/services/caf%C3%A9/", "/services/cafe%CC%81/", "/services/caf%E9/")),
        ("/Old-Page", ("/old-page/", "/old-page", "/OLD-PAGE/", "/old-page/?utm_source=x")),
        ("/old page.html", ("/old%20page.html", "/Old%20Page.html/")),
        ("/index.php?page_id=7", ("/index.php?page_id=7", "/index.php?utm_source=x&page_id=7")),
        ("/?p=12", ("/?p=12", "/?p=12&fbclid=x", "/?P=12")),
        ("?p=12", ("/?p=12",)),
        ("/a/?b=2&a=1", ("/a/?a=1&b=2", "/a?b=2&a=1")),
        ("https://www.old.example/staff/ana.html", ("/staff/ana.html",)),
        ("HTTP://old.example/?page_id=3#top", ("/?page_id=3",)),
        ("/blog/?cat=5", ("/blog/?cat=5", "/blog?cat=5")),
        ("/blog//2019//knees/", ("/blog/2019/knees/", "/blog//2019//knees/")),
    ],
)
def test_an_old_address_is_found_in_each_spelling_in_one_hop(desk, client, entered, asked):
    answer = desk.post(ADD, {"old_path": entered.replace(" ", "%20"), "new_path": "/fees/"})
    assert answer.status_code == 302, answer.context["adminform"].errors
    for address in asked:
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (301, "/fees/"), address


@pytest.mark.parametrize(
    "address", ["/?p=1", "/?p=123", "/", "/?page=12", "/index.php?page_id=8", "/?q=p=12"]
)
def test_another_query_is_another_address(client, address):
    for old in ("/?p=12", "/index.php?page_id=7"):
        Redirect.objects.create(site_id=1, old_path=old, new_path="/fees/")
    assert client.get(address).status_code != 301


def test_the_longest_query_that_fits_decides(client):
    targets = {"/a?b=1": "/fees/", "/a?b=1&c=2": "/about/", "/a": "/services/"}
    for old, new in targets.items():
        Redirect.objects.create(site_id=1, old_path=old, new_path=new)
    assert client.get("/a?c=2&b=1&d=3")["Location"] == "/about/"
    assert client.get("/a/?b=1")["Location"] == "/fees/"
    assert client.get("/a/?b=2")["Location"] == "/services/"


def test_a_redirect_to_an_old_address_or_to_our_own_whole_one_is_one_hop(desk):
    desk.post(ADD, {"old_path": "/?p=12", "new_path": "http://localhost:8000/services/"})
    assert desk.get("/?p=12")["Location"] == "/services/"
    desk.post(ADD, {"old_path": "/first/", "new_path": "/?p=12"})
    assert desk.get("/first/")["Location"] == "/services/"
    desk.post(ADD, {"old_path": "/Services/Old", "new_path": "/fees/"})
    assert desk.get("/services/old/")["Location"] == "/fees/"


def test_a_page_that_only_changes_the_case_of_its_address_makes_no_loop(client):
    rename(Page, "about", "About")
    assert not Redirect.objects.exists()
    assert client.get("/about/")["Location"] == "/About/"
    assert client.get("/About/").status_code == 200
    Page.objects.all().delete()
    assert client.get("/About/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/Contact/", "/contact/"),
        ("/CONTACT", "/contact/"),
        ("/contact", "/contact/"),
        ("/contact//", "/contact/"),
        ("/Contact/?page=/fees/", "/contact/?page=/fees/"),
        ("/Services/", "/services/"),
        ("/team/Priya-sample/", "/team/priya-sample/"),
        ("/Team/PRIYA-SAMPLE", "/team/priya-sample/"),
        ("/BLOG/what-is-dry-needling/", "/blog/what-is-dry-needling/"),
        ("/blog/Topic/Treatments", "/blog/topic/treatments/"),
        ("/blog/FEED/", "/blog/feed/"),
        ("/Fees", "/fees/"),
        ("/About/", "/about/"),
        ("/Sitemap.XML", "/sitemap.xml"),
        ("/ROBOTS.TXT", "/robots.txt"),
        ("/services/mixed-case", "/services/Mixed-Case/"),
        ("/contact/%20", "/contact/"),
    ],
)
def test_a_page_is_found_in_another_case_and_without_its_slash_in_one_hop(client, asked, page):
    Service.objects.filter(slug="jaw-pain").update(slug="Mixed-Case")
    answer = client.get(asked)
    assert (answer.status_code, answer["Location"]) == (301, page)
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    "path", ["/Nowhere/", "/Team/Nobody/", "/Preview/x/", "/contact/Sent/", "/Admin/x/", "/%00/A/"]
)
def test_what_is_no_page_is_not_found_in_any_case(client, path):
    assert client.get(path).status_code == 404


def test_a_draft_is_found_in_no_case_and_a_form_is_not_led_on(client):
    Page.objects.filter(slug="about").update(status="draft")
    assert client.get("/About/").status_code == 404
    assert client.post("/Contact/").status_code == 405


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("spring", "/services/", "old_path"),
        ("//evil.example/", "/services/", "old_path"),
        ("/?a=\0", "/services/", "old_path"),
        ("/a%00b/", "/services/", "old_path"),
        ("/?" + "%C3%A9" * 40, "/services/", "old_path"),
        ("/", "/services/", "old_path"),
        ("https://old.example", "/services/", "old_path"),
        ("https://old.example/#top", "/services/", "old_path"),
        ("https://old.example//Admin/x", "/services/", "old_path"),
        ("/Contact/", "/services/", "old_path"),
        ("/contact", "/services/", "old_path"),
        ("/taken", "/services/", "old_path"),
        ("/TAKEN/", "/services/", "old_path"),
        ("/About", "/fees/", "old_path"),
        ("/?p=12", "/?p=12", "new_path"),
        ("/?p=12", "/?utm_source=x&p=12", "new_path"),
        ("/spring/", "https://[", "new_path"),
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
