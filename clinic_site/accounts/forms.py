"""allauth's forms with our labels and messages, and without placeholders."""

import struct

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import (
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.core.cache import cache

from clinic_site.web.forms import LineField

CODE_SECONDS = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)  # how long an app's code is valid
# What the libraries raise when a passkey's answer is made up.
MALFORMED = (AttributeError, InvalidSignature, LookupError, TypeError, ValueError, struct.error)


class LabelsMixin:
    """Sets `labels`: {field name: (label, error when it is empty)}."""

    labels = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (label, empty) in self.labels.items():
            field = self.fields[name]
            field.label = label
            field.error_messages["required"] = empty
            field.widget.attrs.pop("placeholder", None)
            if name == "password":
                field.help_text = ""  # the link to a new password stands below the button


class SignInForm(LabelsMixin, LoginForm):
    labels = {
        "login": ("Username", "Enter your username."),
        "password": ("Password", "Enter your password."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class PasswordAgainForm(LabelsMixin, ReauthenticateForm):
    labels = {"password": ("Password", "Enter your password.")}


class ForgottenPasswordForm(LabelsMixin, ResetPasswordForm):
    labels = {"email": ("Your email address", "Enter your email address.")}

    def clean_email(self):
        email = super().clean_email()
        self.users = [user for user in self.users if user.is_staff]
        return email


class NewPasswordForm(LabelsMixin, ResetPasswordKeyForm):
    labels = {
        "password1": ("New password", "Enter a new password."),
        "password2": ("New password again", "Enter the new password again."),
    }


class StaffPasswordForm(AdminPasswordChangeForm):
    """An owner sets somebody's password; a mail tells that person."""

    def save(self, commit=True):
        user = super().save(commit)
        words = "Somebody who manages staff accounts changed your password."
        get_account_adapter().notify(user, words)
        return user


class CodeMixin(LabelsMixin):
    """A code that is typed by hand, with a keyboard for digits."""

    labels = {"code": ("Code", "Enter the code.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": "20"}


class OneTimeCodeMixin(CodeMixin):
    """Accepts an app's code once for as long as it is valid; allauth does so for 30 seconds."""

    def clean_code(self):
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            digits = "".join(filter(str.isdigit, code))
            if not cache.add(f"code of {self.user.pk}: {digits}", "used", timeout=CODE_SECONDS):
                raise get_adapter().validation_error("incorrect_code")
        return code


class AddAppForm(CodeMixin, ActivateTOTPForm):
    labels = {"code": ("Code from the app", "Enter the code from the app.")}


class CodeForm(OneTimeCodeMixin, AuthenticateForm):
    pass


class CodeAgainForm(OneTimeCodeMixin, CodeReauthenticateForm):
    pass


def refuse_malformed(clean):
    """Call a clean method, and turn what no browser sends into a message in place of a 500."""
    try:
        return clean()
    except MALFORMED:
        raise get_adapter().validation_error("incorrect_code") from None


class AddPasskeyForm(AddWebAuthnForm):
    name = LineField(
        label="Name", max_length=60, required=False, help_text="For example, My phone."
    )
    passwordless = forms.BooleanField(
        label="Sign in with this passkey alone, without a password",
        help_text="Your device asks for your fingerprint, face or PIN.",
        initial=True,
        required=False,
    )

    def clean(self):
        return refuse_malformed(super().clean)


class NamePasskeyForm(EditWebAuthnForm):
    name = LineField(label="Name", max_length=60, error_messages={"required": "Enter a name."})


class CredentialMixin:
    def clean_credential(self):
        return refuse_malformed(super().clean_credential)


class PasskeyForm(CredentialMixin, AuthenticateWebAuthnForm):
    pass


class PasskeySignInForm(CredentialMixin, LoginWebAuthnForm):
    pass


class PasskeyAgainForm(CredentialMixin, ReauthenticateWebAuthnForm):
    pass
