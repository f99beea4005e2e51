"""Form widgets of the admin: text editor, check boxes, and the browser's date inputs."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms import widgets
from django.urls import reverse
from django_prose_editor.widgets import (
    ProseEditorWidget,
    prose_editor_base_media,
    prose_editor_media,
)
from js_asset import Media

from clinic_site.richtext.html import CALLOUTS
from clinic_site.richtext.rendering import callout_title

# A state in a list: a word, and a mark whose shape depends on the class.
STATE = '<span class="state state--{}">{}</span>'

# The editor's buttons in one row: its drop-down cannot be opened from the keyboard.
MENU = [
    {"group": name}
    for name in ("headings", "marks", "lists", "link", "nodes -blockType -lists", "blocks",
                 "table", "history")
]  # fmt: skip


class ProseWidget(ProseEditorWidget):
    """The rich text editor, styled like the public page."""

    @property
    def media(self):
        """The editor without its admin stylesheet, whose !important rules override the page's."""
        sheets = [f"css/components/{name}.css" for name in ("prose", "callout", "questions")]
        ours = Media(css={"all": sheets}, js=["js/admin-prose.js", "js/admin-links.js"])
        return ours + prose_editor_media(base=prose_editor_base_media, preset=self.preset)

    def get_config(self):
        """Add the order of the buttons, and the URL of the image picker."""
        extensions = self.config["extensions"] | {"Menu": {"groups": MENU}}
        if "Figure" in extensions:
            extensions["Figure"] = {"pickerUrl": reverse("admin:clinic_site_image_changelist")}
        if "Callout" in extensions:
            extensions["Callout"] = {"heads": {name: callout_title(name) for name in CALLOUTS}}
        self.config = self.config | {"extensions": extensions}
        return super().get_config()

    def get_context(self, name, value, attrs):
        attrs = {"data-own-pages": reverse("admin:own_pages")} | attrs
        return super().get_context(name, value, attrs)


class CheckboxList(forms.CheckboxSelectMultiple):
    """Check boxes with a group label."""

    template_name = "admin/widgets/checkbox_list.html"

    def __init__(self, group_label, **kwargs):
        super().__init__(attrs={"class": "checkbox-list"}, **kwargs)
        self.group_label = group_label

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, attrs) | {"group_label": self.group_label}


class DateInput(widgets.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(widgets.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class MomentInput(widgets.DateTimeInput):
    """Date and time in one input with one label; Django has two inputs."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A local time, which is invalid or ambiguous when the clocks change."""

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            words = "The clocks change that night. Choose another time."
            raise ValidationError(words, code=error.code) from None
