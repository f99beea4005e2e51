"""The panel “Checks” of a form, and the College rules that stop publishing."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DEFAULT_MAX_NUM, TOTAL_FORM_COUNT, ManagementForm
from django.shortcuts import render

from clinic_site.editing.pages import unsaved_form_paths, unsaved_form_url
from clinic_site.web.forms import LinesField
from services.compliance.checks import checks_of
from services.compliance.rules import rule_book
from services.compliance.texts import Text
from services.models import FlaggedPhrase, Practitioner

DECIDE = "services.decide_flagged"
MOST_ROWS = 2 * DEFAULT_MAX_NUM  # of an inline: formsets accept no more
NOT_ON_A_PUBLIC_PAGE = "Unpublish the page first. Then you can restore this version and correct it."


class CheckedForm(forms.ModelForm):
    """A form that a College's rule can stop from being published. ChecksMixin sets `user`."""

    user = None
    is_stopped = False
    checked = None  # the checks of what is being saved
    parts = {}  # prefix of an inline: (its label, its text fields)
    college_reason = LinesField(
        label="Reason", max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.may_decide:
            del self.fields["college_reason"]

    def practitioners(self):
        """Return the practitioners whose colleges' rules apply."""
        return Practitioner.objects.active()

    def needs_source(self):
        return False

    def is_public(self):
        """Return whether visitors will see the saved text."""
        return self.instance.status == self.instance.Status.PUBLISHED

    @property
    def may_decide(self):
        return self.user is not None and self.user.has_perm(DECIDE)

    def checks(self):
        parts = [
            Text("", label, " ".join(values))
            for prefix, (label, names) in self.parts.items()
            for values in self.part_values(prefix, names)
        ]
        return checks_of(self.instance, parts, self.practitioners(), self.needs_source())

    def part_values(self, prefix, names):
        """Return the values of each part in an inline, stored ones if the form is unbound."""
        if not self.is_bound:
            parts = getattr(self.instance, prefix).all() if self.instance.pk else ()
            return [[getattr(part, name) for name in names] for part in parts]
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
        """Check the text once the fields are clean, and refuse what may not be published."""
        super().full_clean()
        if not self.is_bound or not self.is_public() or self.cleaned_data.get("college_reason"):
            return
        way_on = "give a reason under “Checks”" if self.may_decide else "ask an owner"
        for name, words in describe_once(self.checks().stopping):
            self.is_stopped = True
            known = name if name in self.fields else None
            self.add_error(known, f"{words} To publish it anyway, {way_on}.")


class ChecksMixin:
    """Adds the panel “Checks” to a model's form, and the log of flagged phrases."""

    def extra_urls(self):
        return [*unsaved_form_paths(self, "checks", checks_view), *super().extra_urls()]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def form_context(self, request, obj, form):
        context = super().form_context(request, obj, form)
        if self.may_save(request, obj):
            url = unsaved_form_url(self.model, "checks", obj)
            context |= {"checks_url": url, "checks": form.checks(), "form": form}
        return context

    def check_restored(self, request, obj):
        """Refuse an old text on a public page as the form would; nobody can give a reason here."""
        super().check_restored(request, obj)
        form = self.get_form(request, obj, change=True)(instance=obj)
        if form.is_public() and (stopping := form.checks().stopping):
            raise ValidationError(
                [f"{words} {NOT_ON_A_PUBLIC_PAGE}" for _, words in describe_once(stopping)]
            )

    def save_form(self, request, form, change):
        """Check the text before the first write, because the database is locked from there on."""
        obj = super().save_form(request, form, change)
        form.checked = form.checks()
        return obj

    def after_save(self, request, obj, form=None):
        """Log what the colleges' rules say about the text as saved."""
        super().after_save(request, obj, form)
        form = form or self.get_form(request, obj, change=True)(instance=obj)
        checks = form.checked or form.checks()
        found = [(one.text.label, one.finding) for one in checks.found]
        reason = form.cleaned_data.get("college_reason", "") if form.is_bound else ""
        FlaggedPhrase.objects.log(
            obj, found, request.user, is_public=form.is_public(), reason=reason
        )


def checks_view(model_admin, request, obj):
    """Return the panel's list for what is typed; nothing is saved."""
    form_class = model_admin.get_form(request, obj, change=obj is not None)
    form = form_class(request.POST, instance=obj)
    form.full_clean()
    return render(request, "admin/_checks_list.html", {"checks": form.checks()})


def describe_once(stopping):
    """Return (field, message) of each Found that stops publishing, without repetition."""
    return dict.fromkeys((one.text.field, stopped(one)) for one in stopping)


def stopped(found):
    """Return why a Found stops publishing."""
    rule = found.finding.rule
    where = "" if found.text.field else f"{found.text.label}: "
    return (
        f"{where}“{found.finding.phrase}”: {rule.words} {rule.way_out} ({rule.source}, "
        f"{rule.date}.)"
    )


def rule_of(name):
    """Return the Rule with an id, or None if the data file no longer has it."""
    return next((rule for rule in rule_book()[2] if rule.id == name), None)
