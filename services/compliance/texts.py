"""The texts of an object: each text field as words, one paragraph a line, and as HTML."""

from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst

from clinic_site.richtext.field import ProseField
from clinic_site.richtext.plain_text import plain_text

CODES = (models.SlugField, models.URLField, models.EmailField)


@dataclass(frozen=True)
class Text:
    """A text that somebody wrote.

    `field` is the name of the form's field, "" for a related object; `label` is its label.
    """

    field: str
    label: str
    words: str
    html: str = ""


def extract_texts(obj):
    """Return the texts that staff wrote in an object's own fields."""
    texts = []
    for field in obj._meta.fields:
        value = getattr(obj, field.attname) if is_written(field) else None
        if value:
            html = value if isinstance(field, ProseField) else ""
            words = plain_text(html) if html else str(value)
            texts.append(Text(field.name, capfirst(field.verbose_name), words, html))
    return texts


def is_written(field):
    """Say whether a field holds sentences or names that visitors read."""
    is_text = isinstance(field, (models.CharField, models.TextField))
    return is_text and field.editable and not field.choices and not isinstance(field, CODES)
