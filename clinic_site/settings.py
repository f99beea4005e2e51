"""Every setting of the site; what depends on the place enters through env()."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Set by bin/run and the tests alone. It relaxes four things: the secret key is made and kept in
# var/, hosts are loopback, cookies go without Secure, mail without EMAIL_URL goes to var/mail/.
DEVELOPMENT = env.bool("DEVELOPMENT", default=False)
DEBUG = False


def required(name, mend):
    """Return the environment's value of `name`, or say which setting is missing and its mend."""
    value = env(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {mend} See .env.example.")
    return value


# Files that change while the site runs: database, uploads, collected static files, mail.
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)


def kept_secret_key():
    """Return the key kept in var/, made at the first start (development only)."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


# The only source of absolute links, in pages and in mail; the Host header is checked, not printed.
if DEVELOPMENT:
    SECRET_KEY = env("SECRET_KEY", default="") or kept_secret_key()
    SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(SITE_URL).hostname]
else:
    SECRET_KEY = required("SECRET_KEY", "Set a long random text that nobody else knows.")
    SITE_URL = required("SITE_URL", "Set the site's address, like https://clinic.example.")
    SITE_URL = SITE_URL.rstrip("/")
    required("ALLOWED_HOSTS", "List the host names the site answers to, like clinic.example.")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")

SECURITY_CONTACT = env("SECURITY_CONTACT", default="")
# Trusted only when set: the header in which the proxy in front says who asks, like X-Real-IP.
CLIENT_ADDRESS_HEADER = env("CLIENT_ADDRESS_HEADER", default="")
HEALTH_TOKEN = env("HEALTH_TOKEN", default="")
SITE_ID = 1

INSTALLED_APPS = [
    "clinic_site",
    "blog",
    "services",
    "contact",
    "clinic_site.admin_site.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "phonenumber_field",
    "django_prose_editor",
    "imagefield",
    "cabinet",
]

MIDDLEWARE = [
    "clinic_site.middleware.health_check",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above ConditionalGet: below it, gzip's random padding makes a new ETag each time.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "clinic_site.middleware.cache_headers",
    "clinic_site.middleware.PolicyByPrefix",
    "clinic_site.middleware.DatabaseOutage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "clinic_site.urls"
WSGI_APPLICATION = "clinic_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic_site.context_processors.clinic_facts",
            ],
        },
    },
]
FORM_RENDERER = "clinic_site.forms.SiteRenderer"

# Database

if env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
else:
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "db.sqlite3"}
    }
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A path without a leading slash lies in var/, whichever folder the process stands in.
    DATABASES["default"]["NAME"] = VAR_DIR / DATABASES["default"]["NAME"]
    # What makes an answered enquiry survive a power cut; last, so that no URL undoes it.
    DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,  # seconds a patient waits for the lock
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, so that the tests run on WAL too.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # A patient waits 5 seconds for a server that does not answer or a table somebody holds,
        # and then gets the phone number.
        "connect_timeout": 5,
        "tcp_user_timeout": 5000,
        "options": "-c lock_timeout=5000",
        **DATABASES["default"].get("OPTIONS", {}),
        # Values travel apart from the statement, so that the server never logs what was typed.
        "server_side_binding": True,
    }

DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds; opening one costs a fifth of a page
# How long a process prints the clinic's facts without reading them again.
FACTS_KEPT_SECONDS = 1

# Mail

if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
    if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":  # noqa: F821
        EMAIL_BACKEND = "clinic_site.mail.SMTPBackend"
elif DEVELOPMENT:
    EMAIL_BACKEND = "clinic_site.mail.EmlBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    required("EMAIL_URL", "Set the mail server, like smtp+tls://user:password@mail.example:587.")
EMAIL_TIMEOUT = 10  # seconds; Django's default waits for ever
if DEVELOPMENT:
    DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="website@clinic.example")
else:
    DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL", "Set the sender, like web@clinic.example.")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Language, time and telephone

LANGUAGE_CODE = "en-ca"
TIME_ZONE = env("TIME_ZONE", default="America/Toronto")
USE_TZ = True
USE_I18N = False  # one language: each lookup of it would cost a little, some hundred times a page
PHONENUMBER_DB_FORMAT = "RFC3966"  # the one that keeps an extension
PHONENUMBER_DEFAULT_REGION = env("PHONE_REGION", default="CA")

# Static files and uploads

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic_site.storage.BundledStaticFilesStorage"},
}
IMAGEFIELD_BIN_DEPTH = 2
CABINET_FILE_MODEL = "clinic_site.Image"
FILE_UPLOAD_PERMISSIONS = 0o644

# Safety. Sessions and CSRF cookies live under /admin/, so a public page never sees a user.

SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
# In the session: the default's cookie would be sent to every page.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False  # the proxy in front redirects
SECURE_PROXY_SSL_HEADER = None if DEVELOPMENT else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

PUBLIC_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "script-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
ADMIN_POLICY = PUBLIC_POLICY | {
    "style-src": [SELF, NONCE],
    "script-src": [SELF, NONCE],
    "img-src": [SELF, "data:", "blob:"],
    "connect-src": [SELF],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PUBLIC_POLICY}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "contact": {"level": "INFO"},
    },
}
