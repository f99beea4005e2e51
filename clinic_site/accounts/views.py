"""Pages that allauth does not have: signing out everywhere, and whether a session still lasts."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from clinic_site.accounts import sessions
from clinic_site.accounts.permissions import has_staff_access


@require_POST
@login_required
def sign_out_everywhere(request):
    """End all sessions of the user, this one too."""
    sessions.sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("account_login")


@require_safe
def still_here(request):
    """Tell an open form whether its session still lasts; asking keeps the session alive."""
    return JsonResponse({"token": get_token(request) if has_staff_access(request) else None})
