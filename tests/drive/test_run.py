"""bin/run as a newcomer meets it: on a fresh copy, from another folder, twice, on a busy port."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from email import message_from_bytes, policy

import pytest

from clinic_site.management.commands.run import Command
from tests.conftest import need
from tests.running_site import (
    ROOT,
    RunningSite,
    ask,
    environment,
    free_port,
    post_enquiry,
    submission,
)
from tests.storm.site import ignores, wait_for

pytestmark = pytest.mark.drive

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
        assert run.process.wait(20) == 0
        assert group_is_empty(run.process.pid)
        assert "Traceback" not in run.words


def test_parts_that_only_start_leave_ctrl_c_to_who_started_them(monkeypatch):
    """Without handlers of their own they would end with a traceback on the screen."""
    module = "clinic_site.management.commands.run"
    monkeypatch.setattr(f"{module}.web_command", lambda *_: ["sleep", "60"])
    monkeypatch.setattr(f"{module}.sender_command", lambda: ["sleep", "60"])
    handler = signal.getsignal(signal.SIGINT)
    try:
        parts = Command().start("127.0.0.1", 0)
    finally:
        signal.signal(signal.SIGINT, handler)
    try:
        assert all(ignores(part.pid, signal.SIGINT) for part in parts)
    finally:
        for part in parts:
            part.kill()
            part.wait()


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


def test_production_is_not_run_by_the_run_command(copy, tmp_path):
    refused = subprocess.run(
        [sys.executable, copy / "manage.py", "run", "--port", str(free_port())],
        env=environment(VAR_DIR=tmp_path / "var", **PRODUCTION),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "Run it for real" in refused.stderr
