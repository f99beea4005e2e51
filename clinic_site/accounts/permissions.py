"""The gate of the admin: who may enter, and where everybody else is led."""

from functools import wraps
from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clinic_site.accounts.factors import factors_of


def is_staff_address(url):
    """Say whether one may be sent on to `url` after signing in: a path below /admin/, no host."""
    plain = unquote(url)
    return (
        plain.startswith(settings.ADMIN_PREFIX)
        and ".." not in plain
        and "\\" not in plain
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


def has_second_factor(request):
    """Say whether this session proved a passkey, a code of an app or a recovery code."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def has_staff_access(request):
    """Say whether a request may see what is for staff alone: the one rule for every such view."""
    user = request.user
    return (
        user.is_active
        and user.is_staff
        and (has_second_factor(request) or not settings.SECOND_FACTOR_REQUIRED)
    )


def redirect_to_sign_in(request):
    """Send who may not enter to the next step: sign in, enrol, or prove the second factor.

    Raises:
        PermissionDenied: signed in, but not as staff.
    """
    wanted = request.GET.get(REDIRECT_FIELD_NAME) or request.get_full_path()
    if not is_staff_address(wanted) or wanted == reverse("admin:login"):
        wanted = reverse("admin:index")
    if has_staff_access(request):
        return HttpResponseRedirect(wanted)
    if not request.user.is_authenticated:
        step = reverse("account_login")
    elif not request.user.is_staff:
        raise PermissionDenied
    elif factors_of(request.user).exists():
        step = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    else:
        return HttpResponseRedirect(reverse("mfa_index"))
    return redirect_to_login(wanted, step)


def staff_only(view):
    """Guard a staff view that AdminSite.admin_view does not wrap. Its path lies below /admin/."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        return (
            view(request, *args, **kwargs)
            if has_staff_access(request)
            else redirect_to_sign_in(request)
        )

    return guarded


@receiver(authenticator_added)
def count_enrolment(request, user, authenticator, **kwargs):
    """Who has just shown a new passkey or code need not show it again to enter."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed)
def forget_without_factor(request, user, **kwargs):
    """Who has removed the last factor is led to enrol again."""
    if not factors_of(user).exists():
        clear_authentication_records(request)
