"""PostgreSQL behind PgBouncer in transaction mode, as managed databases offer it."""

import os
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import need
from tests.faults.site import wait_for
from tests.mail_server import MailServer
from tests.running_site import PYTHON, ROOT, RunningSite, free_port, post_enquiry, submission

pytestmark = pytest.mark.drive


@pytest.fixture
def pooler(postgresql, tmp_path):
    """The DATABASE_URL of a PgBouncer in front of a cluster; it refuses what it cannot pool."""
    need("pgbouncer")
    cluster = parse_qs(urlsplit(postgresql["DATABASE_URL"]).query)["host"][0]
    port = free_port()
    users, config = tmp_path / "users.txt", tmp_path / "pgbouncer.ini"
    users.write_text('"clinic" ""\n')
    config.write_text(
        f"[databases]\nclinic = host={cluster} user=clinic\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {users}\npool_mode = transaction\ndefault_pool_size = 4\n"
    )
    for path in (*tmp_path.parents, tmp_path):
        if path.is_relative_to(tmp_path.parent.parent):
            path.chmod(0o755)  # as root it has to run as another user
    process = subprocess.Popen(
        ["pgbouncer", "-q", config], user="postgres" if os.getuid() == 0 else None
    )
    try:
        yield f"postgres://clinic@127.0.0.1:{port}/clinic"
    finally:
        process.terminate()
        process.wait(10)


def test_the_site_works_behind_a_pooler(pooler, tmp_path):
    with MailServer() as mail_server:
        settings = {
            "DATABASE_URL": pooler,
            "DATABASE_POOLER": 1,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        }
        with RunningSite(tmp_path, **settings) as site:
            for number in range(6):
                answer = post_enquiry(site.url, submission(site.url), f"Ana {number}")
                assert answer.status == 302
            assert wait_for(lambda: len(mail_server.handler.messages) >= 6)
            # What reads row by row would use a cursor of the server.
            code = (
                "from contact.models import Enquiry;"
                "print(sum(1 for each in Enquiry.objects.iterator(chunk_size=2)))"
            )
            shell = [PYTHON, ROOT / "manage.py", "shell", "-v0", "-c", code]
            counted = subprocess.run(
                shell, env=site.environment, capture_output=True, text=True, check=True
            )
            assert int(counted.stdout) >= 6
