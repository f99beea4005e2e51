"""A real Chromium before the shipped nginx, with TLS by our own authority; its redirects."""

import base64
import hashlib
import re
import shutil
import subprocess
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import DESK, PATIENCE, QUIET, Watch
from tests.browser.test_login import (
    FACTORS,
    LOGIN,
    PASSWORD,
    add_app,
    code,
    give_password,
    plug_in,
    press,
)
from tests.conftest import need

pytestmark = pytest.mark.drive

ARTICLE = "/blog/what-is-dry-needling/"
EVIL = "evil.example"
REDIRECTS = [
    *(f"{start}{EVIL}" for start in (
        "//", "///", "////", "/\\", "\\/", "\\\\", "/\t/", "\t//", "\n//", "\r\n//", " //", "%20//",
        "http:", "http:/", "http://", "https:", "https:/", "https://", "HTTPS://", "hTtp://",
        "https:///", "https:\\\\", "https:/\\", "ftp://", "ws://", "//\\", "/%2f", "/%5c", "//%2f",
        "//user@", "//localhost@", "https://localhost@", "https://localhost:x@", "/.//", "/..//",
        "//%00", "\x00//", "\x01https://", "\u3000//", "//\u3002", "https://\uff0f", "/\x0b/",
    )),
    *(f"//{EVIL}{end}" for end in ("/admin/", "#/admin/", "?/admin/", "\\admin", "%2f..", ":443/")),
    f"https://localhost.{EVIL}/", f"https://{EVIL}#localhost", f"https://{EVIL}?localhost",
    f"https://{EVIL}\\@localhost", f"https://localhost%40{EVIL}", f"https://[::1]@{EVIL}",
    "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", " javascript:alert(1)",
    "data:text/html,evil", "vbscript:x", "file:///etc/passwd", "blob:x",
]  # fmt: skip


def key_hash(certificate):
    """Return the hash of a certificate's public key, as Chromium wants it of whom it may trust."""
    key = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-pubkey", "-noout"],
        check=True,
        capture_output=True,
    ).stdout
    body = b"".join(key.splitlines()[1:-1])
    return base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()


@pytest.fixture(scope="module")
def chromium(proxied, tmp_path_factory):
    """A Chromium that trusts the authority of the proxied site."""
    need("chromium")
    trust = f"--ignore-certificate-errors-spki-list={key_hash(proxied.authority)}"
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=shutil.which("chromium"),
            args=[*QUIET, trust],
            base_url=proxied.url,
            viewport=DESK,
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


@pytest.fixture
def page(chromium):
    chromium.clear_cookies()  # those of staff who signed in before
    return chromium.new_page()


def test_what_is_too_large_gets_the_phone_number_over_http_2_too(page):
    page.goto("/contact/")
    status, text = page.evaluate("""async () => {
        const body = "x".repeat(4_000_000);
        const answer = await fetch("/contact/", { method: "POST", body });
        return [answer.status, await answer.text()];
    }""")
    assert status == 413
    assert "905-555-0142" in text


def test_staff_are_told_how_to_send_less(page):
    page.goto("/admin/")
    status, text = page.evaluate("""async () => {
        const body = "x".repeat(23_000_000);
        const answer = await fetch("/admin/", { method: "POST", body });
        return [answer.status, await answer.text()];
    }""")
    assert status == 413
    assert "choose one of less than" in text
    assert "tel:" not in text


def make_account(proxied, name):
    proxied.shell(
        "from django.contrib.auth.models import User;"
        f"User.objects.create_user({name!r}, password={PASSWORD!r}, is_staff=True)"
    )
    return name


def test_a_reader_reads_on_while_the_site_stops_and_starts(proxied, chromium, page):
    watch = Watch(chromium, urlsplit(proxied.url).netloc)
    for path in ("/", ARTICLE):
        assert page.goto(path).status == 200
    title = page.title()
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    with proxied.away():
        assert page.goto(ARTICLE).status == 200
        assert page.title() == title
    page.goto("/contact/")
    page.get_by_label("Name").first.fill("Ana Marker")
    watch.check()


def test_a_code_opens_the_admin(proxied, page):
    name = make_account(proxied, "through-nginx")
    give_password(page, name)
    secret = add_app(page)
    page.get_by_role("link", name="Continue to the dashboard").click()
    press(page, "Sign out")

    give_password(page, name)
    page.get_by_label("Code", exact=True).fill(code(page, secret, 1))
    press(page, "Sign in")
    assert page.url == f"{proxied.url}/admin/"

    press(page, "Sign out")


def test_a_passkey_opens_the_admin(proxied, page):
    plug_in(page)
    give_password(page, make_account(proxied, "key-through-nginx"))
    page.goto(FACTORS)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    page.get_by_label("Name").fill("My phone")
    press(page, "Add a passkey")
    page.goto("/admin/")
    press(page, "Sign out")
    page.goto(LOGIN)
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dashboard")
    cookies = page.context.cookies()
    assert all(cookie["name"].startswith("__Host-") for cookie in cookies)
    assert {(cookie["secure"], cookie["path"]) for cookie in cookies} == {(True, "/")}


def cookies_of(answer):
    return [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or ()]


def test_no_next_leads_to_another_site(proxied):
    """Who is signed in is sent on at once, and the form sends on who signs in."""
    name = make_account(proxied, "redirected")
    page = proxied.ask(LOGIN)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    typed = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    typed["next"] = f"https://{EVIL}/"
    answer = proxied.ask(
        LOGIN,
        "POST",
        urlencode(typed),
        Content_Type="application/x-www-form-urlencoded",
        Origin=proxied.url,
        Cookie="; ".join(cookies_of(page)),
    )
    assert answer.status == 302
    assert EVIL not in answer.headers["Location"]
    cookies = "; ".join(cookies_of(answer))
    for wanted in REDIRECTS:
        answer = proxied.ask(f"{LOGIN}?next={quote(wanted, safe='')}", Cookie=cookies)
        assert answer.status == 302, wanted
        # As a browser reads it, with \ for /.
        place = urljoin(proxied.url + LOGIN, answer.headers["Location"].replace("\\", "/"))
        assert urlsplit(place).netloc == urlsplit(proxied.url).netloc, wanted
