"""What Django's own `check --deploy` does not look at: mail, the proxy, the places written to."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.http.request import validate_host

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PLACE_HINT = "Give it to the user the site runs as, or set VAR_DIR."
SHORTEST_TOKEN = 16  # letters; a guess a second then takes longer than anybody lives


def host():
    return urlsplit(settings.SITE_URL).hostname or ""


@register("clinic", deploy=True)
def check_address(app_configs, **kwargs):
    """SITE_URL is https and answered: cookies, passkeys and every link in a mail depend on it."""
    found = []
    if urlsplit(settings.SITE_URL).scheme != "https":
        hint = "Set SITE_URL=https://… and give the proxy a certificate."
        found.append(Error("SITE_URL does not begin with https.", hint, id="clinic_site.E001"))
    if not validate_host(host(), settings.ALLOWED_HOSTS):
        hint = f"Add {host()} to ALLOWED_HOSTS."
        found.append(Error("The site refuses its own address.", hint, id="clinic_site.E007"))
    return found


@register("clinic", deploy=True)
def check_mail(app_configs, **kwargs):
    """Mail leaves encrypted, gives up on a dead server, and comes from our own domain."""
    found = []
    if not settings.EMAIL_TIMEOUT:
        hint = "Leave EMAIL_TIMEOUT at 10 seconds."
        found.append(Error("A dead mail server holds the sender.", hint, id="clinic_site.E002"))
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    first = {name: getattr(settings, name) for name in names}
    for name, server in {"EMAIL_URL": first, "ALARM_EMAIL_URL": settings.ALARM_EMAIL}.items():
        if is_in_clear(server):
            hint = f"Write {name}=smtp+tls://… (port 587) or smtp+ssl://… (port 465)."
            found.append(Error("Mail would leave in clear text.", hint, id="clinic_site.E003"))
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    if domain != host() and not host().endswith(f".{domain}"):
        hint = "Else mail servers may take notices for forged: see manage.py check_mail."
        words = f"Mail comes from {domain}, the site is {host()}."
        found.append(Warning(words, hint, id="clinic_site.W001"))
    return found


def is_in_clear(server):
    """Say whether mail leaves unencrypted by a server, given by Django's names of its settings."""
    is_smtp = server.get("EMAIL_BACKEND", "").endswith("SMTPBackend")
    is_encrypted = server.get("EMAIL_USE_TLS") or server.get("EMAIL_USE_SSL")
    return is_smtp and not is_encrypted and server["EMAIL_HOST"] not in LOOPBACK


@register("clinic", deploy=True)
def check_proxy(app_configs, **kwargs):
    """The address of who asks is known: guesses at passwords are counted by it."""
    hint = "Set CLIENT_ADDRESS_HEADER=X-Real-IP where the proxy sets that header itself."
    words = "Behind a proxy everybody seems to come from one address."
    # The shipped nginx empties the second one; before others, clients can write in it.
    if settings.CLIENT_ADDRESS_HEADER.lower() in ("", "x-forwarded-for"):
        return [Warning(words, hint, id="clinic_site.W002")]
    return []


@register("clinic", deploy=True)
def check_watch(app_configs, **kwargs):
    """Somebody is told when enquiries stop reaching people."""
    found = []
    if settings.HEALTH_TOKEN and len(settings.HEALTH_TOKEN) < SHORTEST_TOKEN:
        hint = f"Set at least {SHORTEST_TOKEN} random letters."
        found.append(Error("HEALTH_TOKEN can be guessed.", hint, id="clinic_site.E004"))
    if not settings.ALARM_EMAIL or not settings.ALARM_TO:
        hint = "Set ALARM_EMAIL_URL and ALARM_TO, or let a monitor ask /healthz/service."
        words = "Nobody is told when the mail server is shut."
        found.append(Warning(words, hint, id="clinic_site.W003"))
    return found


@register("clinic", deploy=True)
def check_security_contact(app_configs, **kwargs):
    """Who finds a hole can tell somebody: RFC 9116 wants an address with its scheme."""
    contact = settings.SECURITY_CONTACT
    if not contact or contact.startswith(("mailto:", "https:", "tel:")):
        return []
    hint = "Write SECURITY_CONTACT=mailto:security@clinic.example, or an https: address."
    return [Error("security.txt would not be valid.", hint, id="clinic_site.E006")]


@register("clinic")
def check_places(app_configs, **kwargs):
    """Database, uploads and kept facts can be written."""
    names = ("db.sqlite3", "media", "pages", "clinic.json")
    inside = [place for name in names if (place := settings.VAR_DIR / name).exists()]
    return [
        Error(f"{place} cannot be written.", PLACE_HINT, id="clinic_site.E005")
        for place in (settings.VAR_DIR, *inside)
        if not os.access(place, os.W_OK | os.X_OK if place.is_dir() else os.W_OK)
    ]
