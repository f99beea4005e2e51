"""A person's second factors, as the owner and the command line see them."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef

from clinic_site.accounts.mail import tell
from clinic_site.accounts.sessions import sign_out_everywhere


def factors_of(user):
    """Return the passkeys and apps of a user, or an OuterRef of one; recovery codes are none."""
    factors = Authenticator.objects.filter(user=user)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES)


def with_factor(users):
    """Return users with `has_factor`: whether each has a second factor."""
    return users.annotate(has_factor=Exists(factors_of(OuterRef("pk"))))


def remove_factors(user):
    """Remove every factor of a user, and the sessions that a finder may have opened; tell them."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        sign_out_everywhere(user)
    news = {"news": "Your second step was removed by who runs the site."}
    tell(user, "About your sign-in", "email/sign_in_news.txt", news)
