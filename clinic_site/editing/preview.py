"""Preview in the admin: what is typed into a form, as its public page. It saves nothing."""

from django.forms import all_valid
from django.shortcuts import render

from clinic_site.editing.form_data import stays
from clinic_site.editing.pages import unsaved_form_paths
from clinic_site.publishing.preview import framed, render_preview
from clinic_site.richtext.field import ProseField


def preview_paths(model_admin):
    return unsaved_form_paths(model_admin, "preview", preview_view)


@framed
def preview_view(model_admin, request, obj):
    """Show the page of what is typed, or what to correct first."""
    typed = request.POST.copy()
    if "status" in typed:
        typed["status"] = "draft"  # which may be incomplete
    form, formsets = model_admin.bind_forms(request, obj, typed)
    bound = [formset for formset in formsets if formset.is_bound]
    if not all_valid([form, *bound]):
        forms = [form, *(row for formset in bound for row in formset.forms)]
        errors = [(label_of(one, name), one.errors[name]) for one in forms for name in one.errors]
        return render(request, "admin/preview_errors.html", {"errors": errors})
    page = form.instance
    for field in page._meta.fields:
        if isinstance(field, ProseField):
            field.pre_save(page, add=False)  # sanitises it, as a save does
    links = [field.name for field in page._meta.many_to_many]
    related = {} if page.pk else dict.fromkeys((*page.history_parts, *links), ())
    related |= {formset.prefix: typed_parts(formset) for formset in bound}
    related |= {name: form.cleaned_data[name] for name in links if name in form.cleaned_data}
    return render_preview(page, "Preview: not saved, not published.", **related)


def typed_parts(formset):
    """Return the parts that saving a formset would leave, unsaved, in their order."""
    kept = [form.instance for form in formset.forms if stays(form)]
    return sorted(kept, key=lambda part: getattr(part, "order", 0))


def label_of(form, name):
    """Return the label of a form's field, or "" for errors that belong to no field."""
    return form.fields[name].label if name in form.fields else ""
