"""What nginx keeps, on top of the app's own page cache: never too long, and nothing made up."""

import time
from datetime import UTC, datetime
from http.client import HTTPSConnection

import pytest

from tests.authority import HOST
from tests.drive.conftest import PUBLISH_SECONDS
from tests.faults.site import wait_for

pytestmark = pytest.mark.drive

PAGES = ["/", "/blog/", "/services/", "/team/", "/fees/", "/about/", "/privacy/"]
MOVED = "/moved-long-ago/"
MADE_UP = ["/{}/", "/{}", "/{}.php", "/blog/{}/", "/blog/{}", "/blog/?page={}", "/preview/{}%20/"]
MANY = 100  # of each kind, which is more than the small store holds
SMALL_ZONE = "keys_zone=site:64k"


@pytest.fixture
def small(proxied):
    """An nginx of its own before the same site, with room for some hundred copies."""
    with proxied.another_nginx(lambda conf: conf.replace("keys_zone=site:5m", SMALL_ZONE)) as site:
        assert SMALL_ZONE in (site.state / "nginx.conf").read_text()
        yield site


def make_up(site):
    connection = HTTPSConnection(HOST, site.port, timeout=30, context=site.context)
    for number in range(1000, 1000 + MANY):
        for method, path in [("GET", path) for path in MADE_UP] + [("HEAD", "/head-{}/")]:
            connection.request(method, path.format(number))
            answer = connection.getresponse()
            answer.read()
            assert answer.status in (301, 404)
    connection.close()


def test_made_up_addresses_push_out_no_page(proxied, small):
    proxied.shell(
        "from django.contrib.redirects.models import Redirect;"
        f"Redirect.objects.create(site_id=1, old_path={MOVED!r}, new_path='/fees/')"
    )
    for path in [*PAGES, MOVED]:
        small.ask(path)
    make_up(small)
    with proxied.away():
        found = {path: small.ask(path).status for path in [*PAGES, MOVED]}
    assert found == dict.fromkeys(PAGES, 200) | {MOVED: 301}


def change(proxied, slug, **values):
    """Save a standing page with other values."""
    proxied.shell(
        "import datetime; from clinic_site.models import Page;"
        f"page = Page.objects.get(slug={slug!r});"
        f"[setattr(page, *one) for one in {values!r}.items()]; page.save()"
    )


def test_an_unpublished_page_does_not_come_back(proxied):
    assert wait_for(lambda: proxied.ask("/accessibility/").status == 200, seconds=PUBLISH_SECONDS)
    change(proxied, "accessibility", status="draft")
    assert wait_for(lambda: proxied.ask("/accessibility/").status == 404, seconds=PUBLISH_SECONDS)
    with proxied.away():
        assert proxied.ask("/accessibility/").status == 404
    change(proxied, "accessibility", status="published")


def test_both_caches_together_show_a_change_within_ten_seconds(proxied):
    """Asked for all the time, so that each holds the page for as long as it ever does."""
    title = f"A title of {time.time():.0f}"
    found = []

    def is_shown():
        answer = proxied.ask("/about/")
        found.append(answer.headers["X-Cache"])
        return title in answer.text

    for _ in range(30):
        assert not is_shown()
        time.sleep(0.1)
    change(proxied, "about", title=title)
    saved_at = time.monotonic()
    assert wait_for(is_shown, seconds=PUBLISH_SECONDS)
    assert time.monotonic() - saved_at <= PUBLISH_SECONDS
    assert "HIT" in found


@pytest.mark.parametrize(
    ("field", "before", "after"), [("publish_at", 404, 200), ("unpublish_at", 200, 404)]
)
def test_a_scheduled_moment_comes_at_its_second(proxied, field, before, after):
    slug, moment = "accessibility", int(time.time()) + 20
    change(proxied, slug, **{field: datetime.fromtimestamp(moment, UTC)})
    wait_for(lambda: proxied.ask(f"/{slug}/").status == before, seconds=PUBLISH_SECONDS)
    found = []
    while time.time() < moment + 4:
        asked_at = time.time()
        status = proxied.ask(f"/{slug}/").status
        found.append((asked_at, time.time(), status))
        time.sleep(0.05)
    assert {status for _, ended, status in found if ended < moment} == {before}
    assert {status for asked, _, status in found if asked >= moment + 1} == {after}
    past = datetime.fromtimestamp(moment - 1000, UTC)
    change(proxied, slug, publish_at=past, unpublish_at=None)
