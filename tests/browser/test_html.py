"""Every page is written right: one call of the W3C's checker (Nu Html Checker) over all of them."""

import json
import shutil
import subprocess

import pytest
from django.test import RequestFactory

from clinic_site.web.error_pages import error_page
from contact.intake.retry import MESSAGES, render_retry_form
from tests.conftest import need
from tests.running_site import ROOT, ask, post_enquiry, submission

pytestmark = pytest.mark.browser

CHECKER = ROOT / "var/tools/node_modules/vnu-jar/build/dist/vnu.jar"


def public_states(site, crawl):
    """Return {file name: HTML} of all public pages and the states they can be in."""
    pages = {
        path.strip("/").replace("/", ".").replace("?", ".") or "home": ask(site.url + path).text
        for path in crawl.pages
    }
    key = submission(site.url)
    wrong = {"phone": "call me", "email": "ana@", "service": "no-such", "message": "x" * 2001}
    pages["form-with-errors"] = ask(f"{site.url}/contact/", wrong | {"submission": key}).text
    pages["form-too-old"] = ask(f"{site.url}/contact/", {"name": "Ana"}).text
    pages["form-prefilled"] = ask(
        f"{site.url}/contact/?service=dry-needling&practitioner=priya-sample&page=/about/"
    ).text
    pages["sent"] = ask(site.url + post_enquiry(site.url, key).headers["Location"]).text
    pages["not-found"] = ask(f"{site.url}/no/such/page/").text
    for path in ("login", "inactive", "password/reset", "password/reset/done"):
        pages[path.replace("/", ".")] = ask(f"{site.url}/admin/account/{path}/").text
    for status in (400, 500):
        pages[str(status)] = error_page(f"{status}.html", status).content.decode()
    pages["503"] = error_page("503.html", 503).content.decode()
    request = RequestFactory().post("/contact/", {"name": "Ana", "message": "a <b>", "page": "/x/"})
    for status in MESSAGES:
        pages[f"retry-{status}"] = render_retry_form(request, status).content.decode()
    return pages


def test_checker_finds_nothing(site, crawl, settings, tmp_path):
    need("java")
    if not CHECKER.exists():
        need("vnu-jar (bin/test installs it with npm)")
    settings.VAR_DIR = site.var  # where the error pages find the clinic's name and phone number
    pages = public_states(site, crawl)
    for name, html in pages.items():
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
    checked = subprocess.run(
        [shutil.which("java"), "-jar", CHECKER, "--Werror", "--format", "json", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "905-555-0142" in pages["503"]
    faults = [
        f"{one['url'].rpartition('/')[2]}:{one.get('lastLine')}: {one['message']}"
        for one in json.loads(checked.stderr)["messages"]
    ]
    assert not faults, "\n".join(faults)
    assert checked.returncode == 0
