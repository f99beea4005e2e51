"""The form of a text that somebody checks: what it says of that, and what calls for another."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone

ENTER = "services.enter_review"
SIGN_OFF = ("reviewer", "reviewed_on", "review_due_on")
NOT_CHECKED = (
    "Before readers see it, a practitioner approves it under “Review and share”, or an owner "
    "enters a check made on paper."
)


class ReviewedForm(forms.ModelForm):
    """A text whose change calls for another review, unless its writer says otherwise."""

    is_typo_fix = forms.BooleanField(
        label="I only fixed typing mistakes: the last check still stands", required=False
    )

    def add_error(self, field, error):
        """Say beside the state what a check lacks, to somebody who cannot enter one."""
        errors = getattr(error, "error_dict", {})
        if hidden := set(SIGN_OFF).intersection(errors).difference(self.fields):
            for name in hidden:
                del errors[name]
            errors["status"] = [forms.ValidationError(NOT_CHECKED)]
        super().add_error(field, error)


class ReviewableMixin:
    """A model's form that marks a text as changed since its review."""

    standing = (SIGN_OFF[:1], SIGN_OFF[1:], "review_state", "is_typo_fix")

    @admin.display(description="Check")
    def review_state(self, obj):
        """Where the text stands with its review, in words."""
        if obj is None or not obj.reviewed_on:
            return "Nobody has checked it yet."
        if obj.needs_review:
            return "Needs another check: the text was changed after the last one."
        if obj.review_due_on and obj.review_due_on <= timezone.localdate():
            return "The next check is due."
        return "Checked."

    def get_readonly_fields(self, request, obj=None):
        """An approval is what says that somebody checked it; an owner may enter one on paper."""
        fields = (*super().get_readonly_fields(request, obj), "review_state")
        return fields if request.user.has_perm(ENTER) else (*fields, *SIGN_OFF)

    def save_model(self, request, obj, form, change):
        stored = self.model._base_manager.get(pk=obj.pk) if change else None
        form.text_before = stored and stored.clinical_text()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row = form.instance
        is_marked = row.needs_review
        if {"reviewed_on", "reviewer"} & set(form.changed_data):
            row.needs_review = False
        elif row.reviewed_on and not form.cleaned_data.get("is_typo_fix"):
            row.needs_review |= change and row.clinical_text() != form.text_before
        if row.needs_review != is_marked:
            row.save()
        if row.needs_review and not is_marked:
            messages.warning(
                request, "The text was changed after it was checked: it needs review again."
            )
