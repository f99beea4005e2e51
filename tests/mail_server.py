"""A real SMTP server on loopback that keeps what arrives and can be told to misbehave."""

import socket
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


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
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=self.port)
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
