"""How fields are printed, and text fields that keep control characters out."""

import re
import unicodedata

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList

# C0 and C1 controls, line and paragraph separators, and marks that turn the reading direction
# round: those are dangerous in a mail header or a list, and at home in a text.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
CONTROLS_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
# What nobody sees and no address or number has; Farsi, Hindi and emoji need some of it.
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]+")

LISTS_OF_ERRORS = (ErrorList.template_name, ErrorList.template_name_ul)


def is_blank(text):
    """Say whether nobody sees anything of a text: spaces, controls and zero-width characters."""
    return all(unicodedata.category(letter)[0] in "CZ" for letter in text)


class SiteRenderer(TemplatesSetting):
    """Print every field through templates/components/_field.html."""

    field_template_name = "components/_field.html"

    def render(self, template_name, context, request=None):
        # A form of the admin prints a hundred empty lists.
        if template_name in LISTS_OF_ERRORS and not context["errors"]:
            return ""
        return super().render(template_name, context, request)


class LineField(forms.CharField):
    """One line of text, without control characters; what nobody can see counts as empty."""

    def to_python(self, value):
        line = super().to_python(CONTROLS.sub(" ", value) if isinstance(value, str) else value)
        return self.empty_value if is_blank(line) else line


class LinesField(forms.CharField):
    """Text of several lines, without control characters except tabs, and stripped at its end."""

    widget = forms.Textarea

    def __init__(self, **kwargs):
        super().__init__(strip=False, **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = CONTROLS_BUT_LINES.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
        return super().to_python(value).rstrip()
