"""Rich text: one field that is clean on every way into the database, and how it is shown."""

import re

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.text import slugify
from django_prose_editor.fields import (
    ProseEditorField,
    ProseEditorFormField,
    create_sanitizer,
)

from clinic_site.richtext.blocks import with_block_classes
from clinic_site.richtext.internal_links import for_staff, with_references
from clinic_site.richtext.paste import from_plain_text, with_lists, with_our_tags

# What an editor can make, and so what the sanitiser keeps.
ARTICLE = {
    "Heading": {"levels": [2, 3]},
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Figure": True,
    "Image": True,
    "Caption": True,
    "Callout": True,
    "Question": True,
    "Paste": True,
}
SHORT_HAS = ("Bold", "Italic", "BulletList", "ListItem", "Link", "Paste")
SHORT = {name: ARTICLE[name] for name in SHORT_HAS}

HEADING = re.compile(r"<(h[23])(?: id=\"[^\"]*\")?>(.*?)</\1>", re.DOTALL)
IMAGE = re.compile(r"<img\b[^>]*>")
# What the library's picker writes: a key, and an address of ours.
OWN_KEY = re.compile(r'\sdata-file="\d+"')
OWN_SRC = re.compile(r'\ssrc="/(?![/\\])')
EMPTY_FIGURE = re.compile(
    r"<figure[^>]*>\s*(?:<figcaption>.*?</figcaption>)?\s*</figure>", re.DOTALL
)
EMPTY_BLOCK = re.compile(r"<(aside|details)\b[^>]*>(?:\s|<(p|summary)>\s*</\2>)*</\1>")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
BARE_HOST = re.compile(r'href="www\.')
ODD_LINK = re.compile(r'href="(?!https?://|mailto:|tel:|/|#)([^"]+)"')
TAG = re.compile(r"<[^>]*>")  # right in what the sanitiser wrote: it escapes every other < and >
# Of 300,000 generated texts none took more than 7. Of one that takes more the words are kept.
MOST_ROUNDS = 20
WORDS_A_MINUTE = 200  # an unhurried reader of plain text


class CleanHtml(str):
    """Text that was sanitised already, so that a save does not do it twice."""

    __slots__ = ()


def is_own_image(tag):
    """Say whether an <img> is a picture of our own library."""
    return OWN_KEY.search(tag) and OWN_SRC.search(tag)


def without_foreign_images(html):
    """Drop images that are not from our own library, and figures left without one."""
    html = IMAGE.sub(lambda m: m[0] if is_own_image(m[0]) else "", html)
    return EMPTY_FIGURE.sub("", html)


def with_heading_ids(html):
    """Give each h2 and h3 an id made from its words, unique in the text.

    The same words give the same id at every save, so that a link to a section lasts.
    """
    taken = set()

    def identify(match):
        tag, inner = match.groups()
        words = slugify(strip_tags(inner)) or "section"
        name, number = words, 2
        while name in taken:
            name, number = f"{words}-{number}", number + 1
        taken.add(name)
        return f'<{tag} id="{name}">{inner}</{tag}>'

    return HEADING.sub(identify, html)


def headings(html):
    """Return the contents list of a stored text as (level, id, words) tuples."""
    found = re.findall(r'<h([23]) id="([^"]*)">(.*?)</h\1>', html, re.DOTALL)
    return [(int(level), name, strip_tags(words)) for level, name, words in found]


def reading_minutes(html):
    """Return how many minutes a text takes to read, at least 1."""
    return max(1, round(len(TAG.sub("", html).split()) / WORDS_A_MINUTE))


class ProseFormField(ProseEditorFormField):
    """Shows own links with their addresses; the model's field keeps them by their rows."""

    def prepare_value(self, value):
        return for_staff(value or "")

    def has_changed(self, initial, data):
        return super().has_changed(for_staff(initial or ""), data)


class ProseField(ProseEditorField):
    """Rich text that is sanitised on every way into the database.

    The library's own field sanitises in full_clean() alone; here create(), update(),
    bulk_create(), fixtures and imports are covered too.

    Args:
        extensions: ARTICLE or SHORT, what the editor offers and the sanitiser keeps.
    """

    def __init__(self, *args, extensions=ARTICLE, **kwargs):
        kwargs.setdefault("sanitize", False)
        super().__init__(*args, extensions=extensions, **kwargs)
        self.sanitize = self.clean_html
        self._sanitise = create_sanitizer(self.config["extensions"])

    def clean_html(self, value):
        """Return `value` sanitised, with heading ids; None and clean text come back as they are.

        What a round takes out can change how the rest is read, so it goes on until nothing changes.
        """
        if value is None or isinstance(value, CleanHtml):
            return value
        html = NOT_IN_XML.sub("", str(value))
        for _ in range(MOST_ROUNDS):
            html, before = self._cleaned_once(html), html
            if html == before:
                return CleanHtml(with_references(html))
        return CleanHtml(nh3.clean(html, tags=set()))

    def _cleaned_once(self, html):
        html = with_lists(self._sanitise(with_our_tags(html)).replace(' title=""', ""))
        html = BARE_HOST.sub(r'href="https://www.', html)
        html = EMPTY_BLOCK.sub("", without_foreign_images(html))
        return with_heading_ids(with_block_classes(html))

    def clean(self, value, model_instance):
        """Clean what somebody typed, and refuse what would be lost or broken without a word."""
        if value and "<" not in value:
            value = from_plain_text(value)
        if any(not is_own_image(tag) for tag in IMAGE.findall(value or "")):
            raise ValidationError(
                "A picture in the text is not from the picture library. Delete it, then add it "
                "again with the picture button."
            )
        html = super().clean(value, model_instance)
        if odd := ODD_LINK.search(html or ""):
            raise ValidationError(
                f"The link to “{odd[1]}” leads nowhere. Write the whole address, like "
                "https://www.clinic.example or /services/."
            )
        return html

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": ProseFormField} | kwargs)

    def pre_save(self, model_instance, add):
        value = self.clean_html(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value, connection):
        if not hasattr(value, "resolve_expression"):
            value = self.clean_html(value)
        return super().get_db_prep_save(value, connection)
