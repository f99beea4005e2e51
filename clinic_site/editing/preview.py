"""Preview in the admin: what is typed into a form, as the page that readers would see."""

from django.db import transaction
from django.forms import all_valid
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from clinic_site.editing.pages import beside_form_paths, beside_form_url, row_beside_form
from clinic_site.publishing.preview import framed, page_of


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
