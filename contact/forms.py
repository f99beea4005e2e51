"""The enquiry form."""

from django import forms
from django.apps import apps
from django.urls import Resolver404, resolve
from django.utils.text import get_text_list

from clinic_site.web.forms import CONTROLS, ZERO_WIDTH, LineField, LinesField
from clinic_site.web.mail import is_mailable
from clinic_site.web.phones import LONGEST, find_phone
from contact.intake.submissions import (
    new_submission,
    next_submission,
    read_submission,
    submission_key,
)
from contact.models import Clinic, Enquiry


def own_path(path):
    """Return a path that is a public page of this site, else ""."""
    if not path.startswith("/") or path.startswith(("//", "/admin/")) or len(path) > 200:
        return ""
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


def practitioner_problem(practitioner, service):
    """Return why a practitioner can't take a request, and who can, as a sentence or two, or "".

    Args:
        service: the Service asked for, or None. One without practitioners is everybody's.
    """
    providers = list(service.providers()) if service else []
    reasons = []
    if providers and practitioner not in providers:
        reasons.append(f"does not offer “{service}”")
    if not practitioner.accepts_new_patients:
        reasons.append("takes no new patients at the moment")
    if not reasons:
        return ""
    if not providers:
        shared = (
            type(practitioner).objects.active().filter(services__in=practitioner.services.all())
        )
        providers = shared.exclude(pk=practitioner.pk).distinct()
    names = [person.name for person in providers if person.accepts_new_patients]
    way_out = f"You can ask for {get_text_list(names, 'or')}." if names else "Choose “Anyone”."
    return f"{practitioner.name} {' and '.join(reasons)}. {way_out}"


class PractitionerField(forms.ModelChoiceField):
    def label_from_instance(self, practitioner):
        note = "" if practitioner.accepts_new_patients else " (no new patients at the moment)"
        return f"{practitioner.titled_name}{note}"


