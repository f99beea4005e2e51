"""Preview: what is typed, or a saved draft, as the page readers would see; nothing is kept."""

from copy import copy

from csp.decorators import csp_replace
from django.conf import settings
from django.db import transaction
from django.forms import all_valid
from django.http import QueryDict
from django.shortcuts import render
from django.urls import resolve
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from clinic_site.admin_pages import beside_form_paths, beside_form_url, row_beside_form

# What stands between a row and its page, and what lets it through.
SHOWN = {"status": "published", "unpublish_at": None, "trashed_at": None, "is_active": True}


def page_of(request, row, note):
    """Return the public page of a row as if it were published: by the page's own view.

    The row is published in a transaction that is taken back, so that the template, its queries and
    its rules are the real ones.

    Args:
        row: a stored row of a model with a page.
        note: what the page says at its top.
    """
    with transaction.atomic():
        fields = {field.name for field in row._meta.fields}
        values = {name: value for name, value in SHOWN.items() if name in fields}
        if "publish_at" in fields:
            values["publish_at"] = min(row.publish_at, timezone.now())
        values |= row.stand_ins()
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        reading = copy(request)
        reading.method, reading.GET, reading.preview_note = "GET", QueryDict(), note
        reading.path = reading.path_info = row.get_absolute_url()
        match = resolve(reading.path)
        response = match.func(reading, *match.args, **match.kwargs)
        transaction.set_rollback(True)
    return response


def framed(view):
    """Let a view's page stand in a frame of ours, and in no other."""
    return xframe_options_sameorigin(csp_replace(settings.PREVIEW_POLICY)(view))


@framed
def saved_page(request, row):
    """Return the page of a row as it is saved, for a frame."""
    return page_of(request, row, "As it is saved now.")


class PreviewMixin:
    """A model's form with its page beside it."""

    def get_urls(self):
        return [*beside_form_paths(self, "preview", self.preview_view), *super().get_urls()]

    def render_change_form(self, request, context, *args, **kwargs):
        row = kwargs.get("obj")
        if self.may_save(request, row):
            context["preview_url"] = beside_form_url(self, "preview", row)
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(require_POST)
    @method_decorator(framed)
    def preview_view(self, request, object_id=None):
        """Save what is typed, show its page, and take the save back."""
        row = row_beside_form(self, request, object_id)
        with transaction.atomic():
            stored, errors = self.stored(request, row)
            if stored:
                response = page_of(request, stored, "Preview: not saved, not published.")
            else:
                response = render(request, "admin/preview_errors.html", {"errors": errors})
            transaction.set_rollback(True)
        return response

    def stored(self, request, row):
        """Save a form with its parts as a draft, which need not be complete.

        Returns:
            (the stored row, None), or (None, labels of the fields to mend first).
        """
        request.POST = request.POST.copy()
        if "status" in request.POST:
            request.POST["status"] = "draft"
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        is_valid = form.is_valid()
        formsets, _ = self._create_formsets(request, form.instance, change=row is not None)
        if not all_valid(formsets) or not is_valid:
            faulty = [
                one for one in (form, *(f for fs in formsets for f in fs.forms)) if one.errors
            ]
            return None, [labelled(one, name) for one in faulty for name in one.errors]
        stored = form.save()
        for formset in formsets:
            formset.save()
        return stored, None


def labelled(form, name):
    """Return (label, errors) of a form's field; errors of no one field have the label ""."""
    return form.fields[name].label if name in form.fields else "", form.errors[name]
