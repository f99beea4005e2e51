"""The building: home, standing pages, error pages, and what every answer carries."""

import json
import os
import re
import time
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from clinic_site import views
from clinic_site.models import Page
from clinic_site.web.error_pages import store_outage_page
from contact.models import Clinic, Location
from services.models import Practitioner, Service

pytestmark = pytest.mark.usefixtures("sample_site")

PUBLIC = [
    "/",
    "/services/",
    "/services/dry-needling/",
    "/team/",
    "/team/priya-sample/",
    "/blog/",
    "/blog/what-is-dry-needling/",
    "/blog/topic/treatments/",
    "/fees/",
    "/about/",
    "/privacy/",
    "/accessibility/",
]
KEPT = "public, max-age=0, s-maxage=4, stale-while-revalidate=4, stale-if-error=86400"


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_open_and_kept(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == KEPT
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["ETag"]
    assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [*PUBLIC, "/contact/", "/no-such-page/"])
def test_public_page_carries_the_strict_policy_and_has_no_inline_script_or_style(client, path):
    response = client.get(path)
    assert not re.search(
        r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|ld\+json))", response.content.decode()
    )
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy


@pytest.mark.parametrize("path", [*PUBLIC, "/contact/"])
def test_page_says_what_and_where(client, path):
    html = client.get(path).content.decode()
    title = re.search(r"<title>(.*?)</title>", html)[1]
    assert title.endswith("Physiotherapy near Don Mills and Steeles, Markham")
    assert f'<link rel="canonical" href="http://localhost:8000{path}">' in html
    assert 'property="og:image" content="http://localhost:8000/static/img/share.jpg"' in html
    assert f'href="/contact/?page={path}"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_compressed_page_has_an_etag_that_lasts(client):
    headers = {"Accept-Encoding": "gzip"}
    first, second = (client.get("/", headers=headers) for _ in range(2))
    assert first["Content-Encoding"] == "gzip"
    assert first["ETag"] == second["ETag"]


def json_ld(html):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return {str(facts["@type"]): facts for facts in map(json.loads, found)}


def test_json_ld_of_the_clinic(client):
    facts = json_ld(client.get("/").content.decode())["['MedicalClinic', 'Physiotherapy']"]
    assert facts["@id"] == "http://localhost:8000/#clinic"
    assert facts["telephone"] == "+19055550142"
    assert facts["openingHoursSpecification"][0]["opens"] == "09:00"
    assert {row["closes"] for row in facts["specialOpeningHoursSpecification"]} == {"00:00"}


def test_json_ld_of_an_article(client):
    found = json_ld(client.get("/blog/what-is-dry-needling/").content.decode())
    facts = found["['BlogPosting', 'MedicalWebPage']"]
    assert facts["author"]["name"] == "Priya Sample"
    assert facts["reviewedBy"]["name"] == "Daniel Sample"
    assert facts["datePublished"].endswith(("-05:00", "-04:00", "+00:00"))
    assert [step["name"] for step in found["BreadcrumbList"]["itemListElement"]][:2] == [
        "Home",
        "Articles",
    ]


def test_json_ld_cannot_end_its_script(client):
    Post.objects.filter(slug="what-is-dry-needling").update(title="</script><script>alert(1)")
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert "<script>alert(1)" not in html
    assert "\\u003C/script\\u003E" in html


def test_footer_has_address_map_and_directions(client):
    html = client.get("/about/").content.decode()
    assert "1000 Sample Road, Unit 4" in html
    assert 'href="tel:+1-905-555-0142"' in html
    assert 'aria-label="Map: 1000 Sample Road' in html
    assert "Steeles Avenue East" in html
    for host in ("www.google.com/maps", "maps.apple.com", "www.openstreetmap.org"):
        assert host in html
    assert "Areas served: Markham, Thornhill, Richmond Hill, North York." in html


def test_social_links_are_shown_only_when_set(client):
    assert b"YouTube" not in client.get("/about/").content
    Clinic.objects.update(youtube_url="https://www.youtube.com/@sample")
    html = client.get("/about/").content.decode()
    assert "https://www.youtube.com/@sample" in html
    assert "Pinterest" not in html


