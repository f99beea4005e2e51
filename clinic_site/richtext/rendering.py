"""Pictures inside texts: what the editor stored becomes the library's picture of today."""

import html
import re
from functools import reduce
from operator import or_

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from clinic_site.images.library import Image, ImageForeignKey
from clinic_site.images.renditions import responsive_image
from clinic_site.richtext.callouts import with_titles
from clinic_site.richtext.field import EMPTY_FIGURE, IMAGE, ProseField
from clinic_site.richtext.internal_links import addresses_in, with_addresses

# At most 18 digits: more is no key of any database.
KEY = re.compile(r'\bdata-file="(\d{1,18})"')
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
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
        return responsive_image(image, "article", stored_alt(match[0]) or image.alt)

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


def for_page(html, addresses):
    """Return a stored text ready to print.

    Wide tables scroll in a region of their own, callouts get their titles, own links the addresses
    of now, and figures the library's pictures (one query for all of a text's, none without).

    Args:
        addresses: what addresses_of_row returned for the text's row.
    """
    number = 0

    def region(match):
        nonlocal number
        number += 1
        return (
            f'<div class="table-scroll" role="region" aria-label="Table {number}" tabindex="0">'
            f"{match[0]}</div>"
        )

    html = with_addresses(with_titles(TABLE.sub(region, html)), addresses)
    return with_pictures(html, images_in(html))


def addresses_of_row(row):
    """Return the addresses for the own links in all of a row's texts; asked for once."""
    if not hasattr(row, "_addresses"):
        fields = [field for field in row._meta.fields if isinstance(field, ProseField)]
        row._addresses = addresses_in("".join(getattr(row, field.attname) for field in fields))
    return row._addresses


def models_with(kind):
    """Yield each model with fields of a class, and those fields; old versions do not count."""
    for model in apps.get_models():
        fields = [field for field in model._meta.fields if isinstance(field, kind)]
        if fields and not model._meta.proxy and not hasattr(model, "history_object"):
            yield model, fields


def texts_showing(image):
    """Yield the rows whose text has the picture in a figure."""
    for model, fields in models_with(ProseField):
        marked = {f"{field.name}__contains": f'data-file="{image.pk}"' for field in fields}
        query = reduce(or_, (models.Q(condition) for condition in marked.items()))
        yield from model._base_manager.filter(query)


def rows_choosing(image):
    """Yield the rows that name the picture in a field of their own, such as a lead image."""
    for model, keys in models_with(ImageForeignKey):
        query = reduce(or_, (models.Q((key.name, image.pk)) for key in keys))
        yield from model._base_manager.filter(query)


@receiver(pre_delete, sender=Image)
def keep_what_texts_show(instance, **kwargs):
    """Refuse to delete a picture that stands in a text.

    Raises:
        ProtectedError: names the rows, as for a foreign key.
    """
    rows = set(texts_showing(instance))
    if rows:
        names = ", ".join(sorted(map(str, rows)))
        raise models.ProtectedError(f"The picture stands in a text: {names}.", rows)
