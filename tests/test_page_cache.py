"""The page cache: what it keeps and for how long, and what it never keeps or shows to others."""

import gzip
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from wsgiref.util import setup_testing_defaults

import pytest
from django.apps import apps
from django.contrib.redirects.models import Redirect
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections, connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post
from clinic_site.apps import PUBLIC_CONTENT
from clinic_site.web import content_version, page_cache
from clinic_site.web.content_version import ContentVersion
from clinic_site.web.middleware import PRIVATE, PUBLIC
from clinic_site.web.page_cache import PageCache, shortened
from clinic_site.wsgi import django_application, next_change
from contact.models import Location
from services.models import Practitioner, Service
from tests.bench.pages import PATHS

pytestmark = pytest.mark.django_db
HOUR = 3600


class Site:
    """A WSGI application that counts how often it is asked, and answers as it is told."""

    def __init__(self):
        self.asked, self.answer, self.before = [], {}, lambda: None

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        self.before()
        number = str(len(self.asked))
        response = HttpResponse(self.answer.get("body", number))
        headers = {"Cache-Control": PUBLIC, "ETag": f'"{number}"'} | self.answer.get("headers", {})
        headers = [(name, value) for name, value in headers.items() if value]
        start_response(self.answer.get("status", "200 OK"), headers)
        return response


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    """Keep the test's connection, as Django's own test client does."""
    monkeypatch.setattr(page_cache, "close_old_connections", lambda: None)
    request_finished.disconnect(close_old_connections)
    request_started.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)
    request_started.connect(close_old_connections)


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def cache(site, monkeypatch):
    """A cache in front of `site` that looks at the content version each time it is asked."""
    monkeypatch.setattr(page_cache, "CHECK_SECONDS", 0)
    return PageCache(site, lambda: time.time() + HOUR, 1_000_000)


def ask(application, path="/", method="GET", **environ):
    """Return the status, the headers as a dict, and the body of an answer."""
    path, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query} | environ
    environ.setdefault("HTTP_HOST", "testserver")
    setup_testing_defaults(environ)
    sent = []
    body = b"".join(application(environ, lambda *args: sent.extend(args)))
    return int(sent[0].split()[0]), dict(sent[1]), body


# What is kept


def test_page_is_rendered_once(cache, site):
    first = ask(cache)
    assert ask(cache) == first == (200, {"Cache-Control": PUBLIC, "ETag": '"1"'}, b"1")


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/b/"},
        {"path": "/?page=2"},
        {"HTTP_ACCEPT_ENCODING": "gzip, br"},
        {"HTTP_HOST": "elsewhere"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
    ],
)
def test_what_changes_the_page_is_part_of_its_key(cache, other):
    assert ask(cache)[2] == b"1"
    assert ask(cache, **other)[2] == b"2"
    assert ask(cache)[2] == b"1"


def test_first_page_is_the_list(cache):
    assert ask(cache, "/blog/?page=1")[2] == ask(cache, "/blog/")[2] == b"1"


def test_what_no_view_reads_is_not(cache):
    assert ask(cache)[2] == ask(cache, HTTP_USER_AGENT="x")[2] == b"1"


def test_refused_gzip_is_no_gzip(cache, site):
    ask(cache, HTTP_ACCEPT_ENCODING="br")
    assert ask(cache, HTTP_ACCEPT_ENCODING="gzip;q=0, br")[2] == b"1"
    assert [one["HTTP_ACCEPT_ENCODING"] for one in site.asked] == [""]


def test_head_is_answered_from_the_page(cache, site):
    ask(cache)
    assert ask(cache, method="HEAD") == (200, {"Cache-Control": PUBLIC, "ETag": '"1"'}, b"")
    assert len(site.asked) == 1


def test_first_head_keeps_the_whole_page(cache):
    assert ask(cache, method="HEAD")[2] == b""
    assert ask(cache)[2] == b"1"


def test_condition_is_answered_with_304(cache, site):
    site.answer = {"headers": {"Content-Length": "1", "Vary": ""}}
    for known in ('"1"', 'W/"1"', '"0", W/"1"'):
        status, headers, body = ask(cache, HTTP_IF_NONE_MATCH=known)
        assert (status, body) == (304, b"")
        assert headers["ETag"] == '"1"'
        assert headers["Cache-Control"] == PUBLIC
        assert "Content-Length" not in headers
    assert ask(cache, HTTP_IF_NONE_MATCH='"0"')[0] == 200
    assert len(site.asked) == 1


def test_kept_page_has_a_line_in_the_log_too(cache, caplog):
    caplog.set_level("INFO", "clinic_site.requests")
    ask(cache, "/blog/")
    ask(cache, "/blog/?page=1")
    (line,) = (record.getMessage() for record in caplog.records)
    assert re.fullmatch(r"GET /blog/ 200 \d+ ms, from the page cache", line)


