"""The site's settings for processes that kill themselves at a named point.

A point is armed by a file of its name in the folder CRASH_DIR. The process that takes the file
away dies there, as by kill -9. The product itself knows nothing of this.
"""

import os
import signal
from functools import wraps
from pathlib import Path

from django.apps import AppConfig

from clinic_site.settings import *  # noqa: F403
from clinic_site.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.crashing.CrashPoints"]

# Where the web server dies, and where the sender does.
WEB_POINTS = ("storing", "stored", "answered")
SENDER_POINTS = ("claimed", "opened", "handing_over", "taken", "marked", "holding", "reconciling")


def crash(point):
    """Die here if the point is armed; each arming kills one process."""
    try:
        (Path(os.environ["CRASH_DIR"]) / point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def wrap(owner, name, before="", after="", only_if=""):
    """Put a point before or after a function; `only_if` names an argument that must be true."""
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args, **kwargs):
        is_here = kwargs.get(only_if) if only_if else True
        if before and is_here:
            crash(before)
        result = original(*args, **kwargs)
        if after and is_here:
            crash(after)
        return result

    setattr(owner, name, wrapped)


class CrashPoints(AppConfig):
    name = "tests"
    label = "crashing"

    def ready(self):
        from django.core.signals import request_finished

        from clinic_site.web.mail import BoundedSMTP, SMTPBackend
        from contact import views
        from contact.models.delivery import DeliveryQuerySet
        from contact.models.enquiry import EnquiryQuerySet
        from contact.outbox import sender as outbox

        # The row is written and its deliveries are not; all is stored; the redirect has gone out.
        wrap(EnquiryQuerySet, "get_or_create", after="storing")
        wrap(views, "receive", after="stored")
        request_finished.connect(lambda **_: crash("answered"), weak=False)

        wrap(outbox, "send", before="claimed", after="taken")
        wrap(SMTPBackend, "open", after="opened")
        wrap(BoundedSMTP, "data", before="handing_over")
        wrap(outbox, "accept", after="marked")
        wrap(outbox, "settle", after="holding", only_if="waits_for_server")
        wrap(DeliveryQuerySet, "bulk_create", after="reconciling", only_if="ignore_conflicts")
