"""Checks, in the admin: a panel at a text's form, and what a College's rule stops."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DEFAULT_MAX_NUM, TOTAL_FORM_COUNT, ManagementForm
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from clinic_site.editing.pages import beside_form_paths, beside_form_url, row_beside_form
from services.compliance.checks import checks_of
from services.compliance.rules import rule_book
from services.compliance.texts import Text
from services.models import FlaggedPhrase, Practitioner

DECIDE = "services.decide_flagged"
MOST_ROWS = 2 * DEFAULT_MAX_NUM  # of an inline: a formset takes no more, whatever is sent
NOT_ON_A_PUBLIC_PAGE = "Take the page off the site first; then it can be brought back and mended."


class CheckedForm(forms.ModelForm):
    """A form that is not saved as published while a College's rule stops it.

    `user` is set by the admin. A form says whose page it is by `practitioners`.
    """

    user = None
    is_stopped = False
    parts = {}  # prefix of an inline: (its name for staff, its fields with text)
    college_reason = forms.CharField(
        label="Reason",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.may_decide:
            del self.fields["college_reason"]

    def practitioners(self):
        """Return whose page this is; their colleges' rules count."""
        return Practitioner.objects.active()

    def needs_source(self):
        return False

    def is_public(self):
        """Say whether readers are to see what is saved."""
        return self.instance.status == self.instance.Status.PUBLISHED

    @property
    def may_decide(self):
        return self.user is not None and self.user.has_perm(DECIDE)

    def checks(self):
        parts = [one for prefix in self.parts for one in self.part_passages(prefix)]
        return checks_of(self.instance, parts, self.practitioners(), self.needs_source())

    def part_passages(self, prefix):
        label, names = self.parts[prefix]
        for values in self.part_values(prefix, names):
            yield Text("", label, " ".join(values))

    def part_values(self, prefix, names):
        """Return what the rows of an inline hold: as typed, or as stored where nothing is."""
        if not self.is_bound:
            rows = getattr(self.instance, prefix).all() if self.instance.pk else ()
            return [[getattr(row, name) for name in names] for row in rows]
        counts = ManagementForm(self.data, prefix=prefix)
        counts.full_clean()
        total = min(counts.cleaned_data[TOTAL_FORM_COUNT], MOST_ROWS)
        is_deleted = forms.CheckboxInput().value_from_datadict
        typed = [
            [self.data.get(f"{row}-{name}", "") for name in names]
            for row in (f"{prefix}-{number}" for number in range(total))
            if not is_deleted(self.data, {}, f"{row}-DELETE")
        ]
        return [values for values in typed if any(values)]

    def full_clean(self):
        """Look at the text when its fields are known, and stop what may not be published."""
        super().full_clean()
        if not self.is_bound or not self.is_public() or self.cleaned_data.get("college_reason"):
            return
        way_on = "give a reason under “Checks”" if self.may_decide else "ask an owner"
        for name, words in describe_once(self.checks().stopping):
            self.is_stopped = True
            known = name if name in self.fields else None
            self.add_error(known, f"{words} To publish it all the same, {way_on}.")


class ChecksMixin:
    """The panel “Checks” at a model's form, and the log of what it found."""

    def get_urls(self):
        return [*beside_form_paths(self, "checks", self.checks_view), *super().get_urls()]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def render_change_form(self, request, context, *args, **kwargs):
        row, form = kwargs.get("obj"), context["adminform"].form
        if self.may_save(request, row):
            url = beside_form_url(self, "checks", row)
            context |= {"checks_url": url, "checks": form.checks(), "form": form}
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(require_POST)
    def checks_view(self, request, object_id=None):
        """Return the panel's list for what is typed; nothing is kept."""
        row = row_beside_form(self, request, object_id)
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        form.full_clean()
        return render(request, "admin/_checks_list.html", {"checks": form.checks()})

    def save_related(self, request, form, formsets, change):
        """Write down what the colleges' rules say about the text as it is saved."""
        super().save_related(request, form, formsets, change)
        self.note_found(request, form, form.cleaned_data.get("college_reason", ""))

    def after_restoring(self, request, row):
        """Stop an old text on a public page as the form would; there is no reason to give here."""
        super().after_restoring(request, row)
        form = self.get_form(request, row, change=True)(instance=row)
        if form.is_public() and (stopping := form.checks().stopping):
            told = [f"{words} {NOT_ON_A_PUBLIC_PAGE}" for _, words in describe_once(stopping)]
            raise ValidationError(told)
        self.note_found(request, form)

    def note_found(self, request, form, reason=""):
        found = [(one.text.label, one.finding) for one in form.checks().found]
        FlaggedPhrase.objects.log(
            form.instance, found, request.user, is_public=form.is_public(), reason=reason
        )


def describe_once(stopping):
    """Return (field, words) of each Found that stops publishing, the same words once."""
    return dict.fromkeys((one.text.field, stopped(one)) for one in stopping)


def stopped(found):
    """Return in words why a Found stops publishing."""
    rule = found.finding.rule
    where = "" if found.text.field else f"{found.text.label}: "
    return (
        f"{where}“{found.finding.phrase}”: {rule.words} {rule.way_out} ({rule.source}, "
        f"{rule.date}.)"
    )


def rule_of(name):
    """Return the Rule of that id, or None for one that was taken out of the data file."""
    return next((rule for rule in rule_book()[2] if rule.id == name), None)
