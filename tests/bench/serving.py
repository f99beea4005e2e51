"""The site behind its nginx and alone: CPU a request, speed, memory, start, first view."""

import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from tests.authority import HOST
from tests.bench.cost import load, memory
from tests.bench.first_view import first_view, is_lighthouse_here, lighthouse
from tests.bench.report import Report
from tests.mail_server import MailServer
from tests.missing import MissingError
from tests.proxied_site import ProxiedSite, end
from tests.running_site import ROOT, RunningSite, ask, free_port, submission_in
from tests.slow_clients import FORM, WAYS, slow_clients

ARTICLE = "/blog/what-is-dry-needling/"
SETTINGS = "clinic_site.settings"
PAGES = {"article": ARTICLE, "home": "/", "list": "/blog/"}
COLUMNS = ("what", "posts", "median", "least", "most", "unit")


def add_arguments(parser):
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each")
    parser.add_argument("--seconds", type=int, default=2, help="how long each load lasts")


def add(report, what, posts, values, unit):
    """Add a row with the median, least and most of some values; return the median."""
    median = statistics.median(values)
    shown = [
        f"{value:.3f}" if value < 10 else f"{value:,.0f}" for value in (median, *minmax(values))
    ]
    report.add(what, str(posts), *shown, unit)
    return median


def minmax(values):
    return min(values), max(values)


