"""A PostgreSQL cluster of its own for as long as something needs one."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

WITH_POSTGRES = Path(__file__).resolve().parent.parent / "bin/with-postgres"
NOT_INSTALLED = 77  # what bin/with-postgres exits with


class NotInstalledError(Exception):
    """PostgreSQL is not on this machine."""


@contextmanager
def postgresql():
    """Start a cluster, give the DATABASE_URL of its database, and remove it at the end.

    Raises:
        NotInstalledError: there is none here; the words say the mend.
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
            raise NotInstalledError("PostgreSQL is not installed: apt-get install postgresql")
        assert url, "bin/with-postgres said no address"
        yield url
