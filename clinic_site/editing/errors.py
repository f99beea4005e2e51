"""Links to the errors in a form, because a long form does not show them all at once."""

from django.utils.text import capfirst
from django_prose_editor.widgets import ProseEditorWidget


def place_of(bound):
    """Return the id of a field, or of its message if the field cannot take the focus."""
    is_hidden = isinstance(bound.field.widget, ProseEditorWidget)
    return f"{bound.auto_id}_error" if is_hidden else bound.id_for_label or f"{bound.auto_id}_error"


def in_form(form, row=""):
    """Return (id, label) of each visible field with an error."""
    wrong = [form[name] for name in form.fields if name in form.errors]
    return [(place_of(bound), row + bound.label) for bound in wrong if not bound.is_hidden]


def in_inline(inline):
    """Return the same for the rows of an inline, and for the rows and the inline as a whole."""
    formset, name = inline.formset, capfirst(inline.opts.verbose_name_plural)
    found = [(f"{formset.prefix}-group", name)] if formset.non_form_errors() else []
    for number, form in enumerate(formset.forms, start=1):
        row = f"{name}, row {number}"
        found += [(form.prefix, row)] if form.non_field_errors() else []
        found += in_form(form, f"{row}: ")
    return found


def fields_in_error(form, inlines):
    """Return (id, label) of all errors, in the order of the page."""
    return in_form(form) + [link for inline in inlines for link in in_inline(inline)]