def keep_as_files(site):
    """Put each page, as nginx sends it, among the static files, for comparing."""
    for name, path in PAGES.items():
        answer = site.ask(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        file = site.var / f"static/{name}.html"
        file.write_text(answer.text)
        file.with_suffix(".html.gz").write_bytes(answer.body)


@contextmanager
def plain_server(site, path):
    """Run a WSGI application that sends what the app sends at a path, by the same gunicorn.

    Yields:
        Its address and its process groups.
    """
    connection = HTTPConnection("127.0.0.1", site.app_port, timeout=30)
    asked = {"Host": HOST, "X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"}
    connection.request("GET", path, headers=asked)
    answer = connection.getresponse()
    by_gunicorn = ("server", "date", "connection")
    headers = [one for one in answer.getheaders() if one[0].lower() not in by_gunicorn]
    file, port = site.folder / "plain", free_port()
    file.write_bytes(json.dumps(headers).encode() + b"\n" + answer.read())
    connection.close()
    command = [sys.executable, "-m", "gunicorn", "tests.bench.plain", "--config"]
    server = subprocess.Popen(
        [*command, ROOT / "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=site.environment | {"PLAIN_ANSWER": str(file), "DJANGO_SETTINGS_MODULE": SETTINGS},
        start_new_session=True,
    )
    try:
        site.wait(port)
        yield f"http://127.0.0.1:{port}{path}", {server.pid}
    finally:
        end(server, signal.SIGTERM)


def pages(site, report, posts, options):
    """Load the pages in each way, one after the other.

    As a file, through nginx, as bytes from a plain WSGI application; and from the app alone: held
    by the page cache, missing in it, and with a cookie, which takes no part in it.

    Returns:
        The median CPU milliseconds a request by (kind, page).
    """
    keep_as_files(site)
    app = f"http://127.0.0.1:{site.app_port}"
    secure = "X-Forwarded-Proto: https"
    as_proxy = (f"Host: {HOST}", secure)
    found = {}
    for _ in range(options.rounds):
        for name, path in PAGES.items():
            with plain_server(site, path) as (plain, group):
                for kind, url, groups, headers, missing_host in (
                    ("file", f"{site.url}/static/{name}.html", site.groups, (), None),
                    ("nginx", f"{site.url}{path}", site.groups, (), None),
                    ("plain WSGI", plain, group, (), None),
                    ("app, held", f"{app}{path}", site.groups, as_proxy, None),
                    ("app, miss", f"{app}{path}", site.groups, (secure,), HOST),
                    (
                        "app, no cache",
                        f"{app}{path}",
                        site.groups,
                        (*as_proxy, "Cookie: a=b"),
                        None,
                    ),
                ):
                    cost = load(url, groups, options.seconds, *headers, missing_host=missing_host)
                    found.setdefault((kind, name), []).append(cost)
    units = ("ms CPU", "requests/s", "ms p50", "ms p99")
    medians = {}
    for key, costs in found.items():
        for unit, values in zip(units, zip(*costs, strict=True), strict=True):
            medians[*key, unit] = add(report, " ".join(key), posts, values, unit)
    return {key[:2]: median for key, median in medians.items() if key[2] == "ms CPU"}


def post_times(site, times):
    """Send the form so often and return the milliseconds of each answer."""
    taken = []
    for number in range(times):
        key = submission_in(site.ask("/contact/").text)
        typed = {"name": f"Ana {number}", "email": "ana@mail.example", "submission": key}
        started = time.monotonic()
        answer = site.ask("/contact/", "POST", urlencode(typed), Content_Type=FORM)
        taken.append((time.monotonic() - started) * 1000)
        assert answer.status == 302, answer.status
    return taken


def forms(site, mail_server, report):
    """Send the form while the mail server answers and while it hangs."""
    well = add(report, "form, mail server well", "", post_times(site, 20), "ms")
    mail_server.stop()
    with socket.create_server(("127.0.0.1", mail_server.port)):  # takes the call, says nothing
        ill = add(report, "form, mail server hangs", "", post_times(site, 20), "ms")
    mail_server.start()
    report.promise(ill < 2 * well + 20, "a hanging mail server does not slow the form")


def held_up(site, report, rounds):
    """Ask for pages while two hundred clients are slow in each way."""
    for way in WAYS:
        taken = []
        with slow_clients(site, way):
            for path in ("/", "/contact/") * rounds:
                started = time.monotonic()
                assert site.ask(path).status == 200
                taken.append(time.monotonic() - started)
        add(report, f"a page beside slow {way}", "", taken, "s")
        report.promise(max(taken) < 1, f"a page comes within 1 s beside slow {way}")


def starts(site, rounds):
    """Start the web server so often and return the seconds to the first page of each."""
    taken = []
    for _ in range(rounds):
        site.stop_web()
        started = time.monotonic()
        site.start_web()
        answer = site.ask("/contact/")  # which nginx never keeps
        assert answer.status == 200, answer.status
        taken.append(time.monotonic() - started)
    return taken


def second_starts(rounds):
    """Start bin/run in a new place and then again so often; return the seconds of these."""
    taken = []
    with TemporaryDirectory() as folder:
        with RunningSite(folder):
            pass
        for _ in range(rounds):
            started = time.monotonic()
            with RunningSite(folder) as site:
                assert ask(f"{site.url}/").status == 200
                taken.append(time.monotonic() - started)
    return taken


def run(options):
    for program, package in {"wrk": "wrk", "chromium": "chromium"}.items():
        if not shutil.which(program):
            raise MissingError(f"{program} is not installed: apt-get install {package}")
    report = Report("The site behind the shipped nginx, with TLS, and the app alone", COLUMNS)
    with (
        MailServer() as mail_server,
        ProxiedSite(f"smtp://127.0.0.1:{mail_server.port}") as site,
    ):
        site.start_sender()
        site.ask("/")
        add(report, "memory, idle", "", [memory(site.groups)], "MB PSS")
        cold = add(report, "cold start", "", starts(site, options.rounds), "s")
        report.promise(cold < 1.5, "the first page comes within 1.5 s of a start")
        again = add(report, "bin/run, started again", "", second_starts(options.rounds), "s")
        report.promise(again < 5, "bin/run answers within 5 s when it is started again")
        held_up(site, report, options.rounds)
        look(site, report, options.rounds)
        forms(site, mail_server, report)
        costs = {}
        for posts in options.posts:
            site.shell(f"from tests.bench.pages import fill; fill({posts}, 9)")
            costs[posts] = pages(site, report, posts, options)
        used = add(report, "memory, after load", "", [memory(site.groups)], "MB PSS")
        report.promise(used <= 150, "150 MB at most after load")
        judge(report, costs)
    return report


def look(site, report, rounds):
    """Add what a browser and Lighthouse see of the article."""
    sizes, requests = zip(*(first_view(site.url + ARTICLE) for _ in range(rounds)), strict=True)
    kilobytes = add(report, "first view", "", [size / 1000 for size in sizes], "kB")
    number = add(report, "first view", "", requests, "requests")
    report.promise(kilobytes <= 100, "first view: at most 100 kB")
    report.promise(number <= 8, "first view: at most 8 requests")
    if not is_lighthouse_here():
        report.add("Lighthouse", "", "", "", "", "not installed: npm and bin/test install it")
        return
    marks, (lcp, tbt, cls) = lighthouse(site.url + ARTICLE)
    for name, mark in {**marks, "LCP ms": lcp, "TBT ms": tbt, "CLS": cls}.items():
        report.add("Lighthouse", "", f"{mark:,.0f}", "", "", name)
    report.promise(set(marks.values()) == {100}, f"Lighthouse: 100 everywhere, not {marks}")
    report.promise(lcp <= 1100, "LCP at most 1.1 s")
    report.promise(tbt < 1, "no time in which a first view answers to nobody (TBT)")
    report.promise(cls == 0, "nothing moves in a first view (CLS)")


def judge(report, costs):
    """Compare the CPU a request with what is promised."""
    few, many = costs[min(costs)], costs[max(costs)]
    ratio = few["nginx", "article"] / few["file", "article"]
    report.promise(ratio <= 1.3, f"article: 1.3 × a file's CPU at most, not {ratio:.2f}")
    ratio = few["app, held", "article"] / few["plain WSGI", "article"]
    report.promise(ratio <= 1.4, f"article held: 1.4 × plain WSGI at most, not {ratio:.2f}")
    miss = few["app, miss", "article"]
    report.promise(miss <= 18, f"article, not held: 18 ms CPU at most, not {miss:.1f}")
    for name, most in {"article": 1.1, "home": 1.1, "list": 1.3}.items():
        growth = many["app, miss", name] / few["app, miss", name]
        words = f"{name}: {most} × with {max(costs):,} posts at most, not {growth:.2f}"
        report.promise(growth <= most, words)
