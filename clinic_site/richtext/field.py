"""The model field for rich text: clean on every way into the database.

The library's field sanitises in forms alone. This one also covers save(), bulk_create(),
update() and fixtures, so that the `prose` filter, and nothing else, may mark a stored text as
safe."""

import re

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django_prose_editor.config import allowlist_from_extensions, expand_extensions
from django_prose_editor.fields import ProseEditorField, ProseEditorFormField

from clinic_site.images.library import Image
from clinic_site.richtext.cleaning import (
    fix_nesting,
    from_plain_text,
    is_foreign_image,
    keep_images,
    keep_meaning,
    remove_blanks,
    remove_hidden,
    rename_tags,
    set_block_classes,
    with_plain_spaces,
    without_invisible,
)
from clinic_site.richtext.hrefs import clean_href
from clinic_site.richtext.html import (
    MOST_LEVELS,
    alt_text,
    change_texts,
    flatten,
    image_key,
    links,
    parse_fragment,
    parse_levels,
    serialise,
    set_heading_ids,
)
from clinic_site.richtext.internal_links import WHOLE_LINK, complete_links, with_addresses_for_staff
from clinic_site.richtext.lists import make_lists, mend_lists

SCHEMES = ["http", "https", "mailto", "tel"]
SCRIPT = re.compile("(?:javascript|vbscript|data|about|blob):", re.IGNORECASE)
# What an editor can make, and so what the sanitiser keeps.
ARTICLE = {
    "Heading": {"levels": [2, 3]},
    **dict.fromkeys(("Bold", "Italic", "Superscript", "Subscript", "Strike"), True),
    **dict.fromkeys(("BulletList", "OrderedList", "ListItem"), True),
    **dict.fromkeys(("Blockquote", "HardBreak", "HorizontalRule"), True),
    "Link": {"enableTarget": False, "protocols": SCHEMES},
    **dict.fromkeys(("Table", "TableRow", "TableHeader", "TableCell"), True),
    **dict.fromkeys(("Figure", "Image", "Caption", "Callout", "Question", "Paste"), True),
    "NoSpellCheck": False,  # which the library adds otherwise
}
NOT_SHORT = ("Heading", "Blockquote", "HorizontalRule", "Table", "TableRow", "TableHeader",
             "TableCell", "Figure", "Image", "Caption", "Callout", "Question")  # fmt: skip
SHORT = {name: config for name, config in ARTICLE.items() if name not in NOT_SHORT}
MOST_CHARACTERS = 250_000  # of a text with its tags: a long article copied from Word has 200,000


class CleanHtml(str):
    """Text that is clean already, so that a save does not clean it twice."""

    __slots__ = ()


class ProseFormField(ProseEditorFormField):
    """Shows internal links with their addresses; the model field stores references."""

    def to_python(self, value):
        """Return a text with the line ends that it had: browsers send each as CRLF."""
        return super().to_python(value).replace("\r\n", "\n")

    def prepare_value(self, value):
        return with_addresses_for_staff(value or "")

    def has_changed(self, initial, data):
        return super().has_changed(with_addresses_for_staff(initial or ""), data)


class ProseField(ProseEditorField):
    """Rich text that is clean after create(), update() and imports too, not only full_clean().

    Args:
        extensions: ARTICLE or SHORT, what the editor offers and the sanitiser keeps.
    """

    def __init__(self, *args, extensions=ARTICLE, **kwargs):
        super().__init__(*args, extensions=extensions, sanitize=self.clean_html, **kwargs)
        self.allowed = allowlist_from_extensions(expand_extensions(extensions))
        self.sanitiser = nh3.Cleaner(**self.allowed)

    def clean_html(self, value):
        """Return `value` as it is stored; None and clean text come back unchanged."""
        if value is None or isinstance(value, CleanHtml):
            return value
        tree = parse_fragment(str(value))
        # No step makes what an earlier one would change.
        remove_hidden(tree, self.allowed["clean_content_tags"])
        keep_images(tree)
        keep_meaning(tree)
        change_texts(tree, without_invisible)
        rename_tags(tree)
        fix_nesting(tree, self.allowed["tags"])
        mend_lists(tree)
        set_block_classes(tree)
        remove_blanks(tree)
        make_lists(tree)
        change_texts(tree, with_plain_spaces)
        set_heading_ids(tree)
        complete_links(tree)
        return CleanHtml(self.sanitiser.clean(serialise(tree).strip()))

    def clean(self, value, model_instance):
        """Clean what somebody typed, and refuse what would be lost or broken without a word."""
        if value and "<" not in value:
            value = from_plain_text(value)
        tree = parse_typed(value or "")
        if any(is_foreign_image(img) for img in tree.iter("img")):
            raise ValidationError(
                "An image in the text is not from the image library. Delete it, then insert it "
                "again with the image button."
            )
        self.validate_links(tree)
        html = super().clean(value, model_instance)
        validate_alt_texts(parse_fragment(html or ""))
        return html

    def validate_links(self, tree):
        """Refuse a text with a link that no browser could follow, or that would be dropped."""
        for link in links(tree):
            href = clean_href(link.get("href"))
            is_kept = "href" in self.sanitiser.clean(format_html('<a href="{}">', href))
            is_whole = WHOLE_LINK.match(href) and is_kept
            if not is_whole and not SCRIPT.match(href):  # a link that runs a script is no loss
                raise ValidationError(
                    f"The link to “{href}” leads nowhere. Write the full address, for example "
                    "https://www.clinic.example or /services/."
                )

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


def images_in(*trees):
    """Return the library's images that texts show, by key, in one query; none for none."""
    keys = {image_key(img) for tree in trees for img in tree.iter("img")} - {None}
    return Image.objects.in_bulk(keys) if keys else {}


def parse_typed(html):
    """Return a text that somebody typed as a tree; refuse what takes long to clean and to show."""
    if len(html) > MOST_CHARACTERS:
        raise ValidationError(
            f"This text has {len(html):,} characters, formatting included. The most is "
            f"{MOST_CHARACTERS:,}. Shorten it, or split it into several pages."
        )
    tree = parse_levels(html)
    if tree is None or flatten(tree):
        raise ValidationError(
            "The formatting of this text is too complicated: it has, for example, more than "
            f"{MOST_LEVELS} lists, quotes or boxes inside each other. Paste it without formatting, "
            "or in smaller pieces."
        )
    return tree


def validate_alt_texts(tree):
    """Refuse images that have alt text neither in the text nor in the library."""
    silent = {image_key(img) for img in tree.iter("img") if not alt_text(img)}
    names = [
        f"“{image}”"
        for key, image in images_in(tree).items()
        if key in silent and image.needs_alt_text
    ]
    if names:
        raise ValidationError(
            f"These images have no alt text: {', '.join(names)}. Write it in the figure's window "
            "or in the image library."
        )
