"""Saving in the admin: never over another save unseen, and no draft is kept once it is saved.

The draft is what the browser keeps of an unsaved form (static/js/admin-drafts.js). What has a
history is content and may be kept there; an enquiry has none and never is.
"""

from contextlib import nullcontext
from copy import copy

from django.contrib.admin.utils import unquote
from django.db import transaction

from clinic_site.editing.conflict import REPLACED, SEEN, conflict_of, refusing, saved_meanwhile
from clinic_site.editing.form_data import with_rows_of_now, with_stored
from clinic_site.history.state import record_outside_changes

DRAFT = "_draft"  # in a form: the name the browser gave to what it keeps of it
SAVED_DRAFTS = "saved_drafts"  # in the session: what the browser need not keep any longer
CHOICE, THEIRS = "_choice-", "theirs"  # in a form that met another save, before a name


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
            self.settle(request, row)
        request.version = record_outside_changes(row)

    def settle(self, request, row):
        """Put into what was sent what only others changed, or what its writer chose of theirs."""
        base, saves = saved_meanwhile(row, request.POST)
        if not saves and REPLACED not in request.POST:
            return
        reading = copy(request)
        reading.method = "GET"
        form, formsets = self.form_and_rows(reading, row)
        names = request.chosen = {
            name.removeprefix(CHOICE)
            for name, choice in request.POST.items()
            if name.startswith(CHOICE) and choice == THEIRS
        }
        if saves:
            conflict = conflict_of(row, base, saves, *self.form_and_rows(request, row))
            names = conflict.theirs - conflict.contested
            for formset in formsets:
                if formset.model._meta.label_lower in conflict.contested:
                    request.POST = with_rows_of_now(request.POST, formset)
            request.conflict = conflict
        request.POST = with_stored(request.POST, names, form, formsets)

    def form_and_rows(self, request, row):
        """Return the form of a row and the formsets of its inlines, bound to what is posted."""
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = self.get_form(request, row, change=True)(*sent, instance=copy(row))
        form.is_valid()
        formsets, _ = self._create_formsets(request, form.instance, change=True)
        return form, formsets

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        conflict = getattr(request, "conflict", None)
        return refusing(form, conflict.refusal) if conflict else form

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
            context |= conflict.told(request.user, self.part_names, request.chosen)
            if conflict.contested:  # what is to be chosen was not seen yet
                context["version"] = request.POST[SEEN]
        return super().render_change_form(request, context, *args, **kwargs)

    def may_save(self, request, row):
        """Say whether a person may save a row, or a new one (None)."""
        return self.has_change_permission(request, row) if row else self.has_add_permission(request)
