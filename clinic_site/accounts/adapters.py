"""What allauth asks the site: who may sign in, where to go next, which mail to send."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from clinic_site.accounts import devices, encryption
from clinic_site.accounts.lockout import lockout_address, must_wait
from clinic_site.accounts.permissions import is_staff_url
from clinic_site.accounts.sessions import PROOF, is_proven
from clinic_site.web.error_pages import stored_clinic_facts
from clinic_site.web.staff_mail import mail_user

# What a mail says, by allauth's name of the notification.
NOTIFICATIONS = {
    "account/email/password_reset": "Your password was changed with a link from an email.",
    "mfa/email/totp_activated": "An authenticator app was added to your account.",
    "mfa/email/totp_deactivated": "The authenticator app was removed from your account.",
    "mfa/email/webauthn_added": "A passkey was added to your account.",
    "mfa/email/webauthn_removed": "A passkey was removed from your account.",
    "mfa/email/recovery_codes_generated": "New recovery codes were created for your account.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The username or password is wrong.",
        "incorrect_password": "The password is wrong.",
        "too_many_login_attempts": "Too many wrong codes. Wait 30 minutes, then try again.",
        "rate_limited": "Too many wrong codes. Wait 30 minutes, then try again.",
        "guessed_from_many_networks": "Somebody is guessing this account’s password, so only one "
        "attempt a minute is possible here. Wait a minute, use a passkey, or sign in on a device "
        "that you have used before.",
        "invalid_password_reset": "This link has expired or was used already.",
    }

    def is_open_for_signup(self, request):
        return False

    def pre_authenticate(self, request, **credentials):
        """Leave wrong passwords to axes: with allauth's count a stranger could lock people out."""
        if must_wait(request, credentials):
            raise self.validation_error("guessed_from_many_networks")

    def get_client_ip(self, request):
        """Count by network: an IPv6 household has more addresses than anybody could count."""
        return lockout_address(request)

    def is_safe_url(self, url):
        return is_staff_url(url)

    def get_reauthentication_methods(self, user):
        """Offer the password only to people without a second factor, which guards the factors."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] != "reauthenticate"] or methods

    def pre_login(self, request, user, **kwargs):
        if not user.is_staff:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        """Refuse a sign-in whose password was changed before the code was entered."""
        if not is_proven(request, user):
            request.session.pop(PROOF, None)
            messages.info(request, "Your password was changed. Please sign in again.")
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        if not devices.is_known(request, user):
            self.notify(user, "Your account was used to sign in on a new device.")
        devices.remember(request, response, user)
        return response

    def get_reset_password_from_key_url(self, key):
        """Build the link from SITE_URL: the Host header is never printed."""
        words = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=words)
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def send_password_reset_mail(self, user, email, context):
        mail_user(user, "Choose a new password", "email/password_reset.txt", context)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        self.notify(user, NOTIFICATIONS[template_prefix])

    def notify(self, user, news):
        context = {"news": news, "browser": devices.browser_name(self.request)}
        mail_user(user, "About your sign-in", "email/sign_in_news.txt", context)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong or was used already. Try again with a new one.",
    }

    def encrypt(self, text):
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text):
        return encryption.decrypt(encrypted_text)

    def get_totp_label(self, user):
        return user.get_username()

    def get_totp_issuer(self):
        return stored_clinic_facts().get("name") or urlsplit(settings.SITE_URL).hostname

    def get_public_key_credential_rp_entity(self):
        """Bind passkeys to the host of SITE_URL, whichever host name the request used."""
        host = urlsplit(settings.SITE_URL).hostname
        return {"id": host, "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"
