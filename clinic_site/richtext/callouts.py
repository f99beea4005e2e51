"""Callouts as they are shown: above the words of each stand its icon and its title."""

import re

from django.utils.html import format_html

from clinic_site.illustrations.icons import icon
from clinic_site.richtext.blocks import CALLOUTS

# Right in what ProseField stored: there each callout has one degree, and no other class.
CALLOUT = re.compile(r'<aside class="callout callout--([a-z-]+)">')


def head(degree):
    """Return what stands above a callout's words, as HTML."""
    title, picture = CALLOUTS[degree]
    return format_html("{}{}", icon(picture), title)


def with_titles(html):
    """Return a stored text with each callout's title in it."""
    return CALLOUT.sub(
        lambda found: f'{found[0]}<p class="callout__title">{head(found[1])}</p>', html
    )
