"""Real SMTP servers on loopback: one that keeps what arrives, one that follows a script."""

import socket
import threading
import time
from contextlib import ExitStack, suppress
from email import message_from_bytes, policy
from enum import Enum

from aiosmtpd.controller import Controller

from tests.running_site import free_port


class Handler:
    """Keeps messages; `replies` maps "MAIL", "RCPT" or "DATA" to the words of a refusal."""

    def __init__(self):
        self.messages = []
        self.replies = {}

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if reply := self.replies.get("MAIL"):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if reply := self.replies.get(address, self.replies.get("RCPT")):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if reply := self.replies.get("DATA"):
            return reply
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 Taken"


class MailServer:
    """Starts on a free port; use as a context manager."""

    def __init__(self):
        self.handler = Handler()
        self.controller = None
        self.port = free_port()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.controller = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, ready_timeout=30
        )
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    @property
    def messages(self):
        return self.handler.messages

    @property
    def replies(self):
        return self.handler.replies


class Trouble(Enum):
    """What a server may do instead of a reply."""

    DROP = "closes the connection"
    SILENCE = "says nothing more"
    DRIP = "sends a reply that never ends, a byte at a time"


class ScriptedServer:
    """Follows a script for its first messages, then takes every mail; a context manager.

    Args:
        script: what it says instead of yes, a reply or a Trouble, by the point of the
            conversation: "" for the greeting, "." for the end of a message, else the verb.
        times: how many messages, or conversations that come to none, follow the script.
        tls: the ssl.SSLContext of its STARTTLS; without one it offers none.

    Attributes:
        port: where it listens.
        recipients: the first recipient of each message it took.
        heard: the verb of each line it was told, but not the messages.
        conversations: how many connections it has accepted.
    """

    DRIP_SECONDS = 0.02
    USUAL = {"": "220 mail.example", "STARTTLS": "220 Go on", "AUTH": "235 Welcome",
             "DATA": "354 Go on"}  # fmt: skip

    def __init__(self, script, times=1, tls=None):
        self.script, self.times, self.tls = script, times, tls
        offers = ["250-mail.example", "250-STARTTLS"] if tls else ["250-mail.example"]
        self.usual = self.USUAL | {"EHLO": "\r\n".join([*offers, "250 AUTH PLAIN"])}
        self.recipients, self.heard = [], []
        self.conversations = 0
        self.is_over = False
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes it
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            with ExitStack() as opened, suppress(OSError):
                opened.enter_context(connection)
                if self.is_over:
                    return
                self.conversations += 1
                self.talk(connection, opened)

    def next_script(self):
        self.times -= 1
        return self.usual | (self.script if self.times >= 0 else {})

    def talk(self, connection, opened):
        """Hold one conversation; whatever it opens is closed with `opened`."""
        lines = opened.enter_context(connection.makefile("rb"))
        verb = recipient = ""
        script, messages = self.next_script(), 0
        while True:
            messages += verb == "MAIL"
            if verb == "MAIL" and messages > 1:
                script = self.next_script()
            reply = script.get(verb, "250 OK")
            if isinstance(reply, Trouble):
                self.misbehave(connection, reply)
                return
            connection.sendall(f"{reply}\r\n".encode())
            if verb == "DATA" and reply.startswith("354"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
                verb = "."
                continue
            if verb == "STARTTLS":
                connection = opened.enter_context(self.tls.wrap_socket(connection, True))
                lines = opened.enter_context(connection.makefile("rb"))
            elif verb == "." and reply.startswith("250"):
                self.recipients.append(recipient)
            verb, _, rest = lines.readline().decode().strip().partition(" ")
            verb = verb.upper()
            self.heard.append(verb)
            if verb == "RCPT":
                recipient = rest.partition("<")[2].rstrip(">")
            if not verb:
                return

    def misbehave(self, connection, trouble):
        if trouble is Trouble.SILENCE:
            while connection.recv(1024):
                pass
        while trouble is Trouble.DRIP:
            connection.sendall(b"2")
            time.sleep(self.DRIP_SECONDS)
