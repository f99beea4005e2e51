"""What allauth asks the site: who may sign in, where it leads, which mail goes out."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse

from clinic_site.accounts import devices, encryption
from clinic_site.accounts.mail import tell
from clinic_site.accounts.permissions import is_staff_address
from clinic_site.web.client_address import client_address
from clinic_site.web.error_pages import stored_clinic_facts

# What is told by mail, by the name allauth has for it.
NEWS = {
    "account/email/password_reset": "Your password was changed by a link sent to this address.",
    "mfa/email/totp_activated": "An authenticator app was added to your account.",
    "mfa/email/totp_deactivated": "The authenticator app was removed from your account.",
    "mfa/email/webauthn_added": "A passkey was added to your account.",
    "mfa/email/webauthn_removed": "A passkey was removed from your account.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made for your account.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The username or the password is not right.",
        "incorrect_password": "The password is not right.",
        "too_many_login_attempts": "Too many wrong codes. Wait 30 minutes, then try again.",
        "rate_limited": "Too many wrong codes. Wait 30 minutes, then try again.",
        "invalid_password_reset": "This link was used before or is too old.",
    }

    def is_open_for_signup(self, request):
        return False

    def pre_authenticate(self, request, **credentials):
        """Leave the count of wrong passwords to axes.

        allauth counts them by name for all addresses, so a stranger would lock a colleague out.
        """

    def get_client_ip(self, request):
        return str(client_address(request) or "0.0.0.0")

    def is_safe_url(self, url):
        return is_staff_address(url)

    def get_reauthentication_methods(self, user):
        """Offer the password only to who has no second factor yet.

        Otherwise a session from before could add, see or remove factors with the password alone.
        """
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] != "reauthenticate"] or methods

    def pre_login(self, request, user, **kwargs):
        if not user.is_staff:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        if not devices.is_known(request, user):
            self.tell_news(user, "Somebody signed in to your account on a new device.")
        devices.remember(request, response, user)
        return response

    def get_reset_password_from_key_url(self, key):
        """Build the link from SITE_URL: the Host header is never printed."""
        words = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=words)
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def send_password_reset_mail(self, user, email, context):
        tell(user, "Choose a new password", "email/password_reset.txt", context)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        self.tell_news(user, NEWS[template_prefix])

    def tell_news(self, user, news):
        context = {"news": news, "browser": devices.browser_of(self.request)}
        tell(user, "About your sign-in", "email/sign_in_news.txt", context)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not right, or it was used before. Try again with a new one.",
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
        """A passkey belongs to the host of SITE_URL, whichever name the site was asked by."""
        host = urlsplit(settings.SITE_URL).hostname
        return {"id": host, "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"
