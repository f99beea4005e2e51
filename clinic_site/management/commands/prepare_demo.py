"""Prepares the site for bin/run: tables, sample content, static files and a first account."""

import hashlib
import os
import secrets
import socket
import sys

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from clinic_site import sample_content

USERNAME = "owner"


def digest_static_files():
    """Return a digest that changes when any static file does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static_files():
    """Collect and compress the static files, unless they have not changed since the last start."""
    path = settings.VAR_DIR / "static.stamp"
    digest = digest_static_files()
    if not path.exists() or path.read_text() != digest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        path.write_text(digest)


def create_first_account():
    """Return the password of a new superuser, or None when there is one already."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.objects.create_superuser(USERNAME, password=password)
    return password


def check_port(bind):
    """Raise CommandError when another program listens at `bind`, like 127.0.0.1:8000."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError, ValueError) as error:
            raise CommandError(
                f"Cannot listen on {bind}: {error}. Stop the program that uses this port, "
                "or choose another: PORT=8001 bin/run",
                returncode=2,
            ) from None


class Command(BaseCommand):
    help = "Prepare the site for bin/run, and print its address and how to sign in."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEVELOPMENT:
            raise CommandError(
                "This command is for bin/run. To run the site for real, see deploy/README.md.",
                returncode=2,
            )
        check_port(os.environ.get("BIND", "127.0.0.1:8000"))
        call_command("migrate", interactive=False, verbosity=0)
        if sample_content.is_empty():
            sample_content.load()
        collect_static_files()
        self.print_addresses(create_first_account())

    def print_addresses(self, password):
        mail = "to the server of EMAIL_URL"
        if settings.EMAIL_BACKEND.endswith("EmlBackend"):
            mail = f"to files in {settings.EMAIL_FILE_PATH}"
        if password:
            account = f"user {USERNAME}, password {password} (shown only once)"
        else:
            username = get_user_model().objects.filter(is_superuser=True).earliest("pk")
            manage = f"DEVELOPMENT=1 {sys.executable} {settings.BASE_DIR / 'manage.py'}"
            account = (
                f"user {username}; to set a new password:\n"
                f"        {manage} changepassword {username}"
            )
        self.stdout.write(
            f"Site:   {settings.SITE_URL}/\n"
            f"Admin:  {settings.SITE_URL}/admin/\n"
            f"        {account}\n"
            f"Mail:   {mail}\n"
            "Stop:   Ctrl-C"
        )
