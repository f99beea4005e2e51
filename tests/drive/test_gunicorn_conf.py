"""gunicorn with our settings, told to stop at the worst moment."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.faults.site import ignores, wait_for
from tests.running_site import ROOT, RunningSite, environment, free_port, part

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
def gunicorn(conf, folder, workers=2, stderr=None):
    """Run the web server in a process group of its own; yields its first process."""
    process = subprocess.Popen(
        [*part("web")[:-1], conf],
        cwd=ROOT,
        env=environment(DEVELOPMENT=1, VAR_DIR=folder, PORT=free_port(), WEB_CONCURRENCY=workers),
        start_new_session=True,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(40)


def workers(master):
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


@pytest.fixture
def var(tmp_path):
    """The var/ of a site whose migrations ran and whose static files are collected."""
    site = RunningSite(tmp_path)
    site.copy_prepared()
    return site.var


def both_workers(master):
    return wait_for(lambda: len(pids := workers(master)) > 1 and pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_worker_told_to_stop_before_it_can_listen_ends(number, tmp_path, var):
    conf = tmp_path / "conf.py"
    conf.write_text(SLOW_BIRTH)
    with gunicorn(conf, var) as master:
        assert both_workers(master)
        os.killpg(master.pid, number)
        assert master.wait(15) == 0  # graceful_timeout is twice as long


def test_ctrl_c_is_heard_by_the_master_alone(var):
    with gunicorn(CONF, var) as master:
        pids = both_workers(master)
        assert wait_for(lambda: all(ignores(pid, signal.SIGINT) for pid in pids))
        for pid in pids:
            os.kill(pid, signal.SIGINT)
        time.sleep(1)
        assert workers(master) == pids
        os.killpg(master.pid, signal.SIGINT)
        assert master.wait(15) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_web_server_refuses_to_start_with_an_old_database_or_old_files(var, tmp_path, workers):
    with closing(sqlite3.connect(var / "db.sqlite3")) as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'contact'")
        database.commit()
    (var / "static/staticfiles.json").unlink()
    log = tmp_path / "log"
    with log.open("wb") as stderr, gunicorn(CONF, var, workers, stderr) as master:
        assert master.wait(30) != 0
    words = log.read_text()
    assert "Run manage.py migrate." in words
    assert "Run manage.py collectstatic --noinput." in words
    assert "Traceback" not in words
