"""bin/run as a newcomer meets it: on a fresh copy, from another folder, twice, on a busy port."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.conftest import need
from tests.faults.site import wait_for
from tests.running_site import (
    ROOT,
    RunningSite,
    ask,
    environment,
    post_enquiry,
    submission,
)

pytestmark = pytest.mark.drive

STOP_SECONDS = 3

PRODUCTION = {
    "SECRET_KEY": "long-random-text-that-is-at-least-fifty-characters-long-0123456789",
    "MFA_KEY": "c2V0IGZvciB0aGlzIHRlc3QgYWxvbmUsIDMyIGJ5dGU=",
    "SITE_URL": "https://clinic.example",
    "ALLOWED_HOSTS": "clinic.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "DEFAULT_FROM_EMAIL": "website@clinic.example",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A folder with the files that git would give a newcomer, and no more."""
    need("git")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path_factory.mktemp("copy")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():  # not deleted a moment ago
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    # What is installed need not be installed again; without it bin/run does so itself.
    if (ROOT / ".venv").exists():
        (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


@pytest.fixture
def run(copy, tmp_path):
    """bin/run of the copy, to be started from a folder that has nothing to do with it."""
    return RunningSite(copy, command=[copy / "bin/run"], cwd=tmp_path)


def group_is_empty(leader):
    """Say whether no process of that process group is left."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


def test_first_start_and_second_start(copy, run):
    for file in (copy / "var").glob("db.sqlite3*"):  # another test may have come first
        file.unlink()
    shutil.rmtree(copy / "var/mail", ignore_errors=True)
    with run:
        assert f"Site:   {run.url}/\n" in run.words
        assert f"Admin:  {run.url}/admin/\n" in run.words
        assert f"user owner, password {run.password} " in run.words
        assert len(run.password) >= 16
        assert f"files in {copy / 'var/mail'}\n" in run.words
        assert ask(f"{run.url}/").status == 200

        answer = post_enquiry(run.url, submission(run.url))
        assert answer.status == 302
        (eml,) = wait_for(lambda: list((copy / "var/mail").glob("*.eml")))
        message = message_from_bytes(eml.read_bytes(), policy=policy.default)
        assert message["To"] == "frontdesk@clinic.example"

        # What patients wrote, and the keys, are for the owner of the files alone.
        assert (copy / "var").stat().st_mode & 0o077 == 0
        for name in ("db.sqlite3", "mail", "secret_key", eml):
            assert (copy / "var" / name).stat().st_mode & 0o077 == 0, name

        assert not group_is_empty(run.process.pid)
        assert run.stop() == 0  # by TERM to the first process alone
        assert group_is_empty(run.process.pid)
        assert "Traceback" not in run.words

    with run:
        assert ask(f"{run.url}/").status == 200
        assert run.password is None
        assert "manage.py changepassword owner" in run.words
        assert ask(f"{run.url}{answer.headers['Location']}").status == 200

        # Ctrl-C in a terminal goes to the whole group.
        os.killpg(run.process.pid, signal.SIGINT)
        assert run.process.wait(STOP_SECONDS) == 0, run.words
        assert group_is_empty(run.process.pid)
        assert "Traceback" not in run.words


def test_what_has_ended_ends_the_rest(copy, run):
    """Neither part runs on alone, and bin/run says so by its exit code."""
    run.start()
    children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split()
    (sender,) = [pid for pid in children if "deliver_mail" in command_of(pid)]
    os.kill(int(sender), signal.SIGKILL)
    assert run.process.wait(10) == 1
    assert "One part of the site has ended" in run.words
    assert wait_for(lambda: group_is_empty(run.process.pid))


def command_of(pid):
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def test_a_stop_is_quick_while_a_client_and_the_mail_server_say_nothing(copy, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        run = RunningSite(copy, command=[copy / "bin/run"], cwd=tmp_path, EMAIL_URL=url)
        silent.settimeout(20)
        with run:
            # A name of its own: the same enquiry twice would be one.
            assert post_enquiry(run.url, submission(run.url), "Bo Marker").status == 302
            asked, _ = silent.accept()  # the sender waits for its greeting
            with asked, socket.create_connection(("localhost", run.port)) as client:
                client.sendall(b"POST /contact/ HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
                started = time.monotonic()
                assert run.stop() == 0
                assert time.monotonic() - started < STOP_SECONDS
    assert "Traceback" not in run.words
    assert wait_for(lambda: group_is_empty(run.process.pid))


def test_all_addresses_are_opened_to_the_network(copy, tmp_path):
    run = RunningSite(copy, command=[copy / "bin/run"], cwd=tmp_path, HOST="0.0.0.0")
    with run:
        (printed,) = re.findall(r"Site:   (http://\S+)/\n", run.words)
        for url in (printed, run.url, f"http://127.0.0.1:{run.port}"):
            assert ask(f"{url}/").status == 200, url


def test_busy_port_is_told_with_its_mend(copy, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        refused = subprocess.run(
            [copy / "bin/run"],
            cwd=tmp_path,
            env=environment(PORT=busy.getsockname()[1]),
            capture_output=True,
            text=True,
            check=False,
        )
    assert refused.returncode == 2
    assert "PORT=" in refused.stderr
    assert "Traceback" not in refused.stderr


def check(copy, tmp_path, settings):
    return subprocess.run(
        [sys.executable, copy / "manage.py", "check"],
        env=environment(VAR_DIR=tmp_path / "var", **settings),
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_are_enough(copy, tmp_path):
    passed = check(copy, tmp_path, PRODUCTION)
    assert passed.returncode == 0, passed.stderr


@pytest.mark.parametrize("missing", PRODUCTION)
def test_missing_production_setting_is_named(copy, tmp_path, missing):
    settings = {name: value for name, value in PRODUCTION.items() if name != missing}
    refused = check(copy, tmp_path, settings)
    assert refused.returncode == 2
    assert f"{missing} is not set." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_production_is_not_prepared_as_a_demo(copy, tmp_path):
    refused = subprocess.run(
        [sys.executable, copy / "manage.py", "prepare_demo"],
        env=environment(VAR_DIR=tmp_path / "var", **PRODUCTION),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "deploy/README.md" in refused.stderr
