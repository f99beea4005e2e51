"""Slow, hostile and curious clients before the shipped nginx: refused or harmless."""

import ssl
import time
from contextlib import suppress

import pytest

from tests.faults.site import wait_for
from tests.slow_clients import HEAD, POST, WAYS, slow_clients, still_held

pytestmark = pytest.mark.drive

MEGABYTE = 1_000_000
MOST_THREADS = 16  # of gunicorn, with the four workers it has at most
END = b"Connection: close\r\n\r\n"


def statuses(heard):
    """Return the status of every answer in what was heard."""
    lines = [line for line in heard.replace(b"\r", b"").split(b"\n") if line.startswith(b"HTTP/1.")]
    return [int(line.split()[1]) for line in lines]


@pytest.mark.parametrize("way", WAYS)
def test_slow_clients_hold_nobody_up(proxied, way):
    """Who waited for them would be answered when nginx has cut them off, and none is left."""
    with slow_clients(proxied, way) as clients:
        for path in ("/", "/contact/"):
            assert proxied.ask(path).status == 200
            assert still_held(clients) > MOST_THREADS


def with_short_waits(conf):
    """Return the configuration with the waits of a client's next word cut to a tenth."""
    for name, seconds in {"client_header_timeout": 10, "keepalive_timeout": 20}.items():
        assert f"{name} {seconds}s;" in conf
        conf = conf.replace(f"{name} {seconds}s;", f"{name} {seconds // 10}s;")
    return conf


def test_a_client_that_says_nothing_more_is_left(proxied):
    """In the midst of a request, and after one."""
    with (
        proxied.another_nginx(with_short_waits) as quick,
        quick.connect() as asking,
        quick.connect() as answered,
    ):
        asking.sendall(HEAD)
        answered.sendall(HEAD + b"\r\n")
        for connection in (asking, answered):
            connection.settimeout(30)  # else this raises TimeoutError
            with suppress(ssl.SSLError, ConnectionError):
                while connection.recv(65536):
                    assert connection is answered


@pytest.mark.parametrize(
    ("request_bytes", "allowed"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n" + END, {400}),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n" + END, {400}),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + END, set()),
        (b"GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n" + END, {400}),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n" + END, set()),
        (b"GET / HTTP/1.1\r\n" + END, {400}),
        (b"GET / HTTP/1.0\r\n\r\n", set()),
        (
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\nGET",
            {400},
        ),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n" + END + b"abcdef", {400}),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n", {400, 501}),
        (POST + b"Transfer-Encoding:\x0bchunked\r\n" + END + b"0\r\n\r\n", {400, 501, 405, 200}),
        (POST + b"Content-Length: -1\r\n" + END, {400}),
        (b"GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n", {200}),
        (HEAD + b"X-Folded: a\r\n b\r\n" + END, {200, 400}),
        (HEAD + b" Host: evil.example\r\n" + END, {200, 400}),
        (HEAD + b"X Space: a\r\n" + END, {200, 400}),
        (HEAD + b"X-Nul: a\0b\r\n" + END, {400}),
        (HEAD + b"X-Long: " + b"a" * 40_000 + b"\r\n" + END, {400}),
        (HEAD + b"X-Many: a\r\n" * 5000 + END, {400}),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n" + END, {414}),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n" + END, {400, 405}),
        (b"TRACE / HTTP/1.1\r\nHost: localhost\r\n" + END, {405}),
        (b"GET / HTTP/9.9\r\nHost: localhost\r\n" + END, {400, 505}),
        (b"\x16\x03\x01 nonsense\r\n\r\n", {400}),
    ],
    ids=lambda value: value[:60].decode("latin1") if isinstance(value, bytes) else "",
)
def test_odd_requests_get_one_plain_answer(proxied, request_bytes, allowed):
    found = statuses(proxied.say(request_bytes))
    assert len(found) <= 1
    assert set(found) <= allowed if allowed else not found
    assert proxied.ask("/").status == 200


def test_a_hidden_second_request_is_not_heard(proxied):
    hidden = b"GET /admin/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = b"0\r\n\r\n" + hidden
    for length in (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(body),
                   b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"):  # fmt: skip
        assert statuses(proxied.say(POST + length + b"\r\n" + body)) == [400]


@pytest.mark.parametrize(
    "path",
    [
        "/media/../db.sqlite3",
        "/media/..%2fdb.sqlite3",
        "/media/%2e%2e/db.sqlite3",
        "/media/%2e%2e%2fdb.sqlite3",
        "/media/..%5cdb.sqlite3",
        "/media/%5c..%5cdb.sqlite3",
        "/media/..\\db.sqlite3",
        "/media/%252e%252e/db.sqlite3",
        "/media/a.png%00.html",
        "/media/db.sqlite3%00.png",
        "/media/..;/db.sqlite3",
        "/media../db.sqlite3",
        "/static../db.sqlite3",
        "/static/../db.sqlite3",
        "/static/%2e%2e/clinic.json",
        "/static/..%5cclinic.json",
        "/static//etc/passwd",
        "/-away.html",
        "/media/%c0%ae%c0%ae/db.sqlite3",
    ],
)
def test_no_path_leads_out_of_its_folder(proxied, path):
    heard = proxied.say(b"GET %s HTTP/1.1\r\nHost: localhost\r\n" % path.encode() + END)
    assert statuses(heard)[0] in (400, 404)
    assert b"SQLite format" not in heard
    assert b"root:" not in heard


def in_temp(proxied):
    """Return how many bytes of bodies lie on disk; nginx may take them away meanwhile."""
    size = 0
    for path in (proxied.state / "body").rglob("*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size if path.is_file() else 0
    return size


def test_a_gigabyte_is_refused_before_it_is_sent(proxied):
    heard = proxied.say(POST + b"Content-Length: 1000000000\r\n\r\n", b"a" * MEGABYTE)
    assert statuses(heard) == [413]


def test_an_endless_body_ends(proxied):
    """Chunks for as long as they are taken: it is cut, and hardly any lies on disk."""
    piece = b"%x\r\n" % 65_536 + b"a" * 65_536 + b"\r\n"
    most, deadline = 0, time.monotonic() + 60
    with proxied.connect() as connection, suppress(OSError):
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        while time.monotonic() < deadline:
            connection.sendall(piece)
            most = max(most, in_temp(proxied))
            time.sleep(0.01)
    assert time.monotonic() < deadline
    assert most <= 4 * MEGABYTE
    assert wait_for(lambda: in_temp(proxied) == 0)
