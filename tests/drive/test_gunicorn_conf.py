"""gunicorn with our settings, told to stop at the worst moment."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.site import ignores, wait_for
from tests.running_site import ROOT, environment, free_port, part

pytestmark = pytest.mark.drive

CONF = ROOT / "deploy/gunicorn.conf.py"
# A worker that the system lets wait between its birth and its first word.
SLOW_BIRTH = f"""
import time
exec(open({str(CONF)!r}).read())
heed = post_fork

def post_fork(server, worker):
    time.sleep(2)
    heed(server, worker)
"""


@contextmanager
def gunicorn(conf, folder):
    """Run the web server in a process group of its own; yields its first process."""
    process = subprocess.Popen(
        [*part("web")[:-1], conf],
        cwd=ROOT,
        env=environment(DEVELOPMENT=1, VAR_DIR=folder, PORT=free_port(), WEB_CONCURRENCY=2),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(40)


def workers(master):
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def both_workers(master):
    return wait_for(lambda: len(pids := workers(master)) > 1 and pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_worker_told_to_stop_before_it_can_listen_ends(number, tmp_path):
    conf = tmp_path / "conf.py"
    conf.write_text(SLOW_BIRTH)
    with gunicorn(conf, tmp_path) as master:
        assert both_workers(master)
        os.killpg(master.pid, number)
        assert master.wait(15) == 0  # graceful_timeout is twice as long


def test_ctrl_c_is_heard_by_the_master_alone(tmp_path):
    with gunicorn(CONF, tmp_path) as master:
        pids = both_workers(master)
        assert wait_for(lambda: all(ignores(pid, signal.SIGINT) for pid in pids))
        for pid in pids:
            os.kill(pid, signal.SIGINT)
        time.sleep(1)
        assert workers(master) == pids
        os.killpg(master.pid, signal.SIGINT)
        assert master.wait(15) == 0
