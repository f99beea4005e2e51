"""Review and share, in the admin: a draft's page, what people said of it, approval, and a link."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from clinic_site.admin_pages import page_url, row_path
from clinic_site.admin_widgets import DateInput
from clinic_site.history.state import bring_up_to_date
from clinic_site.history.version import saving
from clinic_site.models import PreviewLink, ReviewNote
from clinic_site.preview import saved_page
from clinic_site.reviewing import REVIEW_EVERY, Reviewable

ENTER = "services.enter_review"
SIGN_OFF = ("reviewer", "reviewed_on", "review_due_on")
NOT_CHECKED = (
    "Before readers see it, a practitioner approves it under “Review and share”, or an owner "
    "enters a check made on paper."
)
CHANGED = "The text was changed since you opened this page. Read it again, then approve it."


class NoteForm(forms.Form):
    """A comment; with an approval it may be left out."""

    text = forms.CharField(
        label="Comment", max_length=5000, required=False, widget=forms.Textarea({"rows": 4})
    )

    def clean(self):
        if self.data.get("act") == "comment" and not self.cleaned_data.get("text"):
            self.add_error("text", "Write what you would like to say.")
        return self.cleaned_data


class ApprovalForm(NoteForm):
    """What who approves says, and until when the approval stands."""

    review_due_on = forms.DateField(label="Next check due on", widget=DateInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_review_due_on(self):
        day, today = self.cleaned_data["review_due_on"], timezone.localdate()
        if not today < day <= today + 2 * REVIEW_EVERY:
            raise forms.ValidationError("Choose a day within the next two years.")
        return day


def practitioner_of(user):
    """Return the practitioner whose account this is, who has a college and is kept, or None."""
    one = getattr(user, "practitioner", None)
    return one if one and one.has_college and not one.trashed_at else None


class ReviewMixin:
    """The page “Review and share” of each row of a model."""

    def get_urls(self):
        return [
            row_path(self, "review", "review", self.review_view),
            row_path(self, "review/page", "saved", self.saved_view),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, *args, **kwargs):
        if row := kwargs.get("obj"):
            context["review_url"] = page_url(row, "review", row.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    def seen_row(self, request, object_id):
        """Return a row that the person may see, as a 404 or a 403 when not."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return row

    def saved_view(self, request, object_id):
        """The saved draft as its page, for the frame."""
        return saved_page(request, self.seen_row(request, object_id))

    def review_view(self, request, object_id):
        row = self.seen_row(request, object_id)
        reviewer = practitioner_of(request.user) if isinstance(row, Reviewable) else None
        form = self.note_form(request, row, reviewer)
        if request.method == "POST":
            if not self.may_save(request, row):
                raise PermissionDenied
            if self.act(request, row, form, reviewer):
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Review and share: {row}",
            "row": row,
            "is_reviewable": isinstance(row, Reviewable),
            "form": form,
            "reviewer": reviewer,
            "may_save": self.may_save(request, row),
            "notes": ReviewNote.objects.of(row)[:50],
            "links": PreviewLink.objects.of(row).valid(),
        }
        return TemplateResponse(request, "admin/review.html", context)

    def note_form(self, request, row, reviewer):
        posted = request.POST if request.POST.get("act") in ("comment", "approve") else None
        if not reviewer:
            return NoteForm(posted)
        initial = {
            "review_due_on": timezone.localdate() + REVIEW_EVERY,
            "version": bring_up_to_date(row).pk,
        }
        return ApprovalForm(posted, initial=initial)

    @transaction.atomic
    def act(self, request, row, form, reviewer):
        """Do what a button of the page says; return whether it was done."""
        act = request.POST.get("act")
        if act == "share":
            PreviewLink.objects.create(row=row)
        elif act == "revoke":
            link = request.POST.get("link", "")
            PreviewLink.objects.of(row).filter(pk=link if link.isdecimal() else None).delete()
        elif act == "comment" and form.is_valid():
            ReviewNote.objects.write(row, request.user, form.cleaned_data["text"])
        elif act == "approve" and reviewer and form.is_valid():
            return self.approve(request, row, form, reviewer)
        else:
            return False
        return True

    def approve(self, request, row, form, reviewer):
        """Store the approval of the version that was seen, and of no later one."""
        row = type(row)._base_manager.select_for_update().get(pk=row.pk)
        if bring_up_to_date(row).pk != form.cleaned_data["version"]:
            messages.error(request, CHANGED)
            return True
        with saving(request.user, words="Checked and approved"):
            row.approve(reviewer, form.cleaned_data["review_due_on"])
        ReviewNote.objects.write(row, request.user, form.cleaned_data["text"], is_approval=True)
        self.log_change(request, row, "Checked and approved.")
        messages.success(request, "Approved. The page says that you checked it today.")
        return True


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
