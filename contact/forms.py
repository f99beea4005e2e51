"""The enquiry form: few questions, each with a reason, and messages that say the mend."""

from django import forms
from django.urls import Resolver404, resolve
from phonenumber_field.formfields import PhoneNumberField

from clinic_site.web.forms import CONTROLS, ZERO_WIDTH, LineField, LinesField
from clinic_site.web.mail import is_mailable
from contact.intake.submissions import (
    new_submission,
    next_submission,
    read_submission,
    submission_key,
)
from contact.models import Clinic, Enquiry
from services.models import Practitioner, Service


def own_path(path):
    """Return `path` when it is a public page of this site, else "" ."""
    if not path.startswith("/") or path.startswith(("//", "/admin/")) or len(path) > 200:
        return ""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


class PractitionerField(forms.ModelChoiceField):
    """A choice of people that says who takes no new patients."""

    def label_from_instance(self, practitioner):
        note = "" if practitioner.accepts_new_patients else " (no new patients at the moment)"
        return f"{practitioner.titled_name}{note}"


class AddressField(forms.EmailField):
    """An email address that our mail can reach, without invisible characters pasted with it."""

    default_error_messages = {
        "invalid": "Enter one email address, like name@mail.example.",
        "letters": "Our mail cannot reach an address with letters like é before the @. "
        "Use another address, or give a phone number instead.",
        "unreachable": "We cannot write to this address. Check it, or give a phone number instead.",
    }

    def to_python(self, value):
        if isinstance(value, str):
            value = ZERO_WIDTH.sub("", CONTROLS.sub("", value))
        return super().to_python(value)

    def run_validators(self, value):
        name, at, _ = value.rpartition("@")
        if at and not name.isascii():  # few mail servers take them (RFC 6531)
            raise forms.ValidationError(self.error_messages["letters"], "letters")
        super().run_validators(value)
        if value and not is_mailable(value):
            raise forms.ValidationError(self.error_messages["unreachable"], "unreachable")


class EnquiryForm(forms.ModelForm):
    """What a patient asks.

    Args:
        clinic: the Clinic, whose languages are offered for the answer.
    """

    name = LineField(
        label="Your name",
        max_length=120,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneNumberField(
        label="Phone number",
        required=False,
        max_length=40,
        help_text="A phone number or an email address is enough.",
        error_messages={"invalid": "Enter a phone number we can call, like 905-555-0142."},
    )
    may_leave_message = forms.TypedChoiceField(
        label="May we leave a message?",
        required=False,
        choices=[("yes", "Yes"), ("no", "No, please call again")],
        coerce={"yes": True, "no": False}.get,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    email = AddressField(
        label="Email address",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    preferred_way = forms.ChoiceField(
        label="How shall we answer?",
        required=False,
        choices=Enquiry.PreferredWay,
        widget=forms.RadioSelect,
    )
    is_for_someone_else = forms.BooleanField(
        label="I am asking for someone else",
        required=False,
        help_text="We do not need their name yet.",
    )
    times = LineField(
        label="Days and times that suit you (optional)",
        required=False,
        max_length=200,
        help_text="For example: weekdays after 5 pm.",
    )
    language = forms.ChoiceField(label="Language of our answer (optional)", required=False)
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label="Service (optional)",
        required=False,
        to_field_name="slug",
        empty_label="I am not sure yet",
    )
    practitioner = PractitionerField(
        Practitioner.objects.none(),
        label="Who you would like to see (optional)",
        required=False,
        to_field_name="slug",
        empty_label="Anyone",
    )
    message = LinesField(
        label="Message (optional)",
        required=False,
        max_length=2000,
        help_text="A sentence is enough. Please leave out health card numbers.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    # People do not see this field; what fills it in is one sign of spam, never enough alone.
    leave_empty = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    page = LineField(required=False, widget=forms.HiddenInput)
    submission = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Enquiry
        fields = [
            "name",
            "phone",
            "may_leave_message",
            "email",
            "preferred_way",
            "is_for_someone_else",
            "times",
            "language",
            "service",
            "practitioner",
            "message",
            "page",
        ]

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [
            ("", "English or any"),
            *((name, name) for name in clinic.language_names),
        ]
        if not clinic.language_names:
            self.fields["language"].widget = forms.HiddenInput()
        # The browser would cut a pasted text without a word; we say that it is too long.
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
        self.fields["service"].queryset = Service.objects.published()
        self.fields["practitioner"].queryset = Practitioner.objects.active()
        self.initial["submission"] = new_submission()

    def clean_page(self):
        return own_path(self.cleaned_data["page"])

    def clean(self):
        cleaned = super().clean()
        ways = {"phone", "email"}
        if not any(cleaned.get(way) for way in ways) and not ways & self.errors.keys():
            words = "Enter a phone number or an email address, so that we can answer."
            self.add_error("phone", words)
        self.submission = read_submission(cleaned.get("submission", ""))
        if self.submission is None:
            self.ask_again("This page was open for a long time. Check your answers and send again.")
        return cleaned

    @property
    def typed(self):
        """What a valid form holds of the Enquiry's fields."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def submission_key(self):
        return submission_key(self.submission.key, self.typed)

    def ask_again(self, words):
        """Bring the same page back with the text, a fresh key and one sentence why."""
        self.add_error(None, words)
        self.data = self.data.copy()
        self.data["submission"] = next_submission(self.data.get("submission", ""))
        self.data["leave_empty"] = ""  # autofill's, most likely; it shall not count twice


class ReturnedForm(EnquiryForm):
    """The form that comes back when something of ours failed: it needs no database.

    What is chosen from the database's rows comes back unseen, as it was.

    Args:
        typed: what the browser sent, by field.
    """

    def __init__(self, typed):
        unseen = {"leave_empty": ""}  # autofill's, most likely; it shall not count twice
        super().__init__(initial=typed | unseen, clinic=Clinic())
        for name in ("language", "service", "practitioner"):
            self.fields[name].widget = forms.HiddenInput()
