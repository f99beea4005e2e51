"""What Django's own `check --deploy` does not look at: mail, the proxy, the places written to."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SHORTEST_TOKEN = 16  # letters; a guess a second then takes longer than anybody lives


def host():
    return urlsplit(settings.SITE_URL).hostname or ""


@register("clinic", deploy=True)
def check_address(app_configs, **kwargs):
    """SITE_URL is https: cookies, passkeys and every link in a mail depend on it."""
    if urlsplit(settings.SITE_URL).scheme == "https":
        return []
    hint = "Set SITE_URL=https://… and give the proxy a certificate."
    return [Error("SITE_URL does not begin with https.", hint=hint, id="clinic_site.E001")]


@register("clinic", deploy=True)
def check_mail(app_configs, **kwargs):
    """Mail leaves encrypted, gives up on a dead server, and comes from our own domain."""
    found = []
    if not settings.EMAIL_TIMEOUT:
        hint = "Leave EMAIL_TIMEOUT at 10 seconds."
        found.append(Error("A dead mail server holds the sender.", hint, id="clinic_site.E002"))
    is_smtp = settings.EMAIL_BACKEND.endswith("SMTPBackend")
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if is_smtp and not is_encrypted and settings.EMAIL_HOST not in LOOPBACK:
        hint = "Write EMAIL_URL=smtp+tls://… (port 587) or smtp+ssl://… (port 465)."
        found.append(Error("Mail would leave in clear text.", hint, id="clinic_site.E003"))
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    if domain != host() and not host().endswith(f".{domain}"):
        hint = "Else mail servers may take notices for forged: see manage.py check_mail."
        words = f"Mail comes from {domain}, the site is {host()}."
        found.append(Warning(words, hint, id="clinic_site.W001"))
    return found


@register("clinic", deploy=True)
def check_proxy(app_configs, **kwargs):
    """The address of who asks is known: guesses at passwords are counted by it."""
    if settings.CLIENT_ADDRESS_HEADER:
        return []
    hint = "Set CLIENT_ADDRESS_HEADER=X-Real-IP where the proxy sets that header itself."
    words = "Behind a proxy everybody seems to come from one address."
    return [Warning(words, hint, id="clinic_site.W002")]


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
    if os.access(settings.VAR_DIR, os.W_OK | os.X_OK):
        return []
    hint = "Give the folder to the user the site runs as, or set VAR_DIR."
    return [Error(f"{settings.VAR_DIR} cannot be written.", hint, id="clinic_site.E005")]