class AddressField(forms.EmailField):
    """An email address that our mail can reach, without invisible characters pasted with it."""

    default_error_messages = {
        # A narrow line may break at the zero-width space.
        "invalid": "Enter one email address, for example name@\u200bmail.example.",
        "letters": "We can’t send email to an address with letters like é before the @. "
        "Enter another address, or a phone number instead.",
        "unreachable": "We can’t send email to this address. Check it, or enter a phone number "
        "instead.",
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
    name = LineField(
        label="Your name",
        max_length=120,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    # Text, so that it comes back as typed: clean() looks for the number in it.
    phone = LineField(
        label="Phone number",
        max_length=LONGEST,
        help_text="A phone number or an email address is enough.",
        widget=forms.TelInput(attrs={"inputmode": "tel", "autocomplete": "tel", "dir": "auto"}),
    )
    may_leave_message = forms.TypedChoiceField(
        label="If we call, may we leave a message?",
        choices=[("yes", "Yes"), ("no", "No, please call again")],
        coerce={"yes": True, "no": False}.get,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    email = AddressField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    preferred_way = forms.ChoiceField(
        label="How should we contact you?", choices=Enquiry.PreferredWay, widget=forms.RadioSelect
    )
    is_for_someone_else = forms.BooleanField(
        label="I am asking for someone else", help_text="We don’t need their name yet."
    )
    times = LineField(
        label="Which days and times suit you? (optional)",
        max_length=200,
        help_text="For example, weekdays after 5 pm.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    language = forms.ChoiceField(label="Which language do you prefer? (optional)")
    service = forms.ModelChoiceField(
        None, label="Service (optional)", to_field_name="slug", empty_label="I’m not sure yet"
    )
    practitioner = PractitionerField(
        None,
        label="Who would you like to see? (optional)",
        to_field_name="slug",
        empty_label="Anyone",
    )
    # Asked only about a practitioner who can't take the request: show_problem() makes it visible.
    ask_anyway = forms.BooleanField(
        label="Ask for this person anyway",
        help_text="For example, because they already treat you.",
        widget=forms.HiddenInput,
    )
    message = LinesField(
        label="Message (optional)",
        max_length=2000,
        help_text="One sentence is enough. Please leave out your health card number.",
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    # A honeypot: people do not see it. Text in it is a sign of spam, never enough alone.
    leave_empty = forms.CharField(
        label="Leave this field empty",
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    page = LineField(widget=forms.HiddenInput)
    submission = forms.CharField(widget=forms.HiddenInput)

    field_order = (
        *("name", "phone", "may_leave_message", "email", "preferred_way", "is_for_someone_else"),
        *("times", "language", "service", "practitioner", "ask_anyway"),
    )

    class Meta:
        model = Enquiry
        fields = (
            *("name", "phone", "may_leave_message", "email", "preferred_way"),
            *("is_for_someone_else", "times", "language", "service", "practitioner"),
            *("message", "page"),
        )

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        languages = [(name, name) for name in clinic.language_names]
        self.fields["language"].choices = [("", "English, or any"), *languages]
        if not languages:
            self.fields["language"].widget = forms.HiddenInput()
        for name, field in self.fields.items():
            field.required = name == "name"
            # A browser would cut a pasted text silently; our error says that it is too long.
            field.widget.attrs.pop("maxlength", None)
            if getattr(field, "max_length", None):
                field.error_messages["max_length"] = (
                    f"“{field.label.removesuffix(' (optional)')}” has %(show_value)d characters. "
                    "Shorten it to %(limit_value)d or fewer."
                )
        services, practitioners = map(apps.get_model, ("services.Service", "services.Practitioner"))
        self.fields["service"].queryset = services.objects.published()
        self.fields["practitioner"].queryset = practitioners.objects.active()
        self.initial["submission"] = new_submission()

    def clean_page(self):
        return own_path(self.cleaned_data["page"])

    def clean(self):
        cleaned = super().clean()
        self.clean_phone_and_email(cleaned)
        problem = self.show_problem(cleaned.get("practitioner"), cleaned.get("service"))
        if problem and not cleaned.get("ask_anyway"):
            self.add_error("practitioner", problem)
        self.submission = read_submission(cleaned.get("submission", ""))
        if self.submission is None:
            self.ask_again("This page was open for too long. Check your answers and send it again.")
        return cleaned

    def clean_phone_and_email(self, cleaned):
        """Take the number out of what was typed; without one, an email address is enough.

        Somebody who wants a call needs a number, so that we do not promise what we can't do.
        """
        typed = cleaned.get("phone")
        cleaned["phone"], cleaned["phone_note"] = find_phone(typed or "")
        needs_number = not cleaned.get("email") or cleaned.get("preferred_way") == "phone"
        if typed and not cleaned["phone"] and needs_number:
            message = "Enter a phone number we can call, with its area code, like 905-555-0142."
            self.add_error("phone", message)
        elif not typed and not {"phone", "email"} & self.errors.keys() and not cleaned["email"]:
            message = "Enter a phone number or an email address, so that we can contact you."
            self.add_error("phone", message)

    def show_problem(self, practitioner, service):
        """Return why a practitioner can't take the request, or ""; then ask_anyway is visible."""
        problem = practitioner and practitioner_problem(practitioner, service)
        if problem:
            self.fields["ask_anyway"].widget = forms.CheckboxInput()
        return problem or ""

    def show_problem_of_initial(self):
        """Say beside the field why a practitioner chosen by the page's address can't be asked."""
        chosen = []
        for name in ("practitioner", "service"):
            try:
                chosen.append(self.fields[name].clean(self.initial.get(name)))
            except forms.ValidationError:
                chosen.append(None)
        self.fields["practitioner"].help_text = self.show_problem(*chosen)

    @property
    def typed(self):
        """The fields of the Enquiry, from a valid form."""
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, "phone_note")}

    @property
    def submission_key(self):
        return submission_key(self.submission.key, self.typed)

    def ask_again(self, message):
        """Show the form again with its text, a fresh key and the reason."""
        self.add_error(None, message)
        fresh = next_submission(self.data.get("submission", ""))
        self.data = dict(self.data.items()) | {"submission": fresh, "leave_empty": ""}


class RetryForm(EnquiryForm):
    """The form of the retry page with what the browser sent, by field; it needs no database."""

    def __init__(self, typed):
        # Most likely autofill filled in the honeypot; it must not count twice.
        super().__init__(initial=typed | {"leave_empty": ""}, clinic=Clinic())
        for name in ("language", "service", "practitioner"):
            self.fields[name].widget = forms.HiddenInput()
