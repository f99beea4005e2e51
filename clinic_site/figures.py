"""Pictures inside texts: what the editor stored becomes the library's picture of today."""

import html
import re

from django.core.exceptions import ValidationError

from clinic_site.images import Image
from clinic_site.prose import EMPTY_FIGURE, IMAGE
from clinic_site.renditions import picture_html

# At most 18 digits: more is no key of any database.
KEY = re.compile(r'\bdata-file="(\d{1,18})"')
ALT = re.compile(r'\balt="([^"]*)"')


def key(tag):
    """Return the library key an <img> names, or None."""
    found = KEY.search(tag)
    return int(found[1]) if found else None


def stored_alt(tag):
    """Return the alternative text typed with this figure, "" if none was."""
    found = ALT.search(tag)
    return html.unescape(found[1]).strip() if found else ""


def images_in(text):
    """Return the library's pictures that a text names, by key, in one query; none for none."""
    keys = {key(tag) for tag in IMAGE.findall(text)} - {None}
    return Image.objects.in_bulk(keys) if keys else {}


def with_pictures(text, images):
    """Return a stored text with the <picture> of each figure; figures whose picture is gone drop.

    The alt text typed with the figure counts; where it is empty, the library's.

    Args:
        images: what images_in returned, for this text or for several.
    """

    def printed(match):
        image = images.get(key(match[0]))
        if image is None:
            return ""
        return picture_html(image, "article", stored_alt(match[0]) or image.alt)

    return EMPTY_FIGURE.sub("", IMAGE.sub(printed, text))


def validate_alt_texts(text):
    """Refuse a text with a picture that is described neither there nor in the library.

    Raises:
        ValidationError: names each such picture once.
    """
    silent = {key(tag) for tag in IMAGE.findall(text) if not stored_alt(tag)}
    names = [
        f"“{image}”"
        for pk, image in images_in(text).items()
        if pk in silent and image.needs_alt_text
    ]
    if names:
        raise ValidationError(
            f"Pictures without alt text: {', '.join(names)}. Write it in the figure's window or "
            "in the picture library."
        )
