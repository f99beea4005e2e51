"""The real site as a process of its own, and a plain HTTP client to ask it with."""

import atexit
import gzip
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlencode, urlsplit

import brotli

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable)
# What the tests' own settings or somebody's shell may have set, and the site must not inherit.
OWN_SETTINGS = (
    "ALLOWED_HOSTS",
    "BIND",
    "DATABASE_POOLER",
    "DATABASE_URL",
    "DEFAULT_FROM_EMAIL",
    "DEVELOPMENT",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "HOST",
    "MFA_KEY",
    "PORT",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECURITY_CONTACT",
    "SITE_URL",
    "SQLITE_TIMEOUT",
    "TIME_ZONE",
    "VAR_DIR",
    "WEB_CONCURRENCY",
)


def free_port():
    """Return a port of 127.0.0.1 that nobody listens on at this moment.

    Below those the system gives to connections, one of which may take it before the site does. By
    chance of its own: the tests' is set anew before each, alike in all processes that run them.
    """
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment(**settings):
    """Return this process's environment with the site's settings replaced by `settings`."""
    clean = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    # Empty, not missing: missing ones would be read from somebody's .env.
    unset = {"DATABASE_URL": "", "EMAIL_URL": ""}
    return clean | unset | {name: str(value) for name, value in settings.items()}


def part(name):
    """Return the command of a line of the Procfile, run by this Python: "web" or "sender"."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        if line.startswith(f"{name}:"):
            program, *words = shlex.split(line.partition(":")[2])
            start = [] if program == "python" else ["-m", program]
            return [str(PYTHON), *start, *words]
    raise LookupError(name)


PASSWORD = re.compile(r"password (\S+) \(shown only once\)")


@cache
def prepared():
    """Prepare a sample site once for all tests; return its var/ and its owner's password."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    own = environment(DEVELOPMENT=1, VAR_DIR=folder, BIND=f"127.0.0.1:{free_port()}")
    command = [PYTHON, ROOT / "manage.py", "prepare_demo"]
    done = subprocess.run(command, env=own, check=True, text=True, stdout=subprocess.PIPE)
    return folder, PASSWORD.search(done.stdout)[1]


class RunningSite:
    """Starts the site as bin/run does, in its own process group; use as a context manager.

    Args:
        folder: where its words are kept, and its var/.
        command: what to start instead, such as [".../bin/run"] in the same folder; it gets PORT
            and chooses all else itself.
        cwd: the folder to start it in.
        settings: further environment variables.

    Attributes:
        url: the address without a slash at its end.
        var: the folder of its database and kept facts.
        words: what it has printed so far.
        password: the owner's password, or None when it is not known.
    """

    def __init__(self, folder, *, command=None, cwd=ROOT, port=None, **settings):
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = Path(folder) / f"run-{self.port}.log"
        run = ["sh", "-c", "python manage.py prepare_demo && exec bin/start"]
        self.command, self.cwd = command or run, cwd
        self.var = Path(settings.get("VAR_DIR", Path(folder) / "var"))
        self.is_bare, self.known_password = command is None, None
        if self.is_bare:
            settings = {
                "BIND": f"127.0.0.1:{self.port}",
                "DEVELOPMENT": 1,
                "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
                "SITE_URL": self.url,
                "VAR_DIR": self.var,
            } | settings
        else:
            settings["PORT"] = self.port
        self.environment = environment(**settings)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        code = self.stop()
        # Another failure is told as it is; this one would hide it.
        assert kind or code in (0, -signal.SIGKILL), f"ended with {code}\n{self.words}"

    def copy_prepared(self):
        """Begin with what is prepared once for all, so that only what differs is done here."""
        folder, password = prepared()
        is_sqlite = not self.environment["DATABASE_URL"]
        names = ["static", "static.stamp"]
        if is_sqlite:
            names += [path.name for path in folder.iterdir() if path.name not in names]
            self.known_password = password
        self.var.mkdir(parents=True, exist_ok=True)
        for path in (folder / name for name in names):
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, self.var / path.name)

    def prepare(self):
        """Make tables, sample and static files without starting anything."""
        self.copy_prepared()
        command = [PYTHON, ROOT / "manage.py", "prepare_demo"]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def start(self, seconds=120):
        """Start it and wait until it has printed its address and listens there.

        Args:
            seconds: how long to wait; a first start may have to install the requirements.

        Raises:
            AssertionError: it ended or was not there in time.
        """
        if self.is_bare and not (self.var / "static.stamp").exists():
            self.copy_prepared()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + seconds
        while not ("\nStop:" in self.words and self.listens()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"The site did not start.\n{self.words}")
            time.sleep(0.02)

    def listens(self):
        with suppress(OSError), socket.create_connection(("localhost", self.port), 1):
            return True

    def stop(self):
        """End it as Ctrl-C or systemd would, and return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        """End everything it started at once, as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def words(self):
        return self.log.read_text(errors="replace")  # the last letter may be half written

    @property
    def password(self):
        found = PASSWORD.search(self.words)
        return found[1] if found else self.known_password


@dataclass
class Answer:
    """What a server sent: `body` is as it came over the wire."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self):
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
        return unpack.get(self.headers["Content-Encoding"], bytes)(self.body).decode()

    @property
    def kind(self):
        return self.headers.get_content_type()


def ask(url, data=None, encodings="br, gzip"):
    """Ask for `url` as it stands, following nothing.

    Args:
        url: an absolute address.
        data: a dict to POST as a form; without it GET.
        encodings: which compressions to accept.

    Returns:
        An Answer.

    Raises:
        OSError, http.client.HTTPException: nobody answered.
    """
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = HTTPConnection(parts.hostname, parts.port, timeout=20)
    headers = {"Accept-Encoding": encodings}
    try:
        if data is None:
            connection.request("GET", target, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", target, urlencode(data), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def submission(url):
    """Return the signed key inside the enquiry form of the site at `url`."""
    return submission_in(ask(f"{url}/contact/").text)


def submission_in(html):
    """Return the signed key inside an enquiry form's page."""
    return re.search(r'name="submission" value="([^"]+)"', html)[1]


def post_enquiry(url, submission, name="Ana Marker"):
    """Send an enquiry by a mail address alone and return the Answer."""
    typed = {"name": name, "email": "ana@mail.example", "submission": submission}
    return ask(f"{url}/contact/", typed)
