"""The shipped nginx before the site: what it keeps, what it serves alone, what outlives the app."""

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest

from clinic_site.management.commands.nginx_conf import BROTLI
from tests.conftest import need
from tests.drive.conftest import PUBLISH_SECONDS
from tests.faults.site import wait_for
from tests.proxied_site import LOG_SECONDS
from tests.running_site import submission_in

pytestmark = pytest.mark.drive

ARTICLE = "/blog/what-is-dry-needling/"
PHONE = "905-555-0142"
KEPT = {"HIT", "STALE", "UPDATING"}  # a copy, the last two while a fresh one is fetched


def test_a_page_is_kept_once_an_encoding(proxied):
    for encodings in ("gzip", "br, gzip;q=0.5", "GZIP, deflate", "identity", "gzip;q=0"):
        proxied.ask("/team/", Accept_Encoding=encodings)
    found = {
        encodings: proxied.ask("/team/", Accept_Encoding=encodings)
        for encodings in ("gzip, br", "gzip;q=0, br", "")
    }
    assert {answer.headers["X-Cache"] for answer in found.values()} <= KEPT
    kinds = [answer.headers["Content-Encoding"] for answer in found.values()]
    assert kinds == ["gzip", None, None]
    assert len({answer.text for answer in found.values()}) == 1


def test_a_file_is_sent_as_small_as_the_browser_can_read_it(proxied):
    need(BROTLI)
    path = re.search(r'href="(/static/css/site[^"]+)"', proxied.ask("/").text)[1]
    found = {
        encodings: proxied.ask(path, Accept_Encoding=encodings)
        for encodings in ("gzip, br", "gzip", "identity")
    }
    kinds = [answer.headers["Content-Encoding"] for answer in found.values()]
    assert kinds == ["br", "gzip", None]
    assert len({answer.text for answer in found.values()}) == 1
    sizes = [len(answer.body) for answer in found.values()]
    assert sizes == sorted(sizes)


