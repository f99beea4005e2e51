"""The site as it runs for real: shipped nginx with TLS, gunicorn behind it, the mail sender."""

import copy
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.client import HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.authority import HOST, authority
from tests.missing import MissingError
from tests.running_site import ROOT, Answer, environment, free_port, part, prepared

# What systemd does with clinic-web.socket: the port stays open while the web server is away.
WITH_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


LOG_SECONDS = 1  # in place of the shipped five, after which nginx writes its log
README = (ROOT / "deploy/README.md").read_text()
UMASK = int(re.search(r"under `umask (\d+)`", README)[1], 8)
RIGHTS = re.findall(r"`(chmod [^`]+)`", README)


def end(process, signal_number):
    """End a process, if there is one, by a signal or in the end by force."""
    if process and process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class ProxiedSite:
    """Starts all of it in a folder of its own; use as a context manager.

    As root its nginx works as Debian's user for it, and folders have the rights that README gives.

    Args:
        email_url: the mail server.
        settings: further environment variables.

    Attributes:
        url: https address without a slash at its end.
        app_port: where gunicorn listens.
        web, sender, nginx: the processes.
        authority: path of the certificate of the authority that vouches for the site.

    Raises:
        MissingError: nginx or openssl is not installed.
    """

    def __init__(self, email_url="smtp://127.0.0.1:1", **settings):
        for program, package in {"nginx": "nginx-light", "openssl": "openssl"}.items():
            if not shutil.which(program):
                raise MissingError(f"{program} is not installed: apt-get install {package}")
        self.place = TemporaryDirectory()  # one of pytest's own is shut to nginx
        self.folder = Path(self.place.name)
        self.var, self.state = self.folder / "var", self.folder / "nginx"
        self.port, self.http_port, self.app_port = free_port(), free_port(), free_port()
        self.url = f"https://{HOST}:{self.port}"
        self.environment = environment(
            VAR_DIR=self.var,
            SITE_URL=self.url,
            ALLOWED_HOSTS=f"{HOST},www.{HOST}",
            EMAIL_URL=email_url,
            DEFAULT_FROM_EMAIL="website@clinic.example",
            SECRET_KEY="a key for tests alone, long enough to be taken for a real one",
            MFA_KEY="c2V0IGZvciB0aGlzIHRlc3QgYWxvbmUsIDMyIGJ5dGU=",
            CLIENT_ADDRESS_HEADER="X-Real-IP",
            MALLOC_ARENA_MAX=2,  # as in the units of systemd
            **settings,
        )
        self.authority, self.certificate, self.key = authority(self.folder)
        self.context = ssl.create_default_context(cafile=self.authority)
        self.web = self.sender = self.nginx = self.listener = None

    def manage(self, *words):
        """Run a command of manage.py and return what it said."""
        command = [sys.executable, ROOT / "manage.py", *words]
        done = subprocess.run(
            command,
            env=self.environment,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            umask=UMASK,
        )
        return done.stdout

    def shell(self, code):
        return self.manage("shell", "-v0", "-c", code)

    def prepare(self):
        """Make tables, static files, the sample clinic and nginx's configuration."""
        self.manage("migrate", "-v0")
        shutil.copytree(prepared()[0] / "static", self.var / "static", dirs_exist_ok=True)
        self.manage("sample_content")
        for command in RIGHTS:
            subprocess.run(command.split(), cwd=self.folder, check=True)
        self.listen()
        self.configure()

    def listen(self):
        self.listener = socket.create_server((HOST, self.app_port), backlog=2048)

    def configure(self):
        """Fill in the shipped configuration as README says."""
        self.state.mkdir(exist_ok=True)
        places = ["--state", self.state, "--app", f"127.0.0.1:{self.app_port}"]
        places += ["--http", f"127.0.0.1:{self.http_port}", "--https", f"127.0.0.1:{self.port}"]
        places += ["--certificate", self.certificate, "--key", self.key]
        self.manage("nginx_conf", self.state, *places)
        conf = self.state / "nginx.conf"
        conf.write_text(conf.read_text().replace("flush=5s", f"flush={LOG_SECONDS}s"))

    def start_web(self):
        number = self.listener.fileno()
        with (self.folder / "web.log").open("ab") as log:
            self.web = subprocess.Popen(
                [sys.executable, "-c", WITH_SOCKET, str(number), *part("web")],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                pass_fds=[number],
                start_new_session=True,
                umask=UMASK,
            )

    def stop_web(self):
        self.web.terminate()
        self.web.wait(40)

    @contextmanager
    def away(self):
        """Be without the web server, and without anybody who holds its port."""
        self.stop_web()
        self.listener.close()
        try:
            yield
        finally:
            self.listen()
            self.start_web()
            self.wait_for_pages()

    def wait_for_pages(self, seconds=60):
        """Wait until nginx asks the web server again for pages that it does not have."""
        deadline = time.monotonic() + seconds
        while self.ask(f"/nobody-asked-{time.monotonic_ns()}/").status != 404:
            assert time.monotonic() < deadline, self.words
            time.sleep(0.1)

    def start_sender(self):
        self.sender = subprocess.Popen(
            part("sender"), cwd=ROOT, env=self.environment, start_new_session=True, umask=UMASK
        )

    def start_nginx(self):
        command = ["nginx", "-c", self.state / "nginx.conf", "-g", "daemon off;"]
        with (self.folder / "nginx.log").open("ab") as log:
            self.nginx = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.wait(self.port)

    @contextmanager
    def another_nginx(self, edit=str, **certificate):
        """Run a second nginx before the same web server.

        Args:
            edit: a function of the configuration that returns the one it gets.
            certificate: paths of another certificate and its key.

        Yields:
            A ProxiedSite to ask it by.
        """
        other = copy.copy(self)
        vars(other).update(certificate)
        other.port, other.http_port = free_port(), free_port()
        other.state = self.folder / f"nginx-{other.port}"
        other.configure()
        conf = other.state / "nginx.conf"
        conf.write_text(edit(conf.read_text()))
        other.start_nginx()
        try:
            yield other
        finally:
            end(other.nginx, signal.SIGQUIT)

    def wait(self, port, seconds=20):
        """Wait until somebody listens on a port of ours."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection((HOST, port), 1):
                return
            time.sleep(0.01)
        raise AssertionError(f"nobody listens: {self.words}")

    def __enter__(self):
        self.prepare()
        self.start_web()
        self.start_nginx()
        self.wait_for_pages()
        return self

    def __exit__(self, *_):
        for process, ending in (
            (self.nginx, signal.SIGQUIT),
            (self.sender, signal.SIGTERM),
            (self.web, signal.SIGTERM),
        ):
            end(process, ending)
        self.listener.close()
        self.place.cleanup()

    @property
    def groups(self):
        """The process groups of all that runs."""
        return {process.pid for process in (self.web, self.sender, self.nginx) if process}

    @property
    def words(self):
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def ask(self, path, method="GET", body=None, source="127.0.0.1", **headers):
        """Ask nginx and return an Answer; headers' underscores become hyphens."""
        connection = HTTPSConnection(
            HOST, self.port, timeout=30, context=self.context, source_address=(source, 0)
        )
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Accept-Encoding": "gzip"} | named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def say(self, *parts, seconds=30, source="127.0.0.1"):
        """Send bytes as they stand over TLS and return all that comes back until the end."""
        with self.connect(source) as connection:
            connection.settimeout(seconds)
            heard = b""
            with suppress(OSError):
                for part in parts:
                    connection.sendall(part)
            with suppress(OSError):
                while piece := connection.recv(65536):
                    heard += piece
            return heard

    def connect(self, source="127.0.0.1", context=None):
        plain = socket.create_connection((HOST, self.port), 30, source_address=(source, 0))
        return (context or self.context).wrap_socket(plain, server_hostname=HOST)
