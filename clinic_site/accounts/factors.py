"""The second factors of an account, for owners and the command line."""

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.dispatch import receiver

from clinic_site.accounts.sessions import PROOF, record_proof, sign_out_everywhere
from clinic_site.web.staff_mail import mail_user


def factors_of(user):
    """Return the passkeys and apps of a user (or OuterRef), without recovery codes."""
    factors = Authenticator.objects.filter(user=user)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES)


def with_factor(users):
    """Annotate users with `has_factor`."""
    return users.annotate(has_factor=Exists(factors_of(OuterRef("pk"))))


@receiver(authenticator_added)
def record_enrolment(request, user, authenticator, **kwargs):
    """Count a new passkey or app as proven: setting it up took a working one."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_proof(request, user, "mfa")


@receiver(authenticator_removed)
def forget_without_factor(request, user, **kwargs):
    """Ask for a new second factor after the last one was removed."""
    if not factors_of(user).exists():
        request.session.pop(PROOF, None)


def remove_factors(user):
    """Remove a user's second factors, end their sessions, and tell them by mail."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        sign_out_everywhere(user)
    news = {"news": "The owner of the site removed your second step."}
    mail_user(user, "About your sign-in", "email/sign_in_news.txt", news)
