"""The admin with very many articles: its lists, hostile texts, and a long one in Chromium."""

import os
import shutil
import statistics
import time

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import sync_playwright

from blog.models import Post
from tests.bench.inbox import TIMES, median_of
from tests.bench.own_site import database_settings, make_site
from tests.bench.pages import fill
from tests.bench.report import Report
from tests.browser.conftest import DESK, QUIET
from tests.missing import MissingError
from tests.running_site import RunningSite
from tests.test_cleaning import HOSTILE

LIST_PROMISE = 500  # milliseconds
EDITOR_PROMISE = 1500
CLEAN_PROMISE = 2000
WORDS = 3000
POSTS = reverse("admin:blog_post_changelist")
# The editor of the text is there, with its words, and takes keys.
IS_OPEN = """() => {
  const editor = document.querySelector(".field-body .prose-editor > .ProseMirror");
  return editor?.isContentEditable && editor.textContent.length > 10_000;
}"""


def add_arguments(parser):
    parser.add_argument("--posts", type=int, default=10_000)


def long_post():
    """Store an article of so many words, and return it."""
    post = Post.objects.get(slug="what-is-dry-needling")
    text = post.body
    while len(post.body.split()) < WORDS:
        post.body += text
    post.save()
    return post


def lists(posts):
    """Yield (name, address) of each list that is measured."""
    yield "front page", reverse("admin:index")
    yield "articles", POSTS
    yield "articles, last page", f"{POSTS}?p={(posts - 1) // 100 + 1}"
    yield "articles, drafts", f"{POSTS}?status__exact=draft"
    yield "articles, to be checked", f"{POSTS}?needs_review__exact=1"
    yield "articles, search", f"{POSTS}?q=needling"
    yield "articles, bin", f"{POSTS}?bin=1"
    yield "services", reverse("admin:services_service_changelist")
    yield "pages", reverse("admin:clinic_site_page_changelist")
    yield "flagged phrases", reverse("admin:services_flaggedphrase_changelist")


def run(options):
    if not shutil.which("chromium"):
        raise MissingError("not installed: chromium")
    make_site()
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.create_superuser("bench", password=None))
    title = f"The admin with {options.posts:,} articles, {connection.vendor}, medians of {TIMES}"
    report = Report(title, ("page", "ms", "queries"))
    few = {name: median_of(lambda url=url: browser.get(url))[1] for name, url in lists(9)}
    fill(options.posts, 30)
    post = long_post()
    for name, url in lists(options.posts):
        seconds, queries = median_of(lambda url=url: browser.get(url))
        report.add(name, seconds * 1000, queries)
        report.promise(seconds * 1000 < LIST_PROMISE, f"{name}: under {LIST_PROMISE} ms")
        report.promise(queries <= few[name] + 2, f"{name}: as many queries as with few rows")
    page = reverse("admin:blog_post_change", args=[post.pk])
    seconds, queries = median_of(lambda: browser.get(page))
    report.add(f"form of {len(post.body.split()):,} words, by the server", seconds * 1000, queries)
    milliseconds, name = max((milliseconds_to_clean(html), name) for name, html in HOSTILE.items())
    report.add(
        f"slowest of {len(HOSTILE)} hostile texts of 100 kB ({name}), cleaned", milliseconds, 0
    )
    report.promise(milliseconds < CLEAN_PROMISE, f"any text is cleaned in {CLEAN_PROMISE} ms")
    milliseconds = opened_in_chromium(browser, page)
    report.add("the same, open in Chromium", milliseconds, queries)
    report.promise(milliseconds < EDITOR_PROMISE, f"the editor opens in {EDITOR_PROMISE} ms")
    return report


def milliseconds_to_clean(html):
    started = time.process_time()
    Post._meta.get_field("body").clean_html(html)
    return (time.process_time() - started) * 1000


def opened_in_chromium(browser, path):
    """Return the median milliseconds until a form's editor takes keys, as bin/run serves it."""
    var = os.environ["VAR_DIR"]  # with the articles stored above
    with (
        RunningSite(var, VAR_DIR=var, **database_settings()) as site,
        sync_playwright() as browsers,
    ):
        chromium = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        context = chromium.new_context(viewport=DESK)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": browser.cookies[name].value, "url": site.url}])
        page, times = context.new_page(), []
        for _ in range(TIMES):
            page.goto(site.url + path, wait_until="commit")
            page.wait_for_function(IS_OPEN)
            times.append(page.evaluate("performance.now()"))
        chromium.close()
    return statistics.median(times)
