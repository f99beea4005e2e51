"""Images of the library that a text shows: which they are, and whether each has alt text."""

import re

from django.core.exceptions import ValidationError

from clinic_site.images.library import Image
from clinic_site.richtext.html import REMOVED, alt_text, image_key, parse_fragment, strip

OWN_SRC = re.compile(r"/(?![/\\])")


def is_own_image(img):
    """Say whether an <img> shows an image of our library: the picker writes a key and a path."""
    return image_key(img) is not None and OWN_SRC.match(img.get("src", ""))


def remove_foreign_images(tree):
    """Remove images that are not from our library, and figures left without an image."""
    for img in tree.iter("img"):
        if not is_own_image(img):
            img.tag = REMOVED
    remove_empty_figures(tree)


def remove_empty_figures(tree):
    for figure in tree.iter("figure"):
        if next(figure.iter("img"), None) is None:
            figure.tag = REMOVED
    strip(tree)


def images_in(*trees):
    """Return the library's images that texts show, by key, in one query; none for none."""
    keys = {image_key(img) for tree in trees for img in tree.iter("img")} - {None}
    return Image.objects.in_bulk(keys) if keys else {}


def validate_alt_texts(html):
    """Refuse a text with an image that has alt text neither there nor in the library.

    Raises:
        ValidationError: names each such image once.
    """
    tree = parse_fragment(html)
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
