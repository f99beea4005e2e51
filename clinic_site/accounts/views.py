"""What allauth has no page for: signing out everywhere, and whether one is still signed in."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from clinic_site.accounts.permissions import has_staff_access
from clinic_site.accounts.sessions import sign_out_everywhere


@require_POST
@login_required
def leave_everywhere(request):
    """End all sessions of who asks, this one too."""
    sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("account_login")


@require_safe
def still_here(request):
    """Tell a page on which somebody writes whether it may be sent; asking counts as being there."""
    return JsonResponse({"token": get_token(request) if has_staff_access(request) else None})
