"""Checks that Django's `check --deploy` does not make: mail, the proxy, and writable folders."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.http.request import validate_host

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SHORTEST_TOKEN = 16  # characters


def is_in_clear(server):
    """Say whether a server, given by Django's names of its settings, gets mail unencrypted."""
    is_smtp = server.get("EMAIL_BACKEND", "").endswith("SMTPBackend")
    is_encrypted = server.get("EMAIL_USE_TLS") or server.get("EMAIL_USE_SSL")
    return is_smtp and not is_encrypted and server["EMAIL_HOST"] not in LOOPBACK


@register("clinic", deploy=True)
def check_deployment(app_configs, **kwargs):
    """Check the address, the proxy, and who hears of trouble."""
    site = urlsplit(settings.SITE_URL)
    host = site.hostname or ""
    # Cookies, passkeys and every link in a mail depend on SITE_URL.
    if site.scheme != "https":
        hint = "Set SITE_URL=https://… and give the proxy a certificate."
        yield Error("SITE_URL does not begin with https.", hint, id="clinic_site.E001")
    if not validate_host(host, settings.ALLOWED_HOSTS):
        hint = f"Add {host} to ALLOWED_HOSTS."
        yield Error("The site does not accept its own host name.", hint, id="clinic_site.E007")

    # Failed sign-ins are counted by address. Our nginx clears X-Forwarded-For; other proxies let
    # clients write in it.
    if settings.CLIENT_ADDRESS_HEADER.lower() in ("", "x-forwarded-for"):
        hint = "Set CLIENT_ADDRESS_HEADER=X-Real-IP where the proxy sets that header itself."
        words = "Behind a proxy, all visitors seem to have the same address."
        yield Warning(words, hint, id="clinic_site.W002")

    if settings.HEALTH_TOKEN and len(settings.HEALTH_TOKEN) < SHORTEST_TOKEN:
        hint = f"Use at least {SHORTEST_TOKEN} random characters."
        yield Error("HEALTH_TOKEN can be guessed.", hint, id="clinic_site.E004")
    if not settings.ALARM_EMAIL or not settings.ALARM_TO:
        hint = "Set ALARM_EMAIL_URL and ALARM_TO, or let a monitor request /healthz/service."
        words = "Nobody gets an alarm when the mail server is down."
        yield Warning(words, hint, id="clinic_site.W003")
    contact = settings.SECURITY_CONTACT
    if contact and not contact.startswith(("mailto:", "https:", "tel:")):  # RFC 9116
        hint = "Write SECURITY_CONTACT=mailto:security@clinic.example, or an https: address."
        yield Error("security.txt would not be valid.", hint, id="clinic_site.E006")


@register("clinic", deploy=True)
def check_mail(app_configs, **kwargs):
    """Check that mail is encrypted, has a timeout, and comes from the clinic's own domain."""
    if not settings.EMAIL_TIMEOUT:
        words = "A mail server that does not answer blocks the sender."
        yield Error(words, "Leave EMAIL_TIMEOUT at 10 seconds.", id="clinic_site.E002")
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    first = {name: getattr(settings, name) for name in names}
    for name, server in {"EMAIL_URL": first, "ALARM_EMAIL_URL": settings.ALARM_EMAIL}.items():
        if is_in_clear(server):
            hint = f"Write {name}=smtp+tls://… (port 587) or smtp+ssl://… (port 465)."
            yield Error("Mail would be sent without encryption.", hint, id="clinic_site.E003")
    host = urlsplit(settings.SITE_URL).hostname or ""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    if domain != host and not host.endswith(f".{domain}"):
        hint = "Mail servers may treat it as forged. Run manage.py check_mail."
        words = f"Mail comes from {domain}, but the site is {host}."
        yield Warning(words, hint, id="clinic_site.W001")


@register("clinic")
def check_folders(app_configs, **kwargs):
    """Check that the database, uploads and stored pages can be written."""
    hint = "Make it writable for the user that the site runs as, or set VAR_DIR."
    inside = [settings.VAR_DIR / name for name in ("db.sqlite3", "media", "pages", "clinic.json")]
    for path in (settings.VAR_DIR, *filter(os.path.exists, inside)):
        if not os.access(path, os.W_OK | os.X_OK if path.is_dir() else os.W_OK):
            yield Error(f"{path} cannot be written.", hint, id="clinic_site.E005")
