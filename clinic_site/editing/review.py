"""The page “Review and share”: a saved draft, comments on it, its approval, and share links."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils import timezone

from clinic_site.editing.pages import object_path, render_object_page
from clinic_site.editing.widgets import DateInput
from clinic_site.history.snapshot import snapshot, token_of
from clinic_site.history.version import recording
from clinic_site.publishing.comments import ReviewComment
from clinic_site.publishing.preview import framed, render_preview
from clinic_site.publishing.review import APPROVED, REVIEW_EVERY, Reviewable
from clinic_site.publishing.share_links import ShareLink
from clinic_site.web.forms import LinesField

CHANGED = "The text has changed since you opened this page. Please read it again before approving."


class CommentForm(forms.Form):
    """A comment; an approval does not need one."""

    text = LinesField(
        label="Comment", max_length=5000, required=False, widget=forms.Textarea({"rows": 4})
    )

    def clean(self):
        if self.data.get("act") == "comment" and not self.cleaned_data.get("text"):
            self.add_error("text", "Write a comment first.")
        return self.cleaned_data


class ApprovalForm(CommentForm):
    """An approval of the state that the page shows, valid until the next review."""

    review_due_on = forms.DateField(label="Next review due on", widget=DateInput)
    version = forms.CharField(widget=forms.HiddenInput)

    def clean_review_due_on(self):
        day, today = self.cleaned_data["review_due_on"], timezone.localdate()
        if not today < day <= today + 2 * REVIEW_EVERY:
            raise forms.ValidationError("Choose a day within the next two years.")
        return day


def practitioner_of(user):
    """Return the registered practitioner whose account this is, or None."""
    one = getattr(user, "practitioner", None)
    return one if one and one.has_college and not one.trashed_at else None


def review_paths(model_admin):
    return [
        object_path(model_admin, "review", "review", review_view),
        object_path(model_admin, "review/page", "saved", saved_view),
    ]


@framed
def saved_view(model_admin, request, obj):
    """Show the saved draft as its public page, for the frame."""
    return render_preview(obj, "Preview of the saved page.")


def review_view(model_admin, request, obj):
    reviewer = practitioner_of(request.user) if isinstance(obj, Reviewable) else None
    form = comment_form(request, obj, reviewer)
    may_save = model_admin.may_save(request, obj)
    if request.method == "POST":
        if not may_save:
            raise PermissionDenied
        if act(model_admin, request, obj, form, reviewer):
            return HttpResponseRedirect(request.path)
    context = {
        "title": f"Review and share: {obj}",
        "is_reviewable": isinstance(obj, Reviewable),
        "form": form,
        "reviewer": reviewer,
        "may_save": may_save,
        "comments": ReviewComment.objects.for_object(obj)[:50],
        "links": ShareLink.objects.for_object(obj).valid(),
    }
    return render_object_page(model_admin, request, obj, "admin/review.html", context)


def comment_form(request, obj, reviewer):
    posted = request.POST if request.POST.get("act") in ("comment", "approve") else None
    if not reviewer:
        return CommentForm(posted)
    due_on, version = timezone.localdate() + REVIEW_EVERY, token_of(snapshot(obj))
    return ApprovalForm(posted, initial={"review_due_on": due_on, "version": version})


@transaction.atomic
def act(model_admin, request, obj, form, reviewer):
    """Do what the pressed button says, and return whether it was done."""
    act = request.POST.get("act")
    if act == "share":
        ShareLink.objects.create(obj=obj)
    elif act == "revoke":
        link = request.POST.get("link", "")
        ShareLink.objects.for_object(obj).filter(pk=link if link.isdecimal() else None).delete()
    elif act == "comment" and form.is_valid():
        ReviewComment.objects.write(obj, request.user, form.cleaned_data["text"])
    elif act == "approve" and reviewer and form.is_valid():
        approve(model_admin, request, obj, form, reviewer)
    else:
        return False
    return True


def approve(model_admin, request, obj, form, reviewer):
    """Store an approval, unless the text changed since the reviewer opened the page."""
    obj = model_admin.lock(obj)
    if form.cleaned_data["version"] != token_of(snapshot(obj)):
        messages.error(request, CHANGED)
        return
    with recording(obj, request.user, APPROVED):
        obj.approve(reviewer, form.cleaned_data["review_due_on"])
    ReviewComment.objects.write(obj, request.user, form.cleaned_data["text"], is_approval=True)
    model_admin.log_change(request, obj, "Reviewed and approved.")
    messages.success(request, "Approved. The page now says that you reviewed it today.")
