"""gunicorn's settings, in production and for bin/run.

One worker with four threads needs the least memory, and nginx and the page cache answer most
requests. WEB_CONCURRENCY=2 lets pages use a second core, for about 40 MB more.
"""

import gc
import os
import signal
import sys
from contextlib import suppress

# A platform sets PORT and expects every address; behind nginx, BIND or a socket unit says more.
PORT = os.environ.get("PORT")
bind = os.environ.get("BIND") or (f"0.0.0.0:{PORT}" if PORT else "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", 1))
threads = 4
# Several workers share the memory of what is loaded before they start. A single one has nothing to
# share, and then the first process can do without Django.
preload_app = workers > 1
keepalive = 0  # the proxy's open connections could all belong to one worker
timeout = 60  # seconds that a large image may take
graceful_timeout = 30
limit_request_line = 8190  # the same limit as nginx
loglevel = "warning"
control_socket_disable = True
# No header may set the path of the site: a cache in front would keep wrong links.
forwarder_headers = ""
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # the heartbeat needs no disk


def warm_up():
    """Load what the first page needs, and write the page that nginx shows during an outage."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    from clinic_site.web.error_pages import store_outage_page

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
    """Obey a stop that reached this worker before it could listen.

    Until a worker has its own handlers, a signal only reaches its copy of the master's queue, and
    the stop then takes all of graceful_timeout (gunicorn's issue 1910).
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
    """Leave Ctrl-C to the master, which then stops the workers.

    A terminal sends it to every process, and a worker that is stopped twice at once can hang.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
