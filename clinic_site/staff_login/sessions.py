"""How long staff stay signed in, and signing out everywhere.

Idle: Django ends a session SESSION_COOKIE_AGE after it was last saved, which happens here once a
minute of use. Absolute: SESSION_HOURS after signing in, whatever one does.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

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


def sign_out_everywhere(user):
    """End every session of a user.

    A clinic's sessions are few and end by themselves, so they are read through: no table that
    says who was signed in where.

    Returns:
        How many there were.
    """
    open_sessions = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [
        session.pk
        for session in open_sessions.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]
