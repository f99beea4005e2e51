"""The sender as a process of its own, told to stop over and over."""

import signal
import subprocess

import pytest

from tests.faults.site import handles, wait_for
from tests.running_site import ROOT, environment, part

pytestmark = pytest.mark.drive


SENDERS = 6  # of which one with a lock in the way waits for ever, most likely


def test_a_sender_ends_however_often_it_is_told(tmp_path):
    """Ctrl-C reaches it from the terminal, and once more from what started it."""
    with (tmp_path / "senders.log").open("w") as log:
        senders = [
            subprocess.Popen(
                part("sender"),
                cwd=ROOT,
                env=environment(DEVELOPMENT=1, VAR_DIR=tmp_path),
                stdout=log,
                stderr=log,
            )
            for _ in range(SENDERS)
        ]
    try:
        for sender in senders:
            wait_for(lambda sender=sender: handles(sender.pid, signal.SIGTERM))
            for _ in range(200):
                sender.send_signal(signal.SIGINT)
                sender.send_signal(signal.SIGTERM)
        for sender in senders:
            # The last ones may find it on its way out, without handlers of its own.
            assert sender.wait(30) in (0, -signal.SIGINT, -signal.SIGTERM)
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
