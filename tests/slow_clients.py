"""Two hundred clients that hold on to the site: they write, or read, as slowly as they can."""

import select
from contextlib import ExitStack, contextmanager, suppress

CLIENTS = 200
FORM = "application/x-www-form-urlencoded"
HEAD = b"GET /blog/ HTTP/1.1\r\nHost: localhost\r\n"
POST = f"POST /contact/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n".encode()
# What each of them says first, and what it drips afterwards.
WAYS = {
    "headers": (HEAD, b"X-Slow: 1\r\n"),
    "bodies": (POST + b"Content-Length: 60000\r\n\r\n", b"a"),
    "reads of a file": (b"GET /static/css/site.css HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
    "reads of many pages": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20, b""),
}


@contextmanager
def slow_clients(site, way):
    """Hold so many connections to a ProxiedSite open, in one of the WAYS."""
    opening, drip = WAYS[way]
    with ExitStack() as stack:
        clients = [stack.enter_context(site.connect()) for _ in range(CLIENTS)]
        for said in (opening, drip):
            for client in clients:
                with suppress(OSError):
                    client.sendall(said)
        yield clients


def still_held(clients):
    """Return how many of the connections the server has not ended."""
    poll = select.poll()
    for client in clients:
        poll.register(client, select.POLLRDHUP)
    return len(clients) - len(poll.poll(0))