def test_what_is_known_already_is_not_sent_again(proxied):
    first = proxied.ask(ARTICLE)
    again = proxied.ask(ARTICLE, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_a_query_that_means_nothing_makes_no_copy(proxied):
    first = proxied.ask("/blog/")
    for query in ("utm_source=x", "page=0", "page=1e3", "page=%31", "nope", "page=", "a=1&b=2"):
        answer = proxied.ask(f"/blog/?{query}")
        assert answer.headers["X-Cache"] in KEPT, query
        assert answer.text == first.text
    proxied.ask("/team/")
    assert proxied.ask("/team/?page=2").headers["X-Cache"] in KEPT
    assert proxied.ask("/blog/topic/treatments/?page=1&utm_source=x").headers["X-Cache"] == "MISS"
    assert proxied.ask("/blog/topic/treatments/?page=1").headers["X-Cache"] == "HIT"


def test_an_old_address_with_a_query_leads_on_and_makes_no_copy(proxied):
    proxied.shell(
        "from django.contrib.redirects.models import Redirect; [Redirect.objects.create("
        "site_id=1, old_path=old, new_path='/fees/') for old in ('/?p=12', '/index.php?view=x')]"
    )
    assert proxied.ask("/").status == 200
    for address in ("/?p=12", "/?utm_source=x&p=12", "/index.php?view=x", "/Index.php?view=X&a=1"):
        answer = proxied.ask(address)
        assert (answer.status, answer.headers["Location"]) == (301, "/fees/"), address
    assert proxied.ask("/?p=13").headers["X-Cache"] == "BYPASS"
    assert proxied.ask("/?q=12").headers["X-Cache"] in KEPT


def test_no_path_stands_for_another_page_s_query(proxied):
    assert proxied.ask("/blog/?page=1").status == 200  # a copy that they must not be given
    for path in ("/blog/%3Fpage=1", "/blog/%20page=1", "/blog/%3Fpage=1%20gzip"):
        assert proxied.ask(path).status == 404


@pytest.fixture(scope="module")
def fresh(proxied):
    """Addresses of pages that nobody has asked for."""
    proxied.shell(
        "from clinic_site.models import Page; [Page.objects.create("
        "slug=f'fresh-{n}', title='Fresh', status='published', publish_at='2026-01-01T12:00Z'"
        ") for n in range(10, 50)]"
    )
    return iter([f"/fresh-{number}/" for number in range(10, 50)])


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_Host": "evil.example"},
        {"X_Forwarded_Proto": "http"},
        {"X_Forwarded_For": "10.0.0.1"},
        {"X_Original_URL": "/admin/"},
        {"X_Rewrite_URL": "/admin/"},
        {"X_HTTP_Method_Override": "POST"},
        {"Script_Name": "/evil"},
        {"SCRIPT__NAME": "/evil"},
        {"Cookie": "__Host-sessionid=evil"},
        {"Authorization": "Basic ZXZpbA=="},
        {"Accept_Language": "fr"},
        {"Accept": "application/evil"},
        {"Content_Type": "text/html; charset=utf-7"},
        {"Range": "bytes=0-9"},
        {"Cache_Control": "no-cache"},
        {"Pragma": "no-cache"},
        {"If_None_Match": "*"},
        {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"Forwarded": "host=evil.example;proto=http"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_changes_what_others_get(proxied, fresh, headers):
    path, other = next(fresh), next(fresh)
    proxied.ask(path, **headers)
    after, clean = proxied.ask(path), proxied.ask(other)
    assert (after.status, after.headers["X-Cache"]) == (200, "HIT")
    assert after.text.replace(path, other) == clean.text
    assert b"evil" not in after.body
    assert not after.headers.get_all("Set-Cookie")


def test_files_come_from_disk_for_a_year(proxied):
    page = proxied.ask("/").text
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = proxied.ask(sheet)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert proxied.ask("/static/css/site.css").headers["Cache-Control"] == "public, max-age=60"


def test_uploads_are_pictures_and_nothing_else(proxied):
    proxied.shell(
        "from django.core.files.base import ContentFile;"
        "from django.core.files.storage import default_storage;"
        "[default_storage.save(f'pictures/a.{end}', ContentFile('<script>alert(1)</script>'))"
        " for end in ('png', 'html', 'svg', 'png.html')]"
    )
    answer = proxied.ask("/media/pictures/a.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for name in ("a.html", "a.svg", "a.png.html", ""):
        assert proxied.ask(f"/media/pictures/{name}").status == 404


def test_nobody_reads_what_is_not_served(proxied):
    """nginx works as another user than the site, under the umask of README."""
    for path in proxied.var.rglob("*"):
        served = path.relative_to(proxied.var).parts[0] in ("static", "media", "pages")
        with suppress(FileNotFoundError):  # the database's own come and go
            assert bool(path.stat().st_mode & 0o004) == served, path


@pytest.mark.parametrize("path", ["/contact/", "/admin/account/login/", "/healthz"])
def test_private_pages_are_not_kept(proxied, path):
    for _ in range(2):
        answer = proxied.ask(path)
        assert answer.status == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert "X-Cache" not in answer.headers


def test_a_publish_shows_within_ten_seconds(proxied):
    proxied.ask(ARTICLE)
    proxied.shell(
        "from blog.models import Post; post = Post.objects.get(slug='what-is-dry-needling');"
        "post.title = 'A title of this minute'; post.save()"
    )
    title = "A title of this minute"
    assert wait_for(lambda: title in proxied.ask(ARTICLE).text, seconds=PUBLISH_SECONDS)


def test_the_log_holds_no_token_and_no_query(proxied):
    proxied.ask("/contact/?marker=1")
    for path in ("/contact/sent/", "/./contact/sent/", "/contact/%73ent/", "//contact//sent/"):
        proxied.ask(f"{path}MARKERmarkerMARKERmark/?page=marker")
    proxied.ask("/admin/account/password/reset/key/1-marker-marker/")
    proxied.ask("/preview/1:marker/")
    time.sleep(LOG_SECONDS + 0.5)
    for name in ("access.log", "error.log"):
        assert "marker" not in (proxied.state / name).read_text().lower()


def test_plain_http_and_other_names_lead_to_the_one_address(proxied):
    assert proxied.ask("/blog/", Host=f"www.localhost:{proxied.port}").headers["Location"] == (
        f"{proxied.url}/blog/"
    )


def load(proxied, ask, seconds):
    """Ask from four threads for so many seconds; return the answers by what they were."""
    answers, end = Counter(), time.monotonic() + seconds

    def go():
        while time.monotonic() < end:
            try:
                answers[ask()] += 1
            except OSError as error:
                answers[repr(error)] += 1

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()
    yield answers


def test_a_restart_and_reloads_lose_no_request_and_no_enquiry(proxied):
    names = iter(range(10_000))

    def send():
        name = f"Ana {next(names)}"
        form = proxied.ask("/contact/")
        typed = f"name={name}&email=ana@mail.example&submission={submission_in(form.text)}"
        answer = proxied.ask(
            "/contact/",
            "POST",
            typed.replace(" ", "+"),
            Content_Type="application/x-www-form-urlencoded",
        )
        return form.status, answer.status

    stored = "from contact.models import Enquiry; print(Enquiry.objects.count())"
    before = int(proxied.shell(stored))
    loaded = load(proxied, send, 6)
    next(loaded)
    time.sleep(0.5)
    proxied.web.send_signal(signal.SIGHUP)
    time.sleep(1)
    proxied.nginx.send_signal(signal.SIGHUP)
    proxied.stop_web()
    proxied.start_web()
    answers = next(loaded)
    assert list(answers) == [(200, 302)], answers
    assert int(proxied.shell(stored)) - before == answers.total()


def test_pages_stay_while_the_site_is_away(proxied):
    known = proxied.ask(ARTICLE).text
    with proxied.away():
        time.sleep(PUBLISH_SECONDS)  # past all the app allowed for itself
        answer = proxied.ask(ARTICLE)
        assert (answer.status, answer.text) == (200, known)
        assert answer.headers["X-Cache"] == "STALE"
        assert proxied.ask(ARTICLE, "HEAD").status == 200
        unknown = f"/nobody-asked-{time.monotonic_ns()}/"
        for method, path in (("GET", unknown), ("GET", "/contact/"), ("POST", "/contact/")):
            answer = proxied.ask(path, method, "a=b" if method == "POST" else None)
            assert answer.status == 502
            assert PHONE in answer.text
            assert answer.headers["Cache-Control"] == "no-store"
    assert proxied.ask("/fees/").status == 200


def test_few_wait_for_a_web_server_that_holds_its_port_and_says_nothing(proxied):
    paths = ["/", "/blog/", "/services/", "/team/", "/fees/", "/about/", "/privacy/", ARTICLE]
    for path in paths:
        proxied.ask(path)
    log = proxied.state / "access.log"
    os.killpg(proxied.web.pid, signal.SIGSTOP)
    try:
        time.sleep(PUBLISH_SECONDS)
        before = log.stat().st_size  # by now it holds what tests before this one did
        for path in paths * 2:
            answer = proxied.ask(path)
            assert (answer.status, answer.headers["X-Cache"]) == (200, "STALE"), path
    finally:
        os.killpg(proxied.web.pid, signal.SIGCONT)
        proxied.wait_for_pages()
    time.sleep(LOG_SECONDS + 0.5)
    waited = re.findall(r" STALE (50\d) ", log.read_text()[before:])
    assert len(waited) == len(paths) * 2
    assert waited.count("504") <= 4  # the others were told at once that nobody is there


def test_the_daily_jobs_find_a_broken_link(proxied):
    about = "from clinic_site.models import Page; page = Page.objects.get(slug='about'); "
    proxied.shell(f"""{about} page.body += '<p><a href="/nowhere/">x</a></p>'; page.save()""")
    with suppress(subprocess.CalledProcessError):  # no mail server runs here for its other jobs
        proxied.manage("run_daily")
    dead = (
        "from clinic_site.models import DeadLink;"
        "print(DeadLink.objects.for_object(page).get().href)"
    )
    assert proxied.shell(about + dead) == "/nowhere/\n"
