"""Saving in the admin: never over another save unseen, and no draft is kept once it is saved.

The draft is what the browser keeps of an unsaved form (static/js/admin-drafts.js). What has a
history is content and may be kept there; an enquiry has none and never is.
"""

from contextlib import nullcontext

from django.contrib.admin.utils import unquote
from django.db import transaction

from clinic_site.conflict import REPLACED, SEEN, conflict_of, refusing
from clinic_site.gone_rows import renewed
from clinic_site.history.state import bring_up_to_date, parts_of

DRAFT = "_draft"  # in a form: the name the browser gave to what it keeps of it
SAVED_DRAFTS = "saved_drafts"  # in the session: what the browser need not keep any longer


class SavingMixin:
    """A model's form that knows its version and its draft."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Hold the row while it is saved, so that no other save comes in between unseen."""
        with transaction.atomic() if request.method == "POST" else nullcontext():
            if object_id and hasattr(self.model, "history"):
                self.look_for_conflict(request, unquote(object_id))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def look_for_conflict(self, request, object_id):
        """Note on the request which version the form is of, and what stops its save."""
        row = self.get_object(request, object_id)
        if not row or not self.has_view_or_change_permission(request, row):
            return
        if request.method == "POST":
            type(row)._base_manager.select_for_update().get(pk=row.pk)
            row.refresh_from_db()
            request.conflict = conflict_of(row, request.POST, request.user)
            if not request.conflict and REPLACED in request.POST:
                self.renew_gone_rows(request, row)
        request.version = bring_up_to_date(row)

    def renew_gone_rows(self, request, row):
        """Let what is typed into a row that somebody else deleted be saved as a new one."""
        for model, key in parts_of(self.model):
            prefix = key.remote_field.get_accessor_name()
            if f"{prefix}-TOTAL_FORMS" in request.POST:
                kept = model._base_manager.filter(**{key.name: row.pk}).values_list("pk", flat=True)
                request.POST = renewed(request.POST, prefix, set(map(str, kept)))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return refusing(form) if getattr(request, "conflict", None) else form

    def log_addition(self, request, obj, message):
        self.forget_draft(request)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self.forget_draft(request)
        return super().log_change(request, obj, message)

    def forget_draft(self, request):
        """Tell the browser, on the next page, that what it kept of this form is saved."""
        if draft := request.POST.get(DRAFT):
            saved = request.session.get(SAVED_DRAFTS, [])
            request.session[SAVED_DRAFTS] = [*saved, draft[:36]][-9:]

    def render_change_form(self, request, context, *args, **kwargs):
        may_save = self.may_save(request, kwargs.get("obj"))
        context["draft"] = request.POST.get(DRAFT)
        context["keeps_drafts"] = may_save and hasattr(self.model, "history")
        if version := getattr(request, "version", None):
            context["version"] = version.pk
        if conflict := getattr(request, "conflict", None):
            context |= self.told_conflict(request, context, conflict)
        return super().render_change_form(request, context, *args, **kwargs)

    def told_conflict(self, request, context, conflict):
        """Return what the page says of a conflict, in the words history has for differences."""
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        form = context["adminform"].form
        return {
            "version": request.POST[SEEN],
            "last": conflict.last,
            "saves": conflict.told(request.user, self.part_names),
            "theirs": conflict.theirs(self.part_names),
            "mine": conflict.mine(form, formsets, self.part_names),
        }

    def may_save(self, request, row):
        """Say whether a person may save a row, or a new one (None)."""
        return self.has_change_permission(request, row) if row else self.has_add_permission(request)