# What is never kept


@pytest.mark.parametrize(
    "answer",
    [
        {"headers": {"Cache-Control": PRIVATE}},
        {"headers": {"Cache-Control": "public, max-age=60"}},
        {"headers": {"Cache-Control": "s-maxage=60"}},
        {"headers": {"Cache-Control": ""}},
        {"headers": {"Set-Cookie": "a=b"}},
        {"headers": {"Vary": "Accept-Encoding, Cookie"}},
        {"status": "404 Not Found"},
        {"status": "301 Moved Permanently"},
        {"status": "503 Service Unavailable"},
    ],
)
def test_answer_that_is_not_everybodys_is_not_kept(cache, site, answer):
    site.answer = answer
    ask(cache)
    assert ask(cache)[2] == b"2"
    assert not cache.answers


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"HTTP_COOKIE": "sessionid=x"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"path": "/admin/"},
        {"path": "/contact/?service=x"},
        {"path": "/preview/x/"},
        {"path": "/healthz/service"},
        {"path": "/blog/?page="},
        {"path": "/blog/?page=x"},
        {"path": "/blog/?page=02"},
    ],
)
def test_request_that_is_somebodys_passes_it_by(cache, request_):
    ask(cache, **{"path": "/", "method": "GET"} | request_)
    assert not cache.answers
    ask(cache, request_.get("path", "/"))
    assert ask(cache, **request_)[2] == b"3"


def test_turned_off_it_keeps_nothing(cache):
    cache.max_bytes = 0
    assert ask(cache)[2] != ask(cache)[2]


# How much is kept


def test_pages_asked_for_longest_ago_make_room(cache, site):
    site.answer = {"body": "x" * 1000}
    cache.max_bytes = 3 * (1000 + page_cache.OVERHEAD)
    for path in ("/a/", "/b/", "/c/", "/a/", "/d/"):
        ask(cache, path)
    assert [key[2] for key in cache.answers] == ["/c/", "/a/", "/d/"]
    assert cache.bytes == cache.max_bytes
    site.answer = {"body": "x" * cache.max_bytes}
    ask(cache, "/large/")
    assert len(cache.answers) == 3


# For how long


def test_page_goes_when_the_content_version_moves(cache):
    assert ask(cache)[2] == b"1"
    ContentVersion.objects.bump()
    assert ask(cache)[2] == b"2"
    assert ask(cache)[2] == b"2"


