"""What sign-ins leave in the database: hashed where possible, and deleted when it has expired."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac


def keyed_hash(kind, text):
    """Return a hash of a text; without SECRET_KEY nobody can find the text."""
    return salted_hmac(f"clinic_site.accounts.{kind}", text, algorithm="sha256").hexdigest()


def hashed_key(key, key_prefix, version):
    """Return a cache key as stored: keys of rate limits contain addresses."""
    return keyed_hash("cache", f"{key_prefix}:{version}:{key}")


def purge():
    """Delete expired sessions, wrong passwords and cache rows; return how many."""
    now = timezone.now()
    attempts = AccessAttempt.objects.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME)
    sessions = Session.objects.filter(expire_date__lte=now)
    count = attempts.delete()[0] + sessions.delete()[0]
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    expired = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires <= %s", [expired])
        return count + cursor.rowcount
