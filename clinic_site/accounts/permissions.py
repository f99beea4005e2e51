"""Who may use the admin, and where everybody else is redirected.

Outside development a session needs a second factor. Every admin page asks `has_staff_access`,
the pages of allauth aside, which lead there."""

from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clinic_site.accounts.factors import factors_of
from clinic_site.accounts.sessions import has_second_factor


def is_staff_url(url):
    """Say whether a sign-in may redirect to a URL: a path below /admin/, without a host."""
    plain = unquote(url)
    return (
        plain.startswith(settings.ADMIN_PREFIX)
        and ".." not in plain
        and "\\" not in plain
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


def has_staff_access(request):
    """Say whether a request may see staff pages: the one rule for every such view."""
    user = request.user
    return (
        user.is_active
        and user.is_staff
        and (has_second_factor(request) or not settings.SECOND_FACTOR_REQUIRED)
    )


def redirect_to_sign_in(request):
    """Redirect to the next step: sign in, set up a second factor, or prove it."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME) or request.get_full_path()
    if not is_staff_url(wanted) or wanted == reverse("admin:login"):
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
