"""Sessions of staff: what a session has proven, how long it lasts, and signing out everywhere.

Idle limit: a session ends SESSION_COOKIE_AGE after it was last saved, once a minute of use.
Absolute limit: it ends SESSION_HOURS after the sign-in.
"""

import time

from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

# Who gave a password, passkey or code, even if they have not finished signing in:
# {"user": primary key as text, "hash": of their password, "second_factor": whether it was one}.
PROOF = "proof"
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"  # seconds since the epoch
SAVE_SECONDS = 60


def proof_of(request, user):
    """Return what the session has proven for a user, or {}."""
    proof = request.session.get(PROOF, {})
    return proof if proof.get("user") == str(user.pk) else {}


def is_proven(request, user):
    """Say whether the session holds a proof that is not older than the user's password."""
    return proof_of(request, user).get("hash") == user.get_session_auth_hash()


def has_second_factor(request):
    """Say whether this session proved a passkey, an app's code or a recovery code."""
    return proof_of(request, request.user).get("second_factor", False)


@receiver(authentication_step_completed)
def record_proof(request, user, method, **kwargs):
    before = proof_of(request, user) if method == "mfa" else {}
    request.session[PROOF] = {
        "user": str(user.pk),
        # A code proves nothing about the password: it keeps the hash of the one that was given.
        "hash": before.get("hash", user.get_session_auth_hash()),
        "second_factor": method == "mfa" or has_second_factor(request),
    }


@receiver(user_logged_in)
def start_clock(request, **kwargs):
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()


def session_limits(get_response):
    """Sign out after SESSION_HOURS, and save a used session once a minute."""

    def middleware(request):
        if request.path.startswith(settings.ADMIN_PREFIX) and request.user.is_authenticated:
            now = time.time()
            if now - request.session.get(SIGNED_IN_AT, 0) > settings.SESSION_HOURS * 3600:
                logout(request)
                messages.info(request, "Your session has ended. Please sign in again.")
            elif now - request.session.get(SEEN_AT, 0) > SAVE_SECONDS:
                request.session[SEEN_AT] = now
        return get_response(request)

    return middleware


def sign_out_everywhere(user):
    """End all sessions of a user, and sign-ins that wait for a code; return how many."""
    count = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()):  # a clinic has few
        content = session.get_decoded()
        if str(user.pk) in (content.get(SESSION_KEY), content.get(PROOF, {}).get("user")):
            count += session.delete()[0]
    return count
