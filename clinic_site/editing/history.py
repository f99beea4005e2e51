"""History in the admin: who changed what when, what it was before, and the way back to it."""

from functools import wraps

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from clinic_site.editing.conflict import SEEN
from clinic_site.editing.pages import may, page_url, row_path
from clinic_site.history.changes import changes, summary
from clinic_site.history.restore import BIN, PUBLISHING, restore
from clinic_site.history.state import parts_of, record_outside_changes, state_at, states_at
from clinic_site.history.version import Version, saving
from clinic_site.web.dates import date_and_time

A_PAGE = 25
SAVED_MEANWHILE = "Somebody saved it meanwhile, so nothing was brought back. Look at it again."


def of_a_row(view):
    """Give a view the row of its address, as a 404 or a 403 to who may not see it."""

    @wraps(view)
    def seen(room, request, object_id, *args, **kwargs):
        row = room.get_object(request, unquote(object_id))
        if row is None or not hasattr(room.model, "history"):
            raise Http404
        if not room.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return view(room, request, row, *args, **kwargs)

    return seen


class HistoryMixin:
    """The pages with a row's versions; a model without a history keeps Django's own page."""

    def get_urls(self):
        return [
            row_path(self, "history/undo", "undo", self.undo_view),
            row_path(self, "history/<int:pk>", "version", self.version_view),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, *args, **kwargs):
        if version := getattr(request, "version", None):
            context["undo"] = self.undo(request, kwargs["obj"], version)
        return super().render_change_form(request, context, *args, **kwargs)

    @property
    def part_names(self):
        """The name a form has for each model of parts."""
        named = {inline.model: inline.verbose_name_plural for inline in self.inlines}
        return {
            model: named.get(model) or capfirst(model._meta.verbose_name_plural)
            for model, _ in parts_of(self.model)
        }

    def may_restore(self, request, row):
        """Say whether a person may change all that bringing back an old version may change."""
        models = [self.model, *self.part_names]
        may_change = all(may(request.user, model) for model in models)
        return may_change and self.has_change_permission(request, row)

    def undo(self, request, row, last):
        """Return what undoing the last save takes and says, or None where it cannot be undone."""
        before = Version.objects.for_object(row).filter(pk__lt=last.pk).first()
        is_in_bin = getattr(row, "trashed_at", None)
        if before is None or is_in_bin or not self.may_restore(request, row):
            return None
        states = states_at([last], self.model)
        if None in states.values():
            return None  # the version before is of a part alone
        status = [getattr(state.row, "status", "") for state in (states[None], states[last.pk])]
        was_published = status[0] != "published" == status[1]
        words = "Undo publishing" if was_published else "Undo the last save"
        return {"url": page_url(row, "undo", row.pk), "version": last.pk, "words": words}

    def history_view(self, request, object_id, extra_context=None):
        if not hasattr(self.model, "history"):
            return super().history_view(request, object_id, extra_context)
        return self.versions_view(request, object_id)

    @of_a_row
    def versions_view(self, request, row):
        """The list of a row's versions, a page at a time."""
        last = record_outside_changes(row)
        page = Paginator(Version.objects.for_object(row), A_PAGE).get_page(request.GET.get("page"))
        states = states_at(page.object_list, self.model)
        keys = [*sorted(version.pk for version in page), None]
        before = dict(zip(keys, [None, *keys], strict=False))
        told = [
            {
                "version": version,
                "at": date_and_time(version.at),
                "url": page_url(row, "version", row.pk, version.pk),
                "words": summary(states[before[version.pk]], states[version.pk], self.part_names),
            }
            for version in page
        ]
        context = {"title": f"History: {row}", "page": page, "versions": told}
        context["undo"] = self.undo(request, row, last)
        return self.answer(request, row, "admin/history.html", context)

    @of_a_row
    def version_view(self, request, row, pk):
        """What one save changed, and what bringing it back would change; by POST, bring it back."""
        version = get_object_or_404(Version.objects.for_object(row), pk=pk)
        if request.method == "POST":
            when = date_and_time(version.at)
            words = f"Brought back how it was on {when}"
            return self.bring_back_version(request, row, version, words, (*PUBLISHING, *BIN))
        last = record_outside_changes(row)
        states = states_at([version], self.model)
        before, then, now = states[None], states[version.pk], state_at(last, self.model)
        context = {
            "title": f"Saved on {date_and_time(version.at)}",
            "version": version,
            "last": last,
            "changed": before and changes(before, then, self.part_names),
            "may_restore": self.may_restore(request, row),
        }
        for name in (*PUBLISHING, *BIN):
            if hasattr(row, name):  # stays as it is
                setattr(then.row, name, getattr(now.row, name))
        context["would_change"] = changes(now, then, self.part_names)
        return self.answer(request, row, "admin/version.html", context)

    @method_decorator(require_POST)
    @of_a_row
    def undo_view(self, request, row):
        """Bring back how a row was before its last save, its publishing too."""
        last = Version.objects.for_object(row).first()
        before = last and Version.objects.for_object(row).filter(pk__lt=last.pk).first()
        if before is None:
            raise Http404
        words = f"Undid what was saved on {date_and_time(last.at)}"
        return self.bring_back_version(request, row, before, words, BIN)

    def bring_back_version(self, request, row, version, words, kept):
        """Bring a version back, unless somebody saved meanwhile, and tell how it went."""
        if not self.may_restore(request, row):
            raise PermissionDenied
        try:
            with transaction.atomic(), saving(request.user, words):
                type(row)._base_manager.select_for_update().get(pk=row.pk)
                if str(record_outside_changes(row).pk) != request.POST.get(SEEN):
                    raise ValidationError(SAVED_MEANWHILE)
                restore(row, version, kept)
                row = self.model._base_manager.get(pk=row.pk)
                self.after_restoring(request, row)
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return HttpResponseRedirect(page_url(row, "history", row.pk))
        self.log_change(request, row, f"{words}.")
        messages.success(request, f"{words}. This can be undone too.")
        return HttpResponseRedirect(page_url(row, "change", row.pk))

    def after_restoring(self, request, row):
        """Do what else a save of the form does.

        Raises:
            ValidationError: where the form would refuse it; nothing is changed then.
        """

    def answer(self, request, row, template, context):
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "row": row}
        return TemplateResponse(request, template, shared | context)
