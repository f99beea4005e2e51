"""A mail server that is slow, and sometimes busy."""

import asyncio
import random

from tests.mail_server import Handler


class SlowMailHandler(Handler):
    """Pauses at each message and refuses a few for now, until `is_quick` is set."""

    pause = 0.02  # seconds
    is_busy = False
    is_quick = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return ["421 Too busy"] if self.is_busy else responses

    async def handle_HELO(self, server, session, envelope, hostname):  # noqa: N802
        return "421 Too busy"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.is_quick:
            return await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        if random.random() < 0.01:
            return "451 Try later"
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        return reply
