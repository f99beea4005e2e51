"""Who asks much or often of the shipped nginx; every address is counted but the machine's own."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.faults.site import wait_for
from tests.http2 import streams
from tests.slow_clients import FORM

pytestmark = pytest.mark.drive

# One address for each test, so that none has used up another's share.
READER, WRITER, OTHER, GUESSER, HOLDER, WIDE = (f"127.0.0.{number}" for number in range(2, 8))
PHONE, AWAY = "905-555-0142", b"show this page right now"
BURST, STREAMS, CONNECTIONS = 200, 64, 400
PAGE = b"GET /fees/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /fees/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_who_reads_too_fast_is_told_so(proxied):
    def read(source):
        heard = proxied.say(PAGE * (2 * BURST - 1) + LAST, source=source)
        return Counter(re.findall(rb"HTTP/1\.1 (\d+)", heard)), heard.count(AWAY)

    assert read("127.0.0.1") == ({b"200": 2 * BURST}, 0)
    found, told = read(READER)
    assert found.keys() == {b"200", b"429"}
    assert BURST < found[b"200"] < 2 * BURST - 50  # thirty a second come back
    assert told == found[b"429"]


@pytest.mark.parametrize(
    ("path", "source", "answer"),
    [("/contact/", WRITER, 200), ("/admin/account/login/", GUESSER, 403)],
)
def test_who_sends_too_many_forms_is_told_so(proxied, path, source, answer):
    def send(source):
        return proxied.ask(path, "POST", "a=b", source, Content_Type=FORM)

    with ThreadPoolExecutor(30) as at_once:  # one after the other, a slow machine stays below
        answers = list(at_once.map(send, [source] * 30))
    found = Counter(one.status for one in answers)
    assert found.keys() == {answer, 429}
    assert found[answer] >= 15
    for told in (one for one in answers if one.status == 429):
        assert PHONE in told.text
        assert told.headers["Cache-Control"] == "no-store"
    assert send(OTHER).status == answer


def test_a_connection_has_so_many_streams(proxied):
    with streams(proxied, WIDE) as held:
        assert held.most == STREAMS
        found = held.ask("/static/css/site.css", STREAMS + 1)
        assert found == [200] * STREAMS + [None]


def test_an_address_has_so_many_requests_at_once(proxied):
    """What is held open is a file: of pages, nobody may ask for so many in that time."""
    with ExitStack() as stack:
        found = Counter()
        for _ in range(CONNECTIONS // STREAMS + 1):
            held = stack.enter_context(streams(proxied, HOLDER))
            found.update(held.ask("/static/css/site.css", STREAMS))
        assert found == {200: CONNECTIONS, 429: found.total() - CONNECTIONS}
        assert proxied.ask("/static/css/site.css", source=HOLDER).status == 429
        assert PHONE in proxied.ask("/fees/", source=HOLDER).text
        assert proxied.ask("/fees/").status == 200
    # One process of nginx may hear of the new connection before another handles that the old ended.
    assert wait_for(lambda: proxied.ask("/fees/", source=HOLDER).status == 200)
