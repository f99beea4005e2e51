"""How fields are printed, and text fields that keep control characters out."""

import re

from django import forms
from django.forms.renderers import TemplatesSetting

# C0 and C1 controls, line and paragraph separators, and marks that turn the reading direction
# round: those are dangerous in a mail header or a list, and at home in a text.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
CONTROLS_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")


class SiteRenderer(TemplatesSetting):
    """Print every field through templates/components/_field.html."""

    field_template_name = "components/_field.html"


class LineField(forms.CharField):
    """One line of text, without control characters."""

    def to_python(self, value):
        return super().to_python(CONTROLS.sub(" ", value) if isinstance(value, str) else value)


class LinesField(forms.CharField):
    """Text of several lines; of control characters, line breaks and tabs are kept."""

    widget = forms.Textarea

    def to_python(self, value):
        if isinstance(value, str):
            value = CONTROLS_BUT_LINES.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
        return super().to_python(value)
