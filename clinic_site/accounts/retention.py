"""What signing in leaves in the database, and that it goes when its time is over."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac


def keyed_hash(kind, text):
    """Return what stands for a text; nobody finds the text without SECRET_KEY."""
    return salted_hmac(f"clinic_site.accounts.{kind}", text, algorithm="sha256").hexdigest()


def hashed_key(key, key_prefix, version):
    """Return a cache key as stored: those of limits hold the address of who guesses."""
    return keyed_hash("cache", f"{key_prefix}:{version}:{key}")


def purge():
    """Delete ended sessions, wrong passwords that count no more, and cache rows past their time.

    Returns:
        How many rows.
    """
    now = timezone.now()
    attempts = AccessAttempt.objects.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME)
    sessions = Session.objects.filter(expire_date__lte=now)
    count = attempts.delete()[0] + sessions.delete()[0]
    table = connection.ops.quote_name(cache._table)
    expired = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires <= %s", [expired])
        return count + cursor.rowcount
