"""The shipped units: what they name is there, what they promise is in step with the programs."""

import runpy
import shutil
import subprocess
import sys
from configparser import ConfigParser

import pytest
from django.core.management import get_commands

from clinic_site.management.commands.nginx_conf import Command
from clinic_site.web.mail import SEND_SECONDS
from contact.outbox.sender import LEASE
from tests.proxied_site import README, UMASK
from tests.running_site import ROOT, part

UNITS = sorted((ROOT / "deploy/systemd").iterdir())
PLACE = "/srv/clinic"
SERVICES = ["clinic-web.service", "clinic-sender.service"]
OWN = {"Type", "ExecStartPre", "ExecStart", "ExecReload", "KillMode", "TimeoutStartSec",
       "TimeoutStopSec"}  # fmt: skip
MOST_STARTS, STARTS_SECONDS = 5, 10  # systemd's own: who starts more often stays dead
has_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
MOST_EXPOSED = 20  # of 100 by systemd's own measure; 50 is where it calls a service exposed


def unit(name):
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string((ROOT / "deploy/systemd" / name).read_text())
    return parser


def service(name):
    return dict(unit(name)["Service"])


@pytest.fixture(scope="module")
def gunicorn():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BIND", "PORT", "WEB_CONCURRENCY"):
            patch.delenv(name, raising=False)
        return runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))


@pytest.fixture
def here(tmp_path):
    """The units as if this were the server's folder; returns their paths."""
    for path in UNITS:
        text = path.read_text().replace(f"{PLACE}/.venv", sys.prefix).replace(PLACE, str(ROOT))
        (tmp_path / path.name).write_text(text)
    return sorted(tmp_path.iterdir())


def test_readme_starts_every_unit_as_its_user_in_its_folder():
    names = {path.name.removesuffix(".service") for path in UNITS}
    enable = README.partition("systemctl enable --now ")[2].partition("\n")[0]
    assert set(enable.split()) == names
    for name in SERVICES:
        said = service(name)
        assert f"As a user `{said['User']}`, in `{said['WorkingDirectory']}`" in README
        assert said["WorkingDirectory"] == PLACE
        assert said["ReadWritePaths"] == f"{PLACE}/var"
        assert int(said["UMask"], 8) == UMASK


def test_what_they_start_is_there():
    _, script, command = service("clinic-sender.service")["ExecStart"].split()
    assert (ROOT / script).exists()
    assert command in get_commands()
    _, application, _, conf = service("clinic-web.service")["ExecStart"].split()
    assert (ROOT / f"{application.replace('.', '/')}.py").exists()
    assert (ROOT / conf).exists()


def test_the_port_is_the_one_that_nginx_asks(gunicorn):
    port = unit("clinic-web.socket")["Socket"]["ListenStream"]
    assert port == gunicorn["bind"]
    assert port == Command().create_parser("manage.py", "nginx_conf").get_default("app")


@pytest.mark.parametrize(
    ("environment", "bind"),
    [
        ({"PORT": "5000"}, "0.0.0.0:5000"),
        ({"PORT": "5000", "BIND": "127.0.0.1:6000"}, "127.0.0.1:6000"),
    ],
)
def test_a_platform_says_where_to_listen(monkeypatch, environment, bind):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))["bind"] == bind


def test_one_worker_is_the_default_and_several_share_their_memory(monkeypatch, gunicorn):
    assert (gunicorn["workers"], gunicorn["threads"]) == (1, 8)
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    conf = runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))
    assert (conf["workers"], conf["preload_app"]) == (2, True)


def test_the_procfile_starts_what_the_units_start():
    for name, unit_name in {"web": "clinic-web", "sender": "clinic-sender"}.items():
        command = service(f"{unit_name}.service")["ExecStart"].partition("/.venv/bin/")[2]
        assert part(name) == part_of(command)


def part_of(command):
    program, *words = command.split()
    return [sys.executable, *([] if program == "python" else ["-m", program]), *words]


def test_a_stop_waits_for_what_is_under_way(gunicorn):
    web, sender = map(service, SERVICES)
    assert int(web["TimeoutStopSec"]) > gunicorn["graceful_timeout"]
    assert web["KillMode"] == "mixed"  # gunicorn's first process tells the workers
    assert SEND_SECONDS < int(sender["TimeoutStopSec"]) < LEASE.total_seconds()
    assert "KillSignal" not in web | sender


@pytest.mark.parametrize("name", SERVICES)
def test_what_dies_is_started_again_however_often(name):
    said = service(name)
    assert said["Restart"] == "always"
    assert int(said["RestartSec"]) * MOST_STARTS >= STARTS_SECONDS


def test_both_services_are_shut_in_alike():
    web, sender = (
        {key: value for key, value in service(name).items() if key not in OWN} for name in SERVICES
    )
    assert web == sender


@has_systemd
def test_systemd_has_nothing_to_say(here):
    words = subprocess.run(["systemd-analyze", "verify", *here], capture_output=True, text=True)
    assert words.stdout + words.stderr == ""


@has_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_that_a_service_could_do(here, name):
    measure = ["systemd-analyze", "security", "--no-pager", "--offline=true"]
    path = next(path for path in here if path.name == name)
    measured = subprocess.run(
        [*measure, f"--threshold={MOST_EXPOSED}", path], capture_output=True, text=True
    )
    assert measured.returncode == 0, measured.stdout
