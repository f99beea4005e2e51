"""What an object holds, in words for people: no markup, no keys, no codes."""

from datetime import date, datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django_prose_editor.fields import ProseEditorField

from clinic_site.history.snapshot import recorded_fields
from clinic_site.richtext.internal_links import with_addresses_for_staff
from clinic_site.richtext.plain_text import annotated_text
from clinic_site.web.dates import date_and_time


def in_words(field, value, prose=annotated_text):
    """Return a field's value as text; `prose` is annotated_text or plain_text, for a rich text."""
    if value in (None, ""):
        return ""
    if isinstance(field, ProseEditorField):
        return prose(with_addresses_for_staff(value))
    if isinstance(field, models.BooleanField):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return date_and_time(value)
    if isinstance(value, date):
        return date_format(value, "F j, Y")
    # A browser ends lines as in RFC 2046, whatever the text had.
    return str(dict(field.flatchoices or ()).get(value, value)).replace("\r\n", "\n")


def part_in_words(model, values):
    """Return a part's own fields, each a line with its name; `values` is its snapshot."""
    lines = [
        f"{capfirst(field.verbose_name)}: {words}"
        for field in recorded_fields(model)
        if field.editable and not field.is_relation
        if (words := in_words(field, field.to_python(values[field.name])))
    ]
    return "\n".join(lines)
