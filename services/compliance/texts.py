"""The texts of a row: each text field as its words, one paragraph a line, and as its HTML."""

from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst

from clinic_site.history.words import plain
from clinic_site.richtext.field import ProseField

CODES = (models.SlugField, models.URLField, models.EmailField)


@dataclass(frozen=True)
class Text:
    """A text that somebody wrote.

    `field` is the form's field, "" for a part of the row; `label` is how staff call it.
    """

    field: str
    label: str
    words: str
    html: str = ""


def extract_texts(row):
    """Return the Passages of what staff may write in a row's own fields, empty ones left out."""
    texts = []
    for field in row._meta.fields:
        value = getattr(row, field.attname) if is_written(field) else None
        if value:
            html = value if isinstance(field, ProseField) else ""
            words = plain(html) if html else str(value)
            texts.append(Text(field.name, capfirst(field.verbose_name), words, html))
    return texts


def is_written(field):
    """Say whether a field holds sentences or names for readers."""
    is_text = isinstance(field, (models.CharField, models.TextField))
    return is_text and field.editable and not field.choices and not isinstance(field, CODES)
