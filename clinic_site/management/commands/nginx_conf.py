"""Fills in the shipped nginx configuration for this site."""

import re
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SOURCES = settings.BASE_DIR / "deploy/nginx"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
WORD = re.compile(r"@([A-Z_]+)@")


def filled(text, values):
    """Return a configuration with its @WORDS@ replaced by `values`.

    A line with a list's word is repeated for each item, and left out when the list is empty.
    """
    lines = []
    for line in text.splitlines():
        lists = [name for name in WORD.findall(line) if isinstance(values[name], list)]
        for choice in product(*(values[name] for name in lists)):
            chosen = values | dict(zip(lists, choice, strict=True))
            lines.append(WORD.sub(lambda found, chosen=chosen: chosen[found[1]], line))
    return "\n".join(lines) + "\n"


def hsts():
    """Return the value of Strict-Transport-Security, as the app sends it."""
    words = {
        f"max-age={settings.SECURE_HSTS_SECONDS}": True,
        "includeSubDomains": settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
        "preload": settings.SECURE_HSTS_PRELOAD,
    }
    return "; ".join(word for word, is_set in words.items() if is_set)


class Command(BaseCommand):
    help = "Write nginx.conf and app.conf for this site into a folder, such as /etc/nginx."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--certificate", help="default: Let's Encrypt's place for SITE_URL")
        parser.add_argument("--key", help="default: in the same folder")
        parser.add_argument("--http", nargs="+", default=["80", "[::]:80"])
        parser.add_argument("--https", nargs="+", default=["443", "[::]:443"])
        parser.add_argument("--app", default="127.0.0.1:8000", help="where gunicorn listens")
        parser.add_argument("--user", default="www-data", help="the user of nginx")
        parser.add_argument("--state", help="one folder for pid, logs and cache, to try it out")

    def handle(self, *, folder, **options):
        site = urlsplit(settings.SITE_URL)
        if site.scheme != "https":
            raise CommandError("SITE_URL must begin with https. Set it first.", returncode=2)
        lives = f"/etc/letsencrypt/live/{site.hostname}"
        others = [name for name in settings.ALLOWED_HOSTS if name != site.hostname]
        has_brotli = BROTLI.exists()
        values = {
            "APP": options["app"],
            "BROTLI_MODULE": [f"load_module {BROTLI};"] if has_brotli else [],
            "BROTLI_STATIC": ["brotli_static on;"] if has_brotli else [],
            "CACHE": options["state"] or "/var/lib/nginx",
            "CERTIFICATE": options["certificate"] or f"{lives}/fullchain.pem",
            "CONF": str(folder.resolve()),
            "HOST": site.netloc,
            "HSTS": hsts(),
            "HTTP": options["http"],
            "HTTPS": options["https"],
            "KEY": options["key"] or f"{lives}/privkey.pem",
            "LOG": options["state"] or "/var/log/nginx",
            "NAME": site.hostname,
            "NAMES": " ".join([site.hostname, *others]),
            "OTHER_NAMES": " ".join(others) or '""',
            "RUN": options["state"] or "/run",
            "SITE_URL": settings.SITE_URL,
            "USER": options["user"],
            "VAR": str(settings.VAR_DIR),
        }
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(SOURCES.glob("*.conf")):
            (folder / source.name).write_text(filled(source.read_text(), values))
            self.stdout.write(str(folder / source.name))
