"""What a row holds, in words for people: no markup, no keys, no codes."""

import re
from datetime import date, datetime

from django.db import models
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.text import capfirst

from clinic_site.richtext.blocks import CALLOUTS
from clinic_site.richtext.callouts import CALLOUT
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.internal_links import for_staff
from clinic_site.web.dates import date_and_time

BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|figcaption|t[hd]|blockquote|summary)>|<br\s*/?>")
SPACES = re.compile(r"[^\S\n]+")
# What plain words do not tell, and how it is told.
MARKS = (
    (re.compile(r'<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL), r"\2 (link to \1)"),
    (re.compile(r'<img\b[^>]*\balt="([^"]*)"[^>]*>'), r"Picture: \1<br>"),
    (re.compile(r"<h2\b[^>]*>"), "Heading: "),
    (re.compile(r"<h3\b[^>]*>"), "Smaller heading: "),
    (re.compile(r"<li\b[^>]*>"), "• "),
    (CALLOUT, r"<p>Callout (\1):</p>"),
    (re.compile(r"<summary>"), "Question: "),
)


def plain(html):
    """Return the words of an HTML text, one paragraph, heading or list item a line.

    A callout's title counts: it is read, and says how urgent the rest is.
    """
    html = CALLOUT.sub(lambda found: f"<p>{CALLOUTS[found[1]][0]}</p>", html or "")
    # New lines in HTML are spaces; entities are words.
    text = strip_tags(BLOCK_END.sub("\x00", html).replace("\n", " "))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", " ")):
        text = text.replace(entity, sign)
    lines = SPACES.sub(" ", text.replace("&amp;", "&")).split("\x00")
    return "\n".join(line.strip() for line in lines if line.strip())


def marked(html):
    """Return the words of an HTML text, with its links, pictures, headings and lists named."""
    html = for_staff(html or "")
    for pattern, words in MARKS:
        html = pattern.sub(words, html)
    return plain(html)


def in_words(field, value, prose=marked):
    """Return a field's value as text; one of a many-to-many field is its rows.

    Args:
        prose: marked or plain, for a rich text.
    """
    if field.many_to_many:
        return "\n".join(sorted(map(str, value)))
    if value in (None, ""):
        return ""
    if isinstance(field, ProseField):
        return prose(value)
    if isinstance(field, models.BooleanField):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return date_and_time(value)
    if isinstance(value, date):
        return date_format(value, "F j, Y")
    # A browser ends lines as in RFC 2046, whatever the text had.
    return str(dict(field.flatchoices or ()).get(value, value)).replace("\r\n", "\n")


def part_in_words(part):
    """Return a part's own fields, each a line with its name."""
    lines = [
        f"{capfirst(field.verbose_name)}: {words}"
        for field in part._meta.fields
        if field.editable and not field.primary_key and not field.is_relation
        if (words := in_words(field, getattr(part, field.attname)))
    ]
    return "\n".join(lines)


def parts_in_words(parts):
    """Return parts as one text, each a paragraph."""
    return "\n\n".join(map(part_in_words, parts))
