"""What can happen to a database: locked, its disk full or read-only, the server gone."""

import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg

from tests.faults.site import wait_for
from tests.missing import MissingError
from tests.postgresql import control

DISK_BYTES = 64 * 2**20

LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def small_disk(folder):
    """Put a small disk at `folder`.

    Raises:
        MissingError: only root may mount.
    """
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise MissingError("A small disk needs a right to mount: run this as root.")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def locked(site):
    """Another process holds the write lock."""
    if url := site.settings.get("DATABASE_URL"):
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE contact_enquiry, contact_delivery IN EXCLUSIVE MODE")
            yield
        return
    holding = [sys.executable, "-c", LOCK, site.var / "db.sqlite3"]
    pipe = subprocess.PIPE
    with subprocess.Popen(holding, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        yield
        other.communicate()


@contextmanager
def full(site):
    """The disk has not a byte left."""
    filler = site.var / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    yield
    filler.unlink()


# A reader that died leaves the log of what was written, with which SQLite opens on such a disk.
DIE = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("CREATE TABLE IF NOT EXISTS left_behind (number)")
database.commit()
os._exit(0)
"""


@contextmanager
def read_only(site):
    """The disk takes no writing, as after a fault; both processes start on it."""
    # An open database keeps the disk from changing.
    site.stop(site.sender)
    site.stop(site.web)
    subprocess.run([sys.executable, "-c", DIE, site.var / "db.sqlite3"], check=True)
    assert (site.var / "db.sqlite3-wal").exists()
    remount(site, "ro")
    site.start_web()
    site.start_sender()
    yield
    remount(site, "rw")


def remount(site, mode):
    """Change what the disk takes, once nothing that the sender began has a file open there."""
    command = ["mount", "-o", f"remount,{mode}", site.var]
    wait_for(
        lambda: not subprocess.run(command, capture_output=True, check=False).returncode,
        "The disk stays busy.",
    )


@contextmanager
def gone(site):
    """The database server has ended; afterwards it starts anew."""
    url = site.settings["DATABASE_URL"]
    control(url, "-m", "immediate", "stop")
    yield
    control(url, "restart")


ON_SQLITE = {"locked": locked, "disk full": full, "read-only": read_only}
ON_POSTGRESQL = {"locked": locked, "gone": gone}


def run_through(site, trouble, seconds):
    """Let people use the site before, during and after a trouble.

    Args:
        trouble: one of those above.
        seconds: how long it lasts at least.

    Returns:
        The Outcome, and the seconds from the trouble's end to the next sent page.
    """
    with site.people() as people:
        wait_for(lambda: sent(people) > 10)
        with trouble(site):
            time.sleep(seconds)
            # On a busy machine the site may only just have started.
            wait_for(lambda: any(one.unsent[503] for one in people))
            before = sent(people)
        ended = time.monotonic()
        wait_for(lambda: sent(people) > before)
        back_after = time.monotonic() - ended
        wait_for(lambda: sent(people) > before + 10)
    return site.outcome_of(people), back_after


def sent(people):
    return sum(len(one.answered) for one in people)
