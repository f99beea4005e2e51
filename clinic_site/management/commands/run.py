"""Runs the whole site on one machine as production does: web server and mail sender."""

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from clinic_site import sample_content

STOP_SECONDS = 15  # what a send or a request under way may take to end
USER = "owner"


def web_command(address, port):
    """Return what starts the web server at an IP address and a port."""
    bind = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    conf = str(settings.BASE_DIR / "deploy/gunicorn.conf.py")
    return [sys.executable, "-m", "gunicorn", "clinic_site.wsgi", "--config", conf, "--bind", bind]


def sender_command():
    """Return what starts the mail sender."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "deliver_mail"]


def static_stamp():
    """Return a digest that changes when any static file does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = os.stat(storage.path(path))
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static():
    """Collect and compress the static files, unless they are those of the last start."""
    stamp_file = settings.VAR_DIR / "static.stamp"
    stamp = static_stamp()
    if not stamp_file.exists() or stamp_file.read_text() != stamp:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp_file.write_text(stamp)


def make_owner():
    """Make the first staff account.

    Returns:
        Its one-time password, or None when there is an account already.
    """
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.objects.create_superuser(USER, password=password)
    return password


def refuse_busy_port(host, port):
    """End with the mend when something listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "Stop what runs there, or choose another port: PORT=8001 bin/run",
                returncode=2,
            ) from None


class Command(BaseCommand):
    help = "Prepare the site and run it here: web server and mail sender, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="localhost")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, host, port, **options):
        if not settings.DEVELOPMENT:
            raise CommandError(
                "This is for bin/run. Elsewhere see README, “Run it for real”.", returncode=2
            )
        address = {"localhost": "127.0.0.1"}.get(host, host)
        refuse_busy_port(address, port)
        call_command("migrate", interactive=False, verbosity=0)
        if sample_content.is_empty():
            sample_content.load()
        collect_static()
        password = make_owner()
        self.run_until_stopped(self.start(address, port), address, port, password)

    def start(self, address, port):
        """Start both processes, each in this one's group; this one tells them of Ctrl-C.

        Until they have handlers of their own it would end them with a traceback on the screen.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # they inherit it
        commands = (web_command(address, port), sender_command())
        return [subprocess.Popen(command, cwd=settings.BASE_DIR) for command in commands]

    def run_until_stopped(self, processes, address, port, password):
        # SIGINT too: Python heeds none of its own where a shell started it in the background.
        stops = (signal.SIGTERM, signal.SIGINT)

        def stop(*_):
            for number in stops:  # once is enough: the parts are waited for
                signal.signal(number, signal.SIG_IGN)
            raise KeyboardInterrupt

        for number in stops:
            signal.signal(number, stop)
        try:
            self.wait_for_web(processes[0], address, port)
            self.tell(password)
            while all(process.poll() is None for process in processes):
                time.sleep(0.5)
            raise CommandError("A part of the site ended by itself; its words stand above.")
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    process.terminate()
            for process in processes:
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()

    def wait_for_web(self, web, address, port):
        deadline = time.monotonic() + 30
        while web.poll() is None and time.monotonic() < deadline:
            with (
                suppress(OSError),
                socket.create_connection((address, port), timeout=1),
            ):
                return
            time.sleep(0.05)
        raise CommandError("The web server did not start; its words stand above.")

    def tell(self, password):
        mail = "to the server of EMAIL_URL"
        if settings.EMAIL_BACKEND.endswith("EmlBackend"):
            mail = f"to files in {settings.EMAIL_FILE_PATH}"
        lines = [f"Site:   {settings.SITE_URL}/", f"Admin:  {settings.SITE_URL}/admin/"]
        if password:
            lines += [f"        user {USER}, password {password} (shown this once)"]
        else:
            owner = get_user_model().objects.filter(is_superuser=True).earliest("pk")
            manage = f"DEVELOPMENT=1 {sys.executable} {settings.BASE_DIR / 'manage.py'}"
            lines += [
                f"        user {owner.get_username()}; to set a new password:",
                f"        {manage} changepassword {owner.get_username()}",
            ]
        self.stdout.write("\n".join([*lines, f"Mail:   {mail}", "Stop:   Ctrl-C"]))
        self.stdout.flush()
