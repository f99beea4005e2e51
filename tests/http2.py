"""As much of HTTP/2 as it takes to ask for many things at once and to take none of them."""

import ssl
import struct
from contextlib import contextmanager

from tests.authority import HOST

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 1, 3, 4, 6, 7
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 3, 4
WHOLE = 0x5  # END_STREAM, END_HEADERS


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def get(stream, path):
    """Return the frame of a GET; HPACK: two rows of its table, two names of it with a value."""
    named = [(b"\x04", path.encode()), (b"\x01", HOST.encode())]
    block = b"\x82\x87" + b"".join(name + bytes([len(text)]) + text for name, text in named)
    return frame(HEADERS, WHOLE, stream, block)


def status(block):
    """Return the status in an answer's headers, which come first, as nginx writes them."""
    block = block.removeprefix(b"\x20")  # a table's new size
    return 200 if block[0] == 0x88 else int(block[2:5])


class Streams:
    """A connection on which no answer's body is taken, so that all stay open.

    Attributes:
        most: how many streams the server allows.
    """

    def __init__(self, connection, heard):
        self.connection, self.heard = connection, heard
        no_window = struct.pack(">HI", INITIAL_WINDOW_SIZE, 0)
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0, no_window))
        said = dict(struct.iter_unpack(">HI", self.next(SETTINGS)[1]))
        self.most = said[MAX_CONCURRENT_STREAMS]
        self.last = -1

    def next(self, *kinds):
        """Return kind and payload of the next frame of these kinds."""
        while True:
            length, kind, _, stream = struct.unpack(">IBBI", b"\0" + self.heard.read(9))
            payload = self.heard.read(length)
            assert kind != GOAWAY, payload
            if kind in kinds:
                return kind, payload

    def ask(self, path, number=1):
        """Ask so many times and return the status of each, or None where a stream is refused."""
        streams = range(self.last + 2, self.last + 2 + 2 * number, 2)
        self.last = streams[-1]
        asked = b"".join(get(stream, path) for stream in streams)
        # nginx holds answers back until they fill a record or it must say something at once.
        self.connection.sendall(asked + frame(PING, 0, 0, bytes(8)))
        answers = [self.next(HEADERS, RST_STREAM) for _ in streams]
        return [status(payload) if kind == HEADERS else None for kind, payload in answers]


@contextmanager
def streams(site, source):
    context = ssl.create_default_context(cafile=site.authority)
    context.set_alpn_protocols(["h2"])
    with site.connect(source, context) as connection, connection.makefile("rb") as heard:
        yield Streams(connection, heard)