def test_version_is_read_once_a_second(cache, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(page_cache, "CHECK_SECONDS", 1)
    ask(cache)
    ContentVersion.objects.bump()
    with django_assert_num_queries(0):
        assert ask(cache)[2] == b"1"
    cache.checked_at -= 1
    with django_assert_num_queries(1):
        assert ask(cache)[2] == b"2"


def test_a_query_which_may_be_an_old_address_is_left_to_django(cache):
    assert ask(cache)[2] == b"1"
    assert ask(cache, "/?p=12")[2] == b"2"
    assert ask(cache, "/?p=12&page=1")[2] == b"3"
    assert ask(cache)[2] == b"1"


def test_page_goes_at_the_second_of_the_next_change(cache, time_machine):
    moment = time.time() + 60
    cache.next_change = lambda: moment if time.time() < moment else moment + HOUR
    ask(cache)
    time_machine.move_to(moment - 0.1, tick=False)
    assert ask(cache)[2] == b"1"
    time_machine.move_to(moment, tick=False)
    assert ask(cache)[2] == b"2"
    assert ask(cache)[2] == b"2"


def test_change_that_nothing_announces_shows_in_the_end(cache, time_machine):
    ask(cache)
    time_machine.move_to(time.time() + page_cache.LONGEST_SECONDS)
    assert ask(cache)[2] == b"2"


def test_no_proxy_keeps_a_page_past_the_next_change(cache, time_machine):
    """A proxy counts whole seconds, so the last it may send is in the second before the change."""
    now = int(time.time())
    time_machine.move_to(now, tick=False)
    cache.next_change = lambda: now + 60
    for seconds_before, lifetimes in {
        30: (4, 4),
        9: (4, 3),
        5: (3, 0),
        2: (0, 0),
        1: (0, 0),
    }.items():
        time_machine.move_to(now + 60 - seconds_before, tick=False)
        for path in ("/", f"/{seconds_before}/"):  # one that is kept, one that is not
            control = ask(cache, path)[1]["Cache-Control"]
            assert f"s-maxage={lifetimes[0]}, stale-while-revalidate={lifetimes[1]}," in control


def test_no_proxy_keeps_a_page_that_was_rendered_across_a_change(cache, site, time_machine):
    now = int(time.time())
    time_machine.move_to(now, tick=False)
    cache.next_change = lambda: now + 1 if time.time() < now + 1 else now + HOUR

    def change():
        site.before = lambda: None
        time_machine.move_to(now + 2, tick=False)
        ask(cache, "/other/")  # which notices

    site.before = change
    assert "s-maxage=0" in ask(cache)[1]["Cache-Control"]


def test_what_is_not_a_lifetime_stays():
    assert shortened(PUBLIC, 0).endswith("stale-if-error=86400")
    assert shortened(PUBLIC, 0).startswith("public, max-age=0,")


def test_page_rendered_while_the_content_changed_is_not_kept(cache, site):
    ask(cache, "/other/")

    def change():
        site.before = lambda: None
        ContentVersion.objects.bump()
        ask(cache, "/other/")  # which notices

    site.before = change
    ask(cache)
    assert [key[2] for key in cache.answers] == ["/other/"]


def fail(*args):
    raise OperationalError("gone")


def test_without_the_database_django_answers_each_time(cache):
    assert ask(cache)[2] == b"1"
    with connection.execute_wrapper(fail):
        assert [ask(cache)[2], ask(cache)[2]] == [b"2", b"3"]
        assert not cache.answers
    assert ask(cache)[2] == ask(cache)[2] == b"4"


def test_old_connection_is_closed_before_the_version_is_read(cache, monkeypatch):
    """Kept pages alone begin no request of Django's, which would do it."""
    closed = []
    monkeypatch.setattr(page_cache, "close_old_connections", lambda: closed.append(1))
    ask(cache)
    closed.clear()
    ask(cache)
    assert closed == [1]


# One renderer at a time


@pytest.fixture
def slow(cache, site, monkeypatch):
    """A site that begins to render and goes on when told."""
    monkeypatch.setattr(cache, "check_version", lambda: None)  # threads share no test database
    cache.version, cache.ends_at = 1, time.time() + HOUR
    site.begun, site.go_on = threading.Event(), threading.Event()

    def wait():
        site.begun.set()
        site.go_on.wait(10)

    site.before = wait
    return cache


def ask_at_once(slow, site, others):
    """Ask, and while the first is rendered so many times again; return all bodies or errors."""
    with ThreadPoolExecutor(others + 1) as threads:
        first = threads.submit(ask, slow)
        assert site.begun.wait(10)
        more = [threads.submit(ask, slow) for _ in range(others)]
        time.sleep(0.1)
        rendering = len(site.asked)
        site.go_on.set()
        return rendering, [one.exception() or one.result()[2] for one in (first, *more)]


def test_one_renders_and_the_others_wait(slow, site):
    assert ask_at_once(slow, site, 5) == (1, [b"1"] * 6)
    assert not any(lock.locked() for lock in slow.rendering)


def test_others_wait_for_a_bounded_time(slow, site, monkeypatch):
    monkeypatch.setattr(page_cache, "WAIT_SECONDS", 0.01)
    rendering, _ = ask_at_once(slow, site, 1)
    assert rendering == 2


def test_renderer_that_fails_sets_the_others_free(slow, site, monkeypatch):
    monkeypatch.setattr(page_cache, "WAIT_SECONDS", 60)
    wait = site.before

    def wait_and_fail():
        is_first = len(site.asked) == 1
        wait()
        if is_first:
            raise ValueError

    site.before = wait_and_fail
    began = time.monotonic()
    _, (first, *others) = ask_at_once(slow, site, 2)
    assert isinstance(first, ValueError)
    assert len(others) == 2
    assert all(isinstance(one, bytes) for one in others)
    assert time.monotonic() - began < 30
    assert not any(lock.locked() for lock in slow.rendering)


# The real pages


@pytest.fixture
def real(sample_site, monkeypatch):
    monkeypatch.setattr(page_cache, "CHECK_SECONDS", 0)
    return PageCache(django_application, next_change, 10_000_000)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/contact/"])
def test_every_public_page_is_kept_as_django_sends_it(real, path):
    fresh = ask(django_application, path, HTTP_ACCEPT_ENCODING="gzip")
    first = ask(real, path, HTTP_ACCEPT_ENCODING="gzip")
    assert ask(real, path, HTTP_ACCEPT_ENCODING="gzip") == first
    assert len(real.answers) == 1
    assert first[0] == fresh[0] == 200
    assert first[1].keys() == fresh[1].keys()
    assert gzip.decompress(first[2]) == gzip.decompress(fresh[2])
    assert ask(real, path, HTTP_IF_NONE_MATCH=first[1]["ETag"])[0] == 304


def test_made_up_address_is_not_kept(real):
    for path in ("/made-up/", "/made-up", "/blog/?page=77", "/blog/?page=x", "/blog/?page="):
        assert ask(real, path)[0] in (301, 404)
    assert not real.answers


def test_wrong_host_gets_no_kept_page(real):
    assert ask(real)[0] == 200
    assert ask(real, HTTP_HOST="evil.example")[0] == 400


def test_scheduled_article_appears_at_its_second(real, time_machine):
    post = Post.objects.published().first()
    moment = timezone.now().replace(microsecond=0) + timedelta(minutes=5)
    time_machine.move_to(moment - timedelta(minutes=5), tick=False)
    Post.objects.filter(pk=post.pk).update(publish_at=moment)
    ContentVersion.objects.bump()
    title = post.title.encode()
    assert title not in ask(real, "/blog/")[2]
    time_machine.move_to(moment - timedelta(seconds=1), tick=False)
    assert title not in ask(real, "/blog/")[2]
    time_machine.move_to(moment, tick=False)
    assert title in ask(real, "/blog/")[2]


@pytest.mark.parametrize(
    "named",
    ["publish_at", "unpublish_at"],
)
def test_next_change_is_the_earliest_scheduled_moment(sample_site, time_machine, named):
    time_machine.move_to(timezone.now().replace(hour=17, minute=30))
    soon = timezone.now() + timedelta(minutes=1)
    assert next_change() > soon.timestamp()
    Service.objects.filter(slug="dry-needling").update(**{named: soon})
    assert next_change() == soon.timestamp()


def test_next_change_is_when_the_clinic_opens_or_closes(sample_site):
    changes_at = Location.objects.main().status.changes_at
    assert next_change() <= changes_at.timestamp()


def test_next_change_is_midnight_at_the_clinic(sample_site, time_machine):
    Location.objects.update(time_zone="Asia/Tokyo")
    Location.objects.get().weekly_hours.all().delete()
    time_machine.move_to("2026-03-10T14:00:00+00:00", tick=False)  # 23:00 in Tokyo
    assert next_change() == time.time() + HOUR


# What moves the content version


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Return a function that says by how much the version moves when something is done."""

    def moved_by(change):
        before = ContentVersion.objects.current()
        content_version.last_bump.at = 0
        with django_capture_on_commit_callbacks(execute=True):
            change()
        return ContentVersion.objects.current() - before

    return moved_by


@pytest.mark.parametrize(
    "label", [label for label in PUBLIC_CONTENT if label != "clinic_site.Image"]
)
def test_saving_and_deleting_what_is_public_moves_the_version(sample_site, commits, label):
    Redirect.objects.create(site_id=1, old_path="/old/", new_path="/fees/")
    obj = apps.get_model(label)._base_manager.last()
    assert commits(obj.save) == 1
    fixed = ("blog.Topic", "services.Practitioner", "contact.Clinic")  # others rest on these
    assert label in fixed or commits(obj.delete) == 1


def test_linking_moves_the_version(sample_site, commits):
    post = Post.objects.first()
    assert commits(post.services.clear) == 1
    assert commits(lambda: post.services.add(Service.objects.first())) == 1


def test_what_is_not_public_leaves_it(sample_site, commits, enquiry):
    assert commits(enquiry.save) == 0


def test_one_transaction_moves_it_once(sample_site, commits):
    assert commits(lambda: [post.save() for post in Post.objects.all()]) == 1


def test_each_transaction_moves_it(sample_site, commits):
    post = Post.objects.first()
    assert commits(post.save) == commits(post.save) == 1


def test_what_was_saved_stays_where_the_version_cannot_move(sample_site, commits, monkeypatch):
    monkeypatch.setattr(ContentVersion.objects, "bump", fail)
    post = Post.objects.first()
    post.title = "Saved all the same"
    assert commits(post.save) == 0
    post.refresh_from_db()
    assert post.title == "Saved all the same"


def test_public_pages_print_nothing_that_is_not_watched(sample_site, client):
    with CaptureQueriesContext(connection) as queries:
        person = Practitioner.objects.active().first().get_absolute_url()
        for path in [*PATHS, person, "/about/", "/privacy/"]:
            assert client.get(path).status_code == 200
    watched = [apps.get_model(label) for label in PUBLIC_CONTENT]
    known = {model._meta.db_table for model in watched}
    known |= {field.m2m_db_table() for model in watched for field in model._meta.many_to_many}
    known |= {"django_site", "django_redirect"}
    tables = set(connection.introspection.table_names())
    read = {name for name in tables for query in queries if f'"{name}"' in query["sql"]}
    assert read - known == set()
    assert read
