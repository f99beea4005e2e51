"""The forms of signing in: allauth's, in the site's words and without placeholders for labels."""

import struct

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
from django.core.cache import cache

from clinic_site.web.forms import LineField

CODE_SECONDS = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)  # how long a code of an app works
# What a made-up answer of a passkey makes the libraries raise.
NONSENSE = (AttributeError, InvalidSignature, LookupError, TypeError, ValueError, struct.error)


class Worded:
    """Gives fields our words.

    Attributes:
        words: {field name: (label, what to say when it is empty)}.
    """

    words = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (label, empty) in self.words.items():
            field = self.fields[name]
            field.label = label
            field.error_messages["required"] = empty
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Worded, LoginForm):
    words = {
        "login": ("Username", "Enter your username."),
        "password": ("Password", "Enter your password."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        self.fields["password"].help_text = ""  # the way to a new one stands below the button


class PasswordAgainForm(Worded, ReauthenticateForm):
    words = {"password": ("Password", "Enter your password.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class ForgottenPasswordForm(Worded, ResetPasswordForm):
    words = {"email": ("Your email address", "Enter your email address.")}

    def clean_email(self):
        """Find staff by the address of their account."""
        email = super().clean_email()
        self.users = [user for user in self.users if user.is_staff]
        return email


class NewPasswordForm(Worded, ResetPasswordKeyForm):
    words = {
        "password1": ("New password", "Enter a new password."),
        "password2": ("New password again", "Enter the new password again."),
    }


class Code(Worded):
    """A code typed by hand, with the keyboard for digits."""

    words = {"code": ("Code", "Enter the code.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": "20"}


class Once:
    """Takes a code of an app once for as long as it works; allauth minds 30 seconds of that."""

    def clean_code(self):
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            digits = "".join(filter(str.isdigit, code))
            if not cache.add(f"code of {self.user.pk}: {digits}", "used", timeout=CODE_SECONDS):
                raise get_adapter().validation_error("incorrect_code")
        return code


class AddAppForm(Code, ActivateTOTPForm):
    words = {"code": ("Code that the app shows", "Enter the code that the app shows.")}


class CodeForm(Code, Once, AuthenticateForm):
    pass


class CodeAgainForm(Code, Once, CodeReauthenticateForm):
    pass


class Careful:
    """Answers what no browser sends with a message in place of a 500."""

    def careful(self, clean):
        try:
            return clean()
        except NONSENSE:
            raise get_adapter().validation_error("incorrect_code") from None


class AddPasskeyForm(Careful, AddWebAuthnForm):
    name = LineField(label="Name", max_length=60, required=False, help_text="So that you know it.")
    passwordless = forms.BooleanField(
        label="Sign in with this passkey alone, without a password",
        help_text="Your device asks for your finger, face or PIN.",
        initial=True,
        required=False,
    )

    def clean(self):
        return self.careful(super().clean)


class NamePasskeyForm(EditWebAuthnForm):
    name = LineField(label="Name", max_length=60, error_messages={"required": "Enter a name."})


class CarefulCredential(Careful):
    def clean_credential(self):
        return self.careful(super().clean_credential)


class PasskeyForm(CarefulCredential, AuthenticateWebAuthnForm):
    pass


class PasskeySignInForm(CarefulCredential, LoginWebAuthnForm):
    pass


class PasskeyAgainForm(CarefulCredential, ReauthenticateWebAuthnForm):
    pass
