"""A word typed in every field is found in the database and in the notice, and nowhere else."""

import re
import sqlite3
import time
from contextlib import closing, suppress
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.faults.site import wait_for
from tests.mail_server import MailServer
from tests.running_site import RunningSite, ask, submission

pytestmark = pytest.mark.drive

MARKER = "Zyxwvut"
HELPER = "helper@private.example"
FACTS_SECONDS = 1.2  # a process keeps the clinic's facts for one
BAD_ZONE = f"UPDATE contact_location SET time_zone = '{MARKER}'"
GOOD_ZONE = "UPDATE contact_location SET time_zone = 'America/Toronto'"
TYPED = {
    "name": MARKER,
    "phone": "",
    "email": f"{MARKER}@mail.example",
    "times": f"{MARKER} in the morning",
    "message": f"{MARKER} hurts",
    "page": f"/{MARKER}/",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with MailServer() as mail_server:
        url = f"smtp://127.0.0.1:{mail_server.port}"
        options = {"LOG_REQUESTS": 1, "LOG_FORMAT": "json", "ADMINS": HELPER}
        folder = tmp_path_factory.mktemp("site")
        with RunningSite(folder, EMAIL_URL=url, **options) as running:
            running.mail_server = mail_server
            yield running


def send(site, typed):
    return ask(f"{site.url}/contact/", typed | {"submission": submission(site.url)})


def run_sql(site, statement):
    with closing(sqlite3.connect(site.var / "db.sqlite3", timeout=20)) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
        return rows


def found_in(site, *answers):
    """Return where the marker stands: headers, log, files of var/ but the database, cache rows."""
    places = {"headers" for answer in answers if MARKER in str(answer.headers)}
    places |= {"log"} if MARKER in site.words else set()
    for path in site.var.rglob("*"):
        if path.is_file() and not path.name.startswith("db.sqlite3"):
            with suppress(FileNotFoundError):  # drafts of the clinic's facts come and go
                places |= {path.name} if MARKER.encode() in path.read_bytes() else set()
    kept = run_sql(site, "SELECT cache_key, value FROM clinic_site_cache")
    return places | ({"cache"} if MARKER in str(kept) else set())


def mails_to(site, address):
    return [message for to, message in list(site.mail_server.messages) if address in to]


def test_an_enquiry_s_words_are_in_the_database_and_the_notice(site):
    answer = send(site, TYPED)
    assert answer.status == 302
    sent = ask(site.url + answer.headers["Location"])
    assert MARKER not in sent.text
    wait_for(lambda: mails_to(site, "frontdesk@clinic.example"))
    assert MARKER in str(run_sql(site, "SELECT name, message FROM contact_enquiry"))
    assert MARKER in mails_to(site, "frontdesk@clinic.example")[0].as_string()
    assert found_in(site, answer, sent) == set()
    assert '"message": "POST /contact/ 302' in site.words
    assert answer.headers["Location"].split("/")[-2] not in site.words


def test_refused_and_failed_forms_leave_no_word(site):
    trigger = "CREATE TRIGGER trouble BEFORE INSERT ON contact_enquiry BEGIN SELECT {}; END"
    cases = {
        200: ({"name": MARKER, "email": MARKER}, None, None),
        413: (TYPED | {"message": MARKER * 500_000}, None, None),
        # What Python and the database say of these holds the marker.
        500: (TYPED | {"message": f"{MARKER} broke it"}, BAD_ZONE, GOOD_ZONE),
        503: (
            TYPED | {"message": f"{MARKER} still broken"},
            trigger.format(f"no_{MARKER}"),
            "DROP TRIGGER trouble",
        ),
    }
    answers = []
    for status, (typed, trouble, mend) in cases.items():
        key = submission(site.url)
        if trouble:
            run_sql(site, trouble)
            time.sleep(FACTS_SECONDS)
        answers.append(ask(f"{site.url}/contact/", typed | {"submission": key}))
        if mend:
            run_sql(site, mend)
            time.sleep(FACTS_SECONDS)
        assert answers[-1].status == status, site.words
        assert MARKER in answers[-1].text  # nothing typed is lost
    wait_for(lambda: len(mails_to(site, HELPER)) >= 2)
    assert not any(MARKER in mail.as_string() for mail in mails_to(site, HELPER))
    assert found_in(site, *answers) == set()


def test_what_staff_write_and_search_leaves_no_word(site):
    browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def read(path, **typed):
        try:
            with browser.open(site.url + path, urlencode(typed).encode() or None) as answer:
                return answer.read().decode()
        except HTTPError as error:
            return error.read().decode()

    def token(path):
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', read(path))[1]

    login = "/admin/account/login/"
    read(login, login=MARKER, password=MARKER, csrfmiddlewaretoken=token(login))
    read(login, login="owner", password=site.password, csrfmiddlewaretoken=token(login))
    assert "Log out" in read("/admin/") or "Sign out" in read("/admin/")
    send(site, TYPED)
    wait_for(lambda: mails_to(site, "frontdesk@clinic.example"))  # before anything is broken
    ((number,),) = run_sql(site, "SELECT id FROM contact_enquiry LIMIT 1")
    page = f"/admin/contact/enquiry/{number}/change/"
    csrf = {"csrfmiddlewaretoken": token(page)}
    read(f"/admin/contact/enquiry/{number}/act/add-note/", text=f"{MARKER} called back", **csrf)
    read("/admin/contact/enquiry/search/", term=MARKER, **csrf)
    assert "called back" in read(page)
    assert found_in(site) == set()
