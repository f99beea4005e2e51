"""gunicorn's settings, in production and for bin/run.

One worker needs the least memory. It has eight threads: six uploads, as many as a browser sends at
once, may wait for each other and leave two for patients. WEB_CONCURRENCY=2 lets pages use a second
core, for about 40 MB more.
"""

import ctypes
import gc
import os
import signal
import sys
from contextlib import suppress

# A platform sets PORT, and expects the app on every address.
PORT = os.environ.get("PORT")
bind = os.environ.get("BIND") or (f"0.0.0.0:{PORT}" if PORT else "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", 1))
threads = 8
# Several workers share the memory of what was loaded before they start; a single one does not.
preload_app = workers > 1
keepalive = 0  # otherwise all open connections of the proxy could belong to one worker
timeout = 60  # seconds that a large image may take
graceful_timeout = 30
limit_request_line = 8190  # like nginx
loglevel = "warning"
control_socket_disable = True
forwarder_headers = ""  # no header may change the path of the site in cached links
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # the heartbeat needs no disk


# glibc's, from malloc.h: blocks of a megabyte or more, such as an image, go back to the system when
# they are freed, and threads share two heaps. Other C libraries have no mallopt.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
with suppress(AttributeError, OSError):
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_MMAP_THRESHOLD, 2**20)
    mallopt(M_ARENA_MAX, 2)


def refuse_to_start_half_installed():
    """End the web server with a sentence when new code lacks its migrations or static files.

    The process before it, which systemd may start again, knows no better. While the database is
    away the site starts: its pages then show the phone number.
    """
    from django.db import Error, connections

    from clinic_site.web.readiness import start_troubles

    troubles = []
    with suppress(Error):
        troubles = start_troubles()
    connections.close_all()  # workers must not share it
    if troubles:
        sys.stderr.write("\n".join([*troubles, ""]))
        sys.exit(3)  # gunicorn ends, and does not try again


def warm_up():
    """Load what the first page needs, and store the page that nginx shows during an outage."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    from clinic_site.web.error_pages import store_outage_page

    refuse_to_start_half_installed()
    get_resolver().reverse_dict  # noqa: B018 imports every view
    for name in ("home.html", "blog/post_detail.html", "contact/enquiry.html", "404.html"):
        get_template(name)
    with suppress(OSError):  # the site can serve from a full or read-only disk
        store_outage_page()
    gc.collect()
    gc.freeze()


def when_ready(server):
    if preload_app:
        warm_up()


def post_fork(server, worker):
    """Obey a stop signal that arrived before this worker had its own handlers.

    It is only in the worker's copy of the master's queue (gunicorn's issue 1910).
    """
    stops = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
    for number in stops:
        signal.signal(number, signal.SIG_DFL)
    while not server.SIG_QUEUE.empty():
        if server.SIG_QUEUE.get_nowait() in stops:
            sys.exit()
    if not preload_app:
        worker.app.wsgi()  # here, where a stop still ends the process at once
        warm_up()


def post_worker_init(worker):
    """Leave Ctrl-C to the master: a worker that is stopped twice at once can hang."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