def test_pages_work_before_anything_was_entered(client):
    for model in (Post, Service, Practitioner, Location, Clinic, Page):
        model.objects.all().delete()
    for path in ("/", "/services/", "/team/", "/blog/", "/contact/", "/sitemap.xml", "/blog/feed/"):
        assert client.get(path).status_code == 200, path
    assert client.get("/about/").status_code == 404


def test_draft_and_scheduled_pages_are_not_found(client, time_machine):
    Page.objects.filter(slug="about").update(status="draft")
    assert client.get("/about/").status_code == 404
    Page.objects.filter(slug="about").update(
        status="published", publish_at="2099-01-01T12:00:00+00:00"
    )
    assert client.get("/about/").status_code == 404
    time_machine.move_to("2099-01-01T12:00:00+00:00")
    assert client.get("/about/").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/nope/", "/services/nope/", "/team/nope/", "/blog/nope/", "/blog/topic/nope/", "/a/b/c/",
     "/blog/?page=0", "/blog/?page=99", "/blog/?page=x", "/blog/?page=%00", "/media/../manage.py",
     "/media/x.html", "/media/none.png"],
)  # fmt: skip
def test_what_is_not_there_is_404(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert not response.cookies


@pytest.mark.parametrize("path", ["/fees", "/nope", "/blog/nope", "/preview/%C3%A9 x"])
def test_a_slash_put_to_an_address_is_not_kept(client, path):
    """To a made-up one too: those must not push pages out of the proxy's store."""
    response = client.get(path)
    assert response.status_code == 301
    assert response["Cache-Control"] == "private, no-store"


def test_foreign_host_is_refused_and_never_printed(client):
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"evil" not in response.content


def test_host_is_never_printed(client, settings):
    settings.ALLOWED_HOSTS = ["other.example"]
    for path in ("/", "/sitemap.xml", "/blog/feed/", "/robots.txt"):
        assert b"other.example" not in client.get(path, headers={"Host": "other.example"}).content


def test_healthz_answers_any_host(client):
    response = client.get("/healthz", headers={"Host": "10.0.0.1"})
    assert response.content == b"ok\n"
    assert response["Cache-Control"] == "no-store"


def test_error_pages_stand_without_a_database(client, monkeypatch):
    client.raise_request_exception = False

    def fail(*_, **__):
        raise RuntimeError("a bug with ana@mail.example in it")

    monkeypatch.setattr(views, "render", fail)
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/")
    assert response.status_code == 500
    assert b"905-555-0142" in response.content
    assert b"ana@mail" not in response.content
    assert len(queries) == 0


def test_sitemap_lists_every_published_row_with_its_day(client):
    xml = client.get("/sitemap.xml").content.decode()
    assert "<loc>http://localhost:8000/blog/what-is-dry-needling/</loc><lastmod>" in xml
    assert xml.count("<loc>") == 5 + sum(
        model.objects.count() for model in (Page, Service, Practitioner, Post)
    ) + 3  # fmt: skip
    Post.objects.update(status="draft")
    assert "/blog/what-is-dry-needling/" not in client.get("/sitemap.xml").content.decode()


def test_robots_and_security(client, settings):
    assert b"Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@clinic.example"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@clinic.example"
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    # RFC 9116: less than a year, so that nobody trusts one that was forgotten.
    ahead = datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert timedelta(days=90) < ahead < timedelta(days=365)


@pytest.mark.parametrize(
    "path", ["/", "/contact/", "/no-such-page/", "/admin/account/login/", "/healthz"]
)
def test_a_page_carries_every_header_of_safety(client, settings, path):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    response = client.get(path, headers={"X-Forwarded-Proto": "https"})
    expected = {
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    assert {name: response[name] for name in expected} == expected
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    is_public = not path.startswith("/admin/")
    assert (policy.get("require-trusted-types-for") == "'script'") == is_public
    assert (policy.get("trusted-types") == "'none'") == is_public


def test_an_upload_is_served_as_its_own_type_in_a_sandbox(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.png").write_bytes(b"<script>alert(1)</script>")
    (tmp_path / "a.html").write_bytes(b"<script>alert(1)</script>")
    response = client.get("/media/a.png")
    assert response.getvalue() == b"<script>alert(1)</script>"  # read, so that it is closed
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert client.get("/media/a.html").status_code == 404


def test_admin_is_private_and_its_cookies_stay_there(client):
    response = client.get("/admin/account/login/")
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert {cookie["path"] for cookie in response.cookies.values()} == {"/admin/"}


def test_signed_in_staff_see_the_public_page_of_everyone(client, admin_user):
    before = client.get("/").content
    client.force_login(admin_user)
    assert client.get("/").content == before


@pytest.fixture
def many_rows():
    """Return a function that fills every list with so many more rows."""

    def fill(count):
        author, topic = Practitioner.objects.first(), Post.objects.first().topic
        clinic = Clinic.objects.get()
        Service.objects.bulk_create(
            Service(title=f"S {n}", slug=f"s-{n}", summary="s", status="published")
            for n in range(count)
        )
        Practitioner.objects.bulk_create(
            Practitioner(name=f"P {n}", slug=f"p-{n}") for n in range(count)
        )
        paths = ("/blog/what-is-dry-needling/", "/services/dry-needling/", "/fees/")
        links = "".join(f'<p><a href="{path}">What it is</a></p>' for path in paths)
        Post.objects.bulk_create(
            Post(title=f"A {n}", slug=f"a-{n}", summary="s", status="published", author=author,
                 topic=topic, body=links)
            for n in range(count)
        )  # fmt: skip
        posts = Post.objects.filter(slug__startswith="a-")
        services = Service.objects.filter(slug__startswith="s-")
        post = Post.objects.get(slug="what-is-dry-needling")
        post.services.add(*services)
        Service.objects.get(slug="dry-needling").posts.add(*posts)
        author.services.add(*services)
        clinic.facts.model.objects.bulk_create(
            clinic.facts.model(clinic=clinic, label=f"F {n}") for n in range(count)
        )

    return fill


def queries_of(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_query_count_is_small_and_the_same_for_many_rows(client, many_rows):
    paths = [*PUBLIC, "/contact/", "/blog/feed/", "/sitemap.xml", "/team/daniel-sample/"]
    client.get("/blog/feed/")  # Django keeps the Site row in memory from here on
    few = {path: queries_of(client, path) for path in paths}
    many_rows(20)
    assert {path: queries_of(client, path) for path in paths} == few
    assert max(few.values()) <= 12


def test_no_view_runs_in_a_transaction(settings):
    # With IMMEDIATE on SQLite every page view would take the write lock.
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")


def test_page_urls_are_those_of_the_design():
    assert reverse("fees") == Page(slug="fees").get_absolute_url() == "/fees/"
    assert reverse("contact:enquiry") == "/contact/"
    assert reverse("blog:feed") == "/blog/feed/"


def test_address_of_nothing_is_503_while_the_database_is_away(client, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr("contact.models.location.LocationQuerySet.main", fail)
    for path in ("/no-such.page", "/"):
        response = client.get(path)
        assert response.status_code == 503
        assert b"905-555-0142" in response.content


def test_staff_too_get_503_while_the_database_is_away(client, monkeypatch):
    monkeypatch.setattr(connections["default"], "close_at", None)
    client.force_login(User.objects.create_superuser("alex"))

    def fail(*_, **__):
        raise OperationalError("connection refused")

    client.raise_request_exception = False
    form = reverse("admin:clinic_site_page_change", args=[Page.objects.first().pk])
    with connection.execute_wrapper(fail):
        answers = [client.get("/admin/"), client.post(form, {"title": "x"})]
    for answer in answers:
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert 'href="/admin/"' in answer.text
        assert "905-555-0142" not in answer.text  # nobody is told to call the own clinic
    assert f'href="{form}"' in answers[1].text
    assert connection.close_at <= time.monotonic()  # so that it is opened anew


def test_the_proxy_may_read_the_page_it_shows_by_itself(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    before = os.umask(0o077)
    try:
        store_outage_page()
    finally:
        os.umask(before)
    names = ("pages", "pages/away.html", "pages/too-large.html")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in names]
    assert modes == [0o755, 0o644, 0o644]
    # Staff are not told to call their own clinic.
    assert "tel:" not in (tmp_path / names[2]).read_text()
    assert "choose one of less than" in (tmp_path / names[2]).read_text()
