"""The texts of an object: each text field as words, one paragraph a line, and as HTML."""

import re
from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst

from clinic_site.richtext.field import ProseField
from clinic_site.richtext.html import parse_fragment, serialise
from clinic_site.richtext.plain_text import plain_text

# A short last line of a quote, such as a name, belongs below it.
NAME_IN_QUOTE = re.compile("\n([-–—~]? ?[^\n“”.!?]{1,50}\\.?)”")
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
            words = quoting_text(html) if html else str(value)
            texts.append(Text(field.name, capfirst(field.verbose_name), words, html))
    return texts


def quoting_text(html):
    """Return the words of a rich text, with quotation marks around block quotes."""
    if "<blockquote" not in html:
        return plain_text(html)
    tree = parse_fragment(html)
    for quote in tree.iter("blockquote"):
        quote.text = f"“{quote.text or ''}"
        last = quote
        while len(last) and not (last[-1].tail or "").strip():
            last = last[-1]
        if len(last):
            last[-1].tail += "”"
        else:
            last.text = f"{last.text or ''}”"
    return NAME_IN_QUOTE.sub(r"”\n\1", plain_text(serialise(tree)))


def is_written(field):
    """Say whether a field holds sentences or names that visitors read."""
    is_text = isinstance(field, (models.CharField, models.TextField))
    return is_text and field.editable and not field.choices and not isinstance(field, CODES)
