"""Addresses of sign-in; allauth's others (sign-up, email addresses) are left out."""

from allauth.account import views
from allauth.decorators import rate_limit
from allauth.mfa.webauthn.views import login_webauthn
from django.urls import include, path, re_path

from clinic_site.accounts.views import sign_out_everywhere, still_here

RESET_LINK = r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

# Each request for a challenge creates a session; allauth limits only the answers.
passkey = rate_limit(action="passkey", limit_get=True)(login_webauthn)

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("logout/everywhere/", sign_out_everywhere, name="account_sign_out_everywhere"),
    path("still-here/", still_here, name="account_still_here"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(RESET_LINK, views.password_reset_from_key, name="account_reset_password_from_key"),
    path("2fa/webauthn/login/", passkey, name="mfa_login_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
]
