"""What a row holds, in words for people: no markup, no keys, no codes."""

import re
from datetime import date, datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.html import strip_tags

from clinic_site.moments import date_and_time
from clinic_site.prose import ProseField

BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|figcaption|t[hd]|blockquote|summary)>|<br\s*/?>")
SPACES = re.compile(r"[^\S\n]+")


def plain(html):
    """Return the words of an HTML text, one paragraph, heading or list item a line."""
    # New lines in HTML are spaces; entities are words.
    text = strip_tags(BLOCK_END.sub("\x00", html or "").replace("\n", " "))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", " ")):
        text = text.replace(entity, sign)
    lines = SPACES.sub(" ", text.replace("&amp;", "&")).split("\x00")
    return "\n".join(line.strip() for line in lines if line.strip())


def in_words(field, value):
    """Return a field's value as text; one of a many-to-many field is its rows."""
    if field.many_to_many:
        return "\n".join(sorted(map(str, value)))
    if value in (None, ""):
        return ""
    if isinstance(field, ProseField):
        return plain(value)
    if isinstance(field, models.BooleanField):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return date_and_time(value)
    if isinstance(value, date):
        return date_format(value, "F j, Y")
    # A browser ends lines as in RFC 2046, whatever the text had.
    return str(dict(field.flatchoices or ()).get(value, value)).replace("\r\n", "\n")
