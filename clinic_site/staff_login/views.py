"""What allauth has no page for: signing out everywhere."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic_site.staff_login.sessions import sign_out_everywhere


@require_POST
@login_required
def leave_everywhere(request):
    """End all sessions of who asks, this one too."""
    sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("account_login")
