"""What the shipped nginx keeps of made-up addresses: nothing, so that pages outlast them."""

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


def test_a_page_taken_down_does_not_come_back(proxied):
    change = "from clinic_site.models import Page; Page.objects.filter(slug='accessibility')"
    assert proxied.ask("/accessibility/").status == 200
    proxied.shell(f"{change}.update(status='draft')")
    assert wait_for(lambda: proxied.ask("/accessibility/").status == 404, seconds=PUBLISH_SECONDS)
    with proxied.away():
        assert proxied.ask("/accessibility/").status == 404
    proxied.shell(f"{change}.update(status='published')")
