"""Kills of the site's parts: at named points, and at random instants."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress

from tests.faults.crashing import SENDER_POINTS, WEB_POINTS
from tests.faults.site import PATIENCE, kill, wait_for

BETWEEN = (0.05, 0.6)  # seconds
PARTS = {"worker": 10, "sender": 9, "all": 1}  # how often each, among the random ones

# While nobody gets the notices, enquiries come in for the reconciler to find.
NOBODY = """
from contact.models import Recipient
Recipient.objects.filter(kind="enquiries").delete()
"""
SOMEBODY = """
from contact.models import Clinic, Recipient
Recipient.objects.create(clinic=Clinic.objects.current(), address="desk@clinic.example")
"""
# As if the mail server had rested for 20 seconds.
RESTED = """
from contact.models import SenderHeartbeat
SenderHeartbeat.objects.update(server_failures=0)
"""
WITHOUT_NOTICES = """
from contact.models import Enquiry
result = Enquiry.objects.without_notification().count()
"""


def kill_parts(site, times):
    """Kill `times` processes in a random order, each named point at least once.

    Returns:
        How many kills of each kind, as a Counter.
    """
    points = [*WEB_POINTS, *SENDER_POINTS]
    named = points * max(1, times // (4 * len(points)))
    others = random.choices([*PARTS], [*PARTS.values()], k=max(0, times - len(named)))
    kinds = named + others
    random.shuffle(kinds)
    for kind in kinds:
        time.sleep(random.uniform(*BETWEEN))
        ACTS.get(kind, kill_at)(site, kind)
    return Counter(kinds)


def count_of_sender(kills):
    """Count the kills of the mail sender."""
    return sum(kills[kind] for kind in ("sender", "all", *SENDER_POINTS))


def kill_worker(site, _):
    """End one web worker, unless it has just ended by itself; the master starts another."""
    children = f"/proc/{site.web.pid}/task/{site.web.pid}/children"
    worker = wait_for(lambda: random.choice(numbers(children) or [0]))
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def kill_sender(site, _):
    kill(site.sender)
    site.start_sender()


def kill_all(site, _):
    kill(site.web)
    kill(site.sender)
    site.start_web()
    site.start_sender()


ACTS = {"worker": kill_worker, "sender": kill_sender, "all": kill_all}


def kill_at(site, point):
    """Arm a point and wait until a process has died there."""
    if point == "reconciling":
        site.console.run(NOBODY)
        wait_for(lambda: site.console.run(WITHOUT_NOTICES) >= 3)
        site.console.run(SOMEBODY)
        kill_sender(site, point)
    site.mail.handler.is_busy = point == "holding"
    arming = site.armed / point
    arming.touch()
    wait_for(lambda: not arming.exists(), f"The point {point!r} was never reached.")
    site.mail.handler.is_busy = False
    if point == "holding":
        site.console.run(RESTED)
    if point in SENDER_POINTS:
        site.sender.wait(PATIENCE)
        site.start_sender()


def numbers(path):
    with suppress(OSError), open(path) as file:
        return [int(word) for word in file.read().split()]
    return []
