"""Every address the site names answers, nothing leaves the site, and pages stay light."""

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

PAGE_BYTES = 20_000  # HTML and CSS of one page, compressed
CSS_BYTES = 10_000  # the bundled stylesheet, compressed
SCRIPT_BYTES = 3_000  # site.js as it is
FIRST_VIEW_REQUESTS = 8


def test_every_address_answers(crawl):
    assert len(crawl.pages) > 25, "the sample content alone has more pages"
    wrong = {
        address: (answer.status, "named on", crawl.found_on[address])
        for address, answer in crawl.answers.items()
        if answer.status != 200 and "Location" not in answer.headers
    }
    assert not wrong


def test_every_fragment_exists_in_its_page(crawl):
    missing = {
        (page, f"{address}#{fragment}")
        for page, address, fragment in crawl.fragments
        if address in crawl.names and fragment not in crawl.names[address].ids
    }
    assert crawl.fragments
    assert not missing


def test_no_answer_sets_a_cookie(crawl):
    assert not [
        address for address, answer in crawl.answers.items() if "Set-Cookie" in answer.headers
    ]


def test_no_page_needs_a_file_of_another_host(crawl):
    assert not crawl.foreign


def test_every_kind_of_file_is_among_them(crawl):
    kinds = {answer.kind for answer in crawl.answers.values()}
    assert {"text/html", "text/css", "text/javascript", "font/woff2", "image/svg+xml"} <= kinds
    assert any(kind.endswith("xml") for kind in kinds)


def test_static_files_are_kept_for_a_year(crawl):
    files = {
        address: answer.headers["Cache-Control"] or ""
        for address, answer in crawl.answers.items()
        if urlsplit(address).path.startswith("/static/")
    }
    assert files
    forgetful = {
        address: words
        for address, words in files.items()
        if "immutable" not in words or "max-age=31536000" not in words
    }
    assert not forgetful


def only(crawl, kind, ending):
    """Return the one Answer of a kind whose address has `ending` in it."""
    (found,) = [
        answer
        for address, answer in crawl.answers.items()
        if answer.kind == kind and ending in address
    ]
    return found


def test_stylesheet_and_script_are_light(crawl):
    css = only(crawl, "text/css", "/css/site.")
    script = only(crawl, "text/javascript", "/js/site.")
    assert css.headers["Content-Encoding"] == "br"
    assert len(css.body) <= CSS_BYTES
    assert "@import" not in css.text
    assert len(script.text.encode()) <= SCRIPT_BYTES


def test_every_page_with_its_stylesheet_is_light(crawl):
    css = len(only(crawl, "text/css", "/css/site.").body)
    heavy = {
        address: css + len(answer.body)
        for address, answer in crawl.answers.items()
        if address in crawl.names and css + len(answer.body) > PAGE_BYTES
    }
    assert not heavy


@pytest.mark.parametrize("path", ["/", "/services/dry-needling/", "/blog/what-is-dry-needling/"])
def test_first_view_needs_few_requests(visit, path):
    page = visit(viewport=PHONE)
    page.goto(path, wait_until="networkidle")
    # Chromium tells of no request for the icon.
    assert len(page.watch.requests) + 1 <= FIRST_VIEW_REQUESTS, page.watch.requests
