"""A PostgreSQL cluster of its own for as long as something needs one."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.missing import MissingError

WITH_POSTGRES = Path(__file__).resolve().parent.parent / "bin/with-postgres"
NOT_INSTALLED = 77  # what bin/with-postgres exits with


@contextmanager
def postgresql():
    """Start a cluster, give the DATABASE_URL of its database, and remove it at the end.

    Raises:
        MissingError: PostgreSQL is not installed.
    """
    cluster = subprocess.Popen(
        # It lives as long as its input stays open.
        [WITH_POSTGRES, "sh", "-c", 'echo "$DATABASE_URL"; read -r end'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with cluster:
        url = cluster.stdout.readline().strip()
        if not url and cluster.wait() == NOT_INSTALLED:
            raise MissingError("PostgreSQL is not installed: apt-get install postgresql")
        assert url, "bin/with-postgres said no address"
        yield url


def control(url, *words):
    """Run pg_ctl on the cluster of a DATABASE_URL: "-m", "immediate", "stop", later "restart"."""
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    server, *_ = (folder / "data/postmaster.opts").read_text().split()
    place = ["-D", folder / "data", "-l", folder / "server.log"]
    subprocess.run(
        [Path(server).with_name("pg_ctl"), *place, *words],
        cwd=folder,
        user="postgres" if os.getuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
