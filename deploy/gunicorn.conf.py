"""gunicorn's settings, for the server and for `manage.py run` alike; BIND says where it listens."""

import gc
import os
import signal
import sys
from contextlib import suppress

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
# Pages come from nginx: two are enough for one core or two, and more than four only cost memory.
workers = min(max(os.cpu_count() or 1, 2), 4)
threads = 4
preload_app = True  # workers share its memory; new code comes by a restart, not by a reload
keepalive = 0  # kept connections from the proxy may all lie with one worker
timeout = 60  # seconds a large picture may take
graceful_timeout = 30
limit_request_line = 8190  # as long as nginx lets them be
loglevel = "warning"
control_socket_disable = True
# No header may say under which path the site lies: it would poison a cache in front.
forwarder_headers = ""
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # a heartbeat waits for no disk


def when_ready(server):
    """Load what pages need before the workers part, who then share it; keep nginx's own page."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    from clinic_site.web.error_pages import store_outage_page

    get_resolver().reverse_dict  # noqa: B018 imports every view
    for name in ("home.html", "blog/post_detail.html", "contact/enquiry.html", "404.html"):
        get_template(name)
    with suppress(OSError):  # a full or read-only disk is no reason not to serve
        store_outage_page()
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    """Heed what told this worker to stop before it could listen.

    Until a worker has its own handlers, a signal only reaches its copy of the master's queue, and
    the stop then waits for it for all of graceful_timeout (gunicorn's issue 1910).
    """
    stops = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
    for number in stops:
        signal.signal(number, signal.SIG_DFL)
    while not server.SIG_QUEUE.empty():
        if server.SIG_QUEUE.get_nowait() in stops:
            sys.exit()


def post_worker_init(worker):
    """Leave Ctrl-C, which a terminal sends to all processes, to the master alone.

    It tells the workers to quit; told twice at one moment, one waits for itself for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
