"""Read the environment: each function names the setting that is wrong, never its value.

django-environ parses the URLs. Its own env() is not used for texts, because it takes a value that
begins with $, as a random key may, for the name of another variable.
"""

import os
import warnings
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

DATABASE_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
DJANGO_SMTP = "django.core.mail.backends.smtp.EmailBackend"
OUR_SMTP = "clinic_site.web.mail.SMTPBackend"
ENCODE = (
    "Percent-encode special characters in the user name and password: "
    "@ is %40, / is %2F, # is %23, ? is %3F, % is %25."
)


def wrong(name, problem, solution):
    return ImproperlyConfigured(f"{name} {problem}. {solution} See .env.example.")


def text(name):
    """Return a setting without spaces around it."""
    return os.environ.get(name, "").strip()


def required(name, solution):
    """Return a setting, or raise ImproperlyConfigured with its name and what to set."""
    if not text(name):
        raise wrong(name, "is not set", solution)
    return text(name)


def texts(name):
    """Return a setting with commas as a list."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def number(name, default):
    """Return a setting that is a whole number, not below zero."""
    given = text(name) or str(default)
    if not (given.isascii() and given.isdigit()):
        raise wrong(name, "is not a whole number", f"Write it like {name}={default}.")
    return int(given)


def switch(name):
    """Return a setting that is on or off."""
    given = text(name).lower()
    if given in environ.Env.BOOLEAN_TRUE_STRINGS:
        return True
    if given not in ("", "0", "false", "no", "off", "n", "f"):
        raise wrong(name, "is neither on nor off", f"Write {name}=1 or {name}=0.")
    return False


def folder(name, default):
    """Return a setting that is a folder, as an absolute Path; ~ and $HOME are expanded."""
    return Path(os.path.expandvars(text(name) or default)).expanduser().resolve()


def time_zone(name, default):
    """Return a setting that is the name of a time zone."""
    zone = text(name) or default
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise wrong(name, "is not a time zone", f"Write it like {name}={default}.") from None
    return zone


def web_address(name, given):
    """Return the address of the site without a slash at its end."""
    try:
        parts = urlsplit(given)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment or "@" in given:
        raise wrong(name, "is not the address of a site", f"Write {name}=https://clinic.example.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def mailbox(name, given):
    """Return an address with or without a name, quoted as a mail header needs it.

    The name may contain commas: Markham Clinic, Inc. <web@clinic.example>.
    """
    words, angle, rest = given.rpartition("<")
    address = rest.removesuffix(">") if angle else given
    words = words.strip().strip('"')
    try:
        validate_email(address)
        return str(Address(words, addr_spec=address)) if words else address
    except (ValidationError, ValueError, MessageError):
        solution = f"Write {name}=web@clinic.example, or {name}=Clinic <web@clinic.example>."
        raise wrong(name, "is not an email address", solution) from None


def mailboxes(name):
    """Return a setting that lists email addresses."""
    return [mailbox(name, given) for given in texts(name)]


def parsed_url(name, parse, example):
    """Return what django-environ reads in a URL that may contain a password."""
    try:
        parts = urlsplit(text(name))
        # An @ after the host: the password has a character that ended the host's part early.
        is_split = parts.netloc and "@" in f"{parts.path}{parts.query}{parts.fragment}"
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # its warnings print the URL
            config = parse(text(name))
    except (ValueError, ImproperlyConfigured, UserWarning):
        is_split = True
    if is_split:
        raise wrong(name, "cannot be read", f"Write it like {example}. {ENCODE}") from None
    return config


def database(name):
    """Return Django's settings of a database: SQLite or PostgreSQL."""
    example = "postgres://user:password@127.0.0.1/clinic"
    config = parsed_url(name, environ.Env.db_url_config, example)
    if config["ENGINE"] not in DATABASE_ENGINES or not config["NAME"]:
        raise wrong(name, "is neither SQLite nor PostgreSQL", f"Write it like {example}.")
    if config["ENGINE"].endswith("sqlite3"):
        config["NAME"] = os.path.expanduser(config["NAME"])
    return config


def mail_server(name):
    """Return Django's settings of a mail server, with the usual port where none is given."""
    example = "smtp+tls://user:password@mail.example:587"
    config = parsed_url(name, environ.Env.email_url_config, example)
    if config["EMAIL_BACKEND"] != DJANGO_SMTP:
        return config
    if not config["EMAIL_HOST"] or config["EMAIL_FILE_PATH"]:
        raise wrong(name, "names no mail server", f"Write it like {example}. {ENCODE}")
    if text(name).lower().startswith("smtps:"):  # TLS from the start, as everybody else reads it
        config = config | {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}
    usual = 465 if config.get("EMAIL_USE_SSL") else 587 if config.get("EMAIL_USE_TLS") else 25
    return config | {"EMAIL_BACKEND": OUR_SMTP, "EMAIL_PORT": config["EMAIL_PORT"] or usual}
