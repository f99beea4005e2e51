"""How long staff stay signed in, and signing out everywhere; sessions are encrypted at rest.

Idle: Django ends a session SESSION_COOKIE_AGE after it was last saved, which happens here once a
minute of use. Absolute: SESSION_HOURS after signing in, whatever one does.
"""

import json
import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from clinic_site.accounts import encryption

# allauth's, of who has given a password and maybe not yet a code
HALF_SIGNED_IN = "account_authentication_methods_user"
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"  # seconds since the epoch
SAVE_SECONDS = 60


@receiver(user_logged_in)
def start_clock(request, **kwargs):
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()


def session_limits(get_response):
    """Sign out who signed in too long ago, and note that the others are still there."""

    def middleware(request):
        if request.path.startswith(settings.ADMIN_PREFIX) and request.user.is_authenticated:
            now = time.time()
            if now - request.session.get(SIGNED_IN_AT, 0) > settings.SESSION_HOURS * 3600:
                logout(request)
                messages.info(request, "You were signed in for long. Please sign in again.")
            elif now - request.session.get(SEEN_AT, 0) > SAVE_SECONDS:
                request.session[SEEN_AT] = now
        return get_response(request)

    return middleware


class SealedSerializer:
    """Keeps a session encrypted: a second factor's secret lies there while it is set up."""

    def dumps(self, session):
        return encryption.cipher().encrypt(json.dumps(session).encode())

    def loads(self, sealed):
        return json.loads(encryption.cipher().decrypt(sealed))


def sign_out_everywhere(user):
    """End every session of a user, and each sign-in that waits for a code.

    Returns:
        How many there were.
    """
    names = (SESSION_KEY, HALF_SIGNED_IN)
    return sessions(lambda session: str(user.pk) in map(session.get, names)).delete()[0]


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def end_half_sign_ins(instance, created, **kwargs):
    """Let nobody go on with the password of before; who is signed in, Django signs out."""
    # Set, and not only hashed anew: so AbstractBaseUser.save asks too.
    if not created and instance._password is not None:
        half = (None, str(instance.pk))
        sessions(
            lambda session: (session.get(SESSION_KEY), session.get(HALF_SIGNED_IN)) == half
        ).delete()


def sessions(is_meant):
    """Return the sessions whose content a function says yes to.

    A clinic's sessions are few and end by themselves, so they are read through: no table that
    says who was signed in where.
    """
    now_open = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    meant = [session.pk for session in now_open if is_meant(session.get_decoded())]
    return Session.objects.filter(pk__in=meant)
