"""Review and share, in the admin: a draft's page, what people said of it, approval, and a link."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from clinic_site.editing.pages import page_url, row_path
from clinic_site.editing.widgets import DateInput
from clinic_site.history.state import record_outside_changes
from clinic_site.history.version import saving
from clinic_site.publishing.comments import ReviewComment
from clinic_site.publishing.preview import saved_page
from clinic_site.publishing.review import REVIEW_EVERY, Reviewable
from clinic_site.publishing.share_links import ShareLink

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
            "notes": ReviewComment.objects.for_object(row)[:50],
            "links": ShareLink.objects.for_object(row).valid(),
        }
        return TemplateResponse(request, "admin/review.html", context)

    def note_form(self, request, row, reviewer):
        posted = request.POST if request.POST.get("act") in ("comment", "approve") else None
        if not reviewer:
            return NoteForm(posted)
        initial = {
            "review_due_on": timezone.localdate() + REVIEW_EVERY,
            "version": record_outside_changes(row).pk,
        }
        return ApprovalForm(posted, initial=initial)

    @transaction.atomic
    def act(self, request, row, form, reviewer):
        """Do what a button of the page says; return whether it was done."""
        act = request.POST.get("act")
        if act == "share":
            ShareLink.objects.create(row=row)
        elif act == "revoke":
            link = request.POST.get("link", "")
            ShareLink.objects.for_object(row).filter(pk=link if link.isdecimal() else None).delete()
        elif act == "comment" and form.is_valid():
            ReviewComment.objects.write(row, request.user, form.cleaned_data["text"])
        elif act == "approve" and reviewer and form.is_valid():
            return self.approve(request, row, form, reviewer)
        else:
            return False
        return True

    def approve(self, request, row, form, reviewer):
        """Store the approval of the version that was seen, and of no later one."""
        row = type(row)._base_manager.select_for_update().get(pk=row.pk)
        if record_outside_changes(row).pk != form.cleaned_data["version"]:
            messages.error(request, CHANGED)
            return True
        with saving(request.user, words="Checked and approved"):
            row.approve(reviewer, form.cleaned_data["review_due_on"])
        ReviewComment.objects.write(row, request.user, form.cleaned_data["text"], is_approval=True)
        self.log_change(request, row, "Checked and approved.")
        messages.success(request, "Approved. The page says that you checked it today.")
        return True
