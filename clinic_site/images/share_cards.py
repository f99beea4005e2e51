"""The picture of a page where its link is shared: chosen, or drawn when the page is published."""

from hashlib import sha256
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from clinic_site.illustrations.share_card import can_write, share_card

FOLDER = "share"
LAYOUT = 1  # raise it when the card is drawn differently: every page gets a new one
COLOURS = 128


def card_name(page, clinic_name):
    """Return the file of a Publishable's card, named by all that is drawn on it.

    So a new title has a new address, and no network shows the card of the old one.
    """
    drawn = f"{LAYOUT}\n{page.title}\n{clinic_name}\n{page.slug}"
    return f"{FOLDER}/{sha256(drawn.encode()).hexdigest()[:24]}.png"


def draw_card(page, clinic_name):
    """Draw a Publishable's card unless it is there, or has its own picture, or letters we lack.

    Returns:
        Whether a card was drawn; that takes most of a second.
    """
    name = card_name(page, clinic_name)
    if page.share_picture or default_storage.exists(name) or not can_write(page.title):
        return False
    file = BytesIO()
    card = share_card(page.title, clinic_name, page.slug)
    card.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    default_storage.save(name, ContentFile(file.getvalue()))
    return True


def share_picture_path(page, clinic_name):
    """Return the path of the picture to share a Publishable with, or None for the site's own."""
    if page.share_picture:
        return page.share_picture.image_file.url
    name = card_name(page, clinic_name)
    return default_storage.url(name) if default_storage.exists(name) else None
