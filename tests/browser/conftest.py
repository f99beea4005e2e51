"""The real site on a free port with a mail server behind it, and a Chromium to visit it with."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.crawl import Crawl
from tests.conftest import need
from tests.mail_server import MailServer
from tests.running_site import RunningSite

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PATIENCE = 30_000  # milliseconds for what should come about at once, on a busy machine too
expect.set_options(timeout=PATIENCE)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site as bin/run starts it: with .url, .password and .mail_server."""
    with MailServer() as mail_server:
        running = RunningSite(
            tmp_path_factory.mktemp("site"), EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}"
        )
        running.mail_server = mail_server
        with running:
            yield running


@pytest.fixture(scope="session")
def crawl(site):
    """Everything the home page and the sitemap lead to."""
    return Crawl(site.url)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all browser tests: a second would find the first one's loop running."""
    need("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield chromium
        chromium.close()


class Watch:
    """Writes down what no visit may do: console errors, other hosts, cookies on public pages."""

    def __init__(self, context, host):
        self.context, self.host = context, host
        self.faults = []
        self.requests = []
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self.see)

    def hear(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console at {message.location.get('url')}: {message.text}")

    def see(self, request):
        self.requests.append(request.url)
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != self.host:
            self.faults.append(f"request to {request.url}")

    def check(self):
        # A cookie for /admin/ never reaches a public page.
        cookies = [cookie for cookie in self.context.cookies() if cookie["path"] != "/admin/"]
        assert not self.faults + cookies


@pytest.fixture
def visit(site, browser):
    """Return a function that opens a page in a context of its own, watched until the test's end.

    Its arguments are those of Browser.new_context; the page has its Watch as `.watch`.
    """
    contexts = []

    def open_page(**options):
        context = browser.new_context(base_url=site.url, locale="en-CA", **options)
        contexts.append((context, Watch(context, urlsplit(site.url).netloc)))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.watch = contexts[-1][1]
        return page

    yield open_page
    try:
        for _, watch in contexts:
            watch.check()
    finally:
        for context, _ in contexts:
            context.close()


@pytest.fixture(scope="session")
def inspect(site, browser):
    """Return a function like `visit` for tools that add styles and scripts of their own.

    These pages are not bound by the content policy, so they prove nothing about it; nothing moves
    on them, so that nothing is measured half-way.
    """
    contexts = []

    def open_page(**options):
        context = browser.new_context(
            base_url=site.url, bypass_csp=True, reduced_motion="reduce", **options
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
