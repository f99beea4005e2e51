"""Every setting of the site; what depends on the place enters through clinic_site/web/env.py."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environ import Env

from clinic_site.richtext.extensions import EXTENSIONS
from clinic_site.web import env

BASE_DIR = Path(__file__).resolve().parent.parent
Env.read_env(BASE_DIR / ".env")

# Set by bin/run and the tests alone. It relaxes five things: keys are made and stored in var/,
# hosts are loopback, cookies go without Secure, mail without EMAIL_URL goes to var/mail/, and the
# admin opens without a second factor.
DEVELOPMENT = env.switch("DEVELOPMENT")
DEBUG = False

# Files that change while the site runs: database, uploads, collected static files, mail.
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)


def stored_key(name, make):
    """Return the key stored in var/, made at the first start (development only)."""
    path = VAR_DIR / name
    if not path.exists():
        # Through a draft, so that of two processes that start at once both read the same key.
        with NamedTemporaryFile("w", dir=VAR_DIR) as draft, suppress(FileExistsError):
            draft.write(make())
            draft.flush()
            os.link(draft.name, path)
    return path.read_text()


def fernet_keys(text):
    """Return the keys of MFA_KEY, the one that encrypts first."""
    keys = [key.strip() for key in text.split(",")]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise ImproperlyConfigured(
            "MFA_KEY is not a key that can encrypt. Make one as .env.example shows."
        ) from None
    return keys


# The only source of absolute links, in pages and in mail; the Host header is checked, not printed.
if DEVELOPMENT:
    SECRET_KEY = env.text("SECRET_KEY") or stored_key("secret_key", get_random_secret_key)
    MFA_KEY = env.text("MFA_KEY") or stored_key("mfa_key", lambda: Fernet.generate_key().decode())
    SITE_URL = env.web_address("SITE_URL", env.text("SITE_URL") or "http://localhost:8000")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(SITE_URL).hostname]
    ALLOWED_HOSTS += env.texts("ALLOWED_HOSTS")
else:
    SECRET_KEY = env.required("SECRET_KEY", "Set a long random text that nobody else knows.")
    MFA_KEY = env.required("MFA_KEY", "Set the key that encrypts the secrets of the second factor.")
    SITE_URL = env.required("SITE_URL", "Set the site's address, like https://clinic.example.")
    SITE_URL = env.web_address("SITE_URL", SITE_URL)
    env.required("ALLOWED_HOSTS", "List the host names the site answers to, like clinic.example.")
    ALLOWED_HOSTS = env.texts("ALLOWED_HOSTS")
# Older keys still open what they signed: forms that patients have open, share links, sessions.
# Undivided too, because a single key may contain commas.
SECRET_KEY_FALLBACKS = [env.text("SECRET_KEY_FALLBACKS"), *env.texts("SECRET_KEY_FALLBACKS")]
SECRET_KEY_FALLBACKS = [key for key in SECRET_KEY_FALLBACKS if key]

SECURITY_CONTACT = env.text("SECURITY_CONTACT")
# Trusted only when set: the header in which the proxy in front says who asks, like X-Real-IP.
CLIENT_ADDRESS_HEADER = env.text("CLIENT_ADDRESS_HEADER")
HEALTH_TOKEN = env.text("HEALTH_TOKEN")
SITE_ID = 1

INSTALLED_APPS = [
    "clinic_site",
    "blog",
    "services",
    "contact",
    "clinic_site.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.redirects",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "phonenumber_field",
    "django_prose_editor",
    "imagefield",
    "cabinet",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
]

MIDDLEWARE = [
    "clinic_site.web.logs.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above ConditionalGet: below it, gzip's random padding makes a new ETag each time.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "clinic_site.web.middleware.cache_headers",
    "clinic_site.web.middleware.PolicyByPrefix",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic_site.web.middleware.health_check",
    "clinic_site.web.middleware.DatabaseOutage",
    "clinic_site.web.redirects.old_queries",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic_site.accounts.sessions.session_limits",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers in place of a view that found a lock
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
FORM_RENDERER = "clinic_site.web.forms.SiteRenderer"

# Database

if env.text("DATABASE_URL"):
    DATABASES = {"default": env.database("DATABASE_URL")}
else:
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "db.sqlite3"}
    }
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "clinic_site.web.sqlite"
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
    # Behind PgBouncer in transaction mode, a connection gives no options and keeps no cursor.
    DATABASE_POOLER = env.switch("DATABASE_POOLER")
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = DATABASE_POOLER
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # A patient waits 5 seconds for a server that does not answer or a table somebody holds,
        # and then gets the phone number.
        "connect_timeout": 5,
        "tcp_user_timeout": 5000,
        **({} if DATABASE_POOLER else {"options": "-c lock_timeout=5000"}),
        **DATABASES["default"].get("OPTIONS", {}),
        # Values travel apart from the statement, so that the server never logs what was typed.
        "server_side_binding": True,
    }

DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds; opening one costs a fifth of a page
# Memory that finished pages may take in each process: clinic_site/web/page_cache.py.
PAGE_CACHE_BYTES = env.number("PAGE_CACHE_MB", 4) * 1_000_000

# What all workers share: used codes and rate limits, in a database table that migrate creates. The
# keys are hashed, because they contain addresses.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_site_cache",
        "KEY_FUNCTION": "clinic_site.accounts.retention.hashed_key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a flood must not push out what counts
    },
}

# Mail

if env.text("EMAIL_URL"):
    vars().update(env.mail_server("EMAIL_URL"))
elif DEVELOPMENT:
    EMAIL_BACKEND = "clinic_site.web.mail.EmlBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    env.required(
        "EMAIL_URL", "Set the mail server, like smtp+tls://user:password@mail.example:587."
    )
EMAIL_TIMEOUT = 10  # seconds; Django's default waits for ever
EMAIL_PER_MINUTE = env.number("EMAIL_PER_MINUTE", 0)  # at most, about enquiries; 0 is no limit
if DEVELOPMENT:
    DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL") or "website@clinic.example"
else:
    DEFAULT_FROM_EMAIL = env.required(
        "DEFAULT_FROM_EMAIL", "Set the sender, like web@clinic.example."
    )
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mailbox("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL)

# A second mail server, for the alarm that the first one does not work.
ALARM_EMAIL = env.mail_server("ALARM_EMAIL_URL") if env.text("ALARM_EMAIL_URL") else {}
ALARM_TO = env.mailboxes("ALARM_TO")
ALARM_FROM = env.mailbox("ALARM_FROM", env.text("ALARM_FROM") or DEFAULT_FROM_EMAIL)

# Language, time and telephone

LANGUAGE_CODE = "en-ca"
TIME_ZONE = env.time_zone("TIME_ZONE", "America/Toronto")
USE_TZ = True
USE_I18N = False  # one language: each lookup of it would cost a little, some hundred times a page
PHONENUMBER_DB_FORMAT = "RFC3966"  # the one that keeps an extension
PHONENUMBER_DEFAULT_REGION = (env.text("PHONE_REGION") or "CA").upper()

# Static files and uploads

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic_site.web.storage.BundledStaticFilesStorage"},
}
IMAGEFIELD_BIN_DEPTH = 2
CABINET_FILE_MODEL = "clinic_site.Image"
DJANGO_PROSE_EDITOR_EXTENSIONS = EXTENSIONS
# nginx reads them as another user, whatever the umask.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o644, 0o755

# Safety. Cookies are set under ADMIN_PREFIX alone. __Host- keeps another site of the domain from
# setting them for ours, and needs Secure and the path /; public pages do not look at them.

ADMIN_PREFIX = "/admin/"
COOKIE_PREFIX, COOKIE_PATH = ("", ADMIN_PREFIX) if DEVELOPMENT else ("__Host-", "/")
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
# In the session: the default's cookie would be sent to every page.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False  # the proxy in front redirects
SECURE_PROXY_SSL_HEADER = None if DEVELOPMENT else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
# Both bind other sites of the domain too, for a year or for good: for the owner to choose.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.switch("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.switch("HSTS_PRELOAD")
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # the proxy in front redirects to https
if not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    SILENCED_SYSTEM_CHECKS.append("security.W005")
if not SECURE_HSTS_PRELOAD:
    SILENCED_SYSTEM_CHECKS.append("security.W021")
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

# Staff sign-in: clinic_site/accounts/ says how these work together.

LOGIN_URL = LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
SECOND_FACTOR_REQUIRED = not DEVELOPMENT
MFA_KEYS = fernet_keys(MFA_KEY)
# Computers at the front desk are shared: sessions end soon when idle, and never last overnight.
SESSION_COOKIE_AGE = 60 * env.number("STAFF_IDLE_MINUTES", 60)  # counted from the last request
SESSION_HOURS = env.number("STAFF_SESSION_HOURS", 12)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SERIALIZER = "clinic_site.accounts.encryption.EncryptedSerializer"
PASSWORD_RESET_TIMEOUT = 60 * 60

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_ADAPTER = "clinic_site.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers cannot make the site write to an address
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}  # alone: an email address too would double the attempts
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
# Per address: all attempts to sign in. Per person ("key"): wrong codes; AXES_ limits passwords.
# A stranger's password resets reach the limit per address before a colleague's is used up.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip,200/h/ip",
    "login_failed": "30/m/ip,10/30m/key",
    "change_password": "10/30m/user",
    "passkey": "30/m/ip,200/h/ip",
    "reset_password": "5/h/ip,15/h/key",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "clinic_site.accounts.forms.SignInForm",
    "reauthenticate": "clinic_site.accounts.forms.PasswordAgainForm",
    "reset_password": "clinic_site.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "clinic_site.accounts.forms.NewPasswordForm",
}

MFA_ADAPTER = "clinic_site.accounts.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the owner creates accounts, nobody signs up
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # periods of 30 s before and after, for clocks that differ and slow typing
MFA_FORMS = {
    "activate_totp": "clinic_site.accounts.forms.AddAppForm",
    "authenticate": "clinic_site.accounts.forms.CodeForm",
    "reauthenticate": "clinic_site.accounts.forms.CodeAgainForm",
    "add_webauthn": "clinic_site.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "clinic_site.accounts.forms.NamePasskeyForm",
    "login_webauthn": "clinic_site.accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "clinic_site.accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "clinic_site.accounts.forms.PasskeyAgainForm",
}

# Lockout per username and address: a stranger elsewhere never locks a colleague out.
AXES_HANDLER = "clinic_site.accounts.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "clinic_site.accounts.lockout.locked_out"
AXES_USERNAME_CALLABLE = "clinic_site.accounts.lockout.hashed_username"
AXES_CLIENT_IP_CALLABLE = "clinic_site.accounts.lockout.lockout_address"
AXES_CLIENT_STR_CALLABLE = "clinic_site.accounts.lockout.anonymous_client"
AXES_SENSITIVE_PARAMETERS = ["login", "next", "csrfmiddlewaretoken"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False

PUBLIC_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "script-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],  # tools that look at a page read its robots.txt by its own policy
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    # No script may turn text into markup or code: the site's own writes text alone.
    "require-trusted-types-for": ["'script'"],
    "trusted-types": [NONE],
}
ADMIN_POLICY = PUBLIC_POLICY | {
    "style-src": [SELF, NONCE],
    "script-src": [SELF, NONCE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    # Django's own scripts and the editor write markup.
    "require-trusted-types-for": None,
    "trusted-types": None,
}
# The one page that stands in a frame: the preview, beside the form that it shows.
PREVIEW_POLICY = PUBLIC_POLICY | {"frame-ancestors": [SELF], "form-action": [NONE]}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PUBLIC_POLICY}

# Logs never hold what was typed: clinic_site/web/logs.py. A request gets a line only where the
# proxy logs none.
LOG_FORMAT = env.text("LOG_FORMAT") or "plain"
if LOG_FORMAT not in ("plain", "json"):
    raise ImproperlyConfigured("LOG_FORMAT is plain or json. See .env.example.")
ADMINS = env.mailboxes("ADMINS")  # read by clinic_site/web/logs.py alone
EMAIL_SUBJECT_PREFIX = ""
HANDLERS = ["console", "mail"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "clinic_site.web.logs.PlainFormatter"},
        "json": {"()": "clinic_site.web.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "mail": {
            "class": "clinic_site.web.logs.MailHandler",
            "level": "ERROR",
            "formatter": "plain",
        },
    },
    "root": {"handlers": HANDLERS, "level": "WARNING"},
    "loggers": {
        "django": {"handlers": HANDLERS, "level": "WARNING", "propagate": False},
        # Strangers make these at will: no mail.
        "django.security": {"handlers": ["console"], "propagate": False},
        "clinic_site.requests": {"level": "INFO" if env.switch("LOG_REQUESTS") else "WARNING"},
        "contact": {"level": "INFO"},
        # gunicorn makes its own handlers first; with --preload these take their place.
        "gunicorn.error": {"handlers": HANDLERS, "propagate": False},
    },
}
