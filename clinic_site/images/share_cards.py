"""Share cards: images with a page's title, drawn on publishing, for links in social networks."""

from functools import cache
from hashlib import sha256
from io import BytesIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

from clinic_site.illustrations.inline import FOLDER as ILLUSTRATIONS
from clinic_site.illustrations.inline import article_number
from clinic_site.images.renditions import share_options

FOLDER = "share"
LAYOUT = 2  # raise it when cards are drawn differently: every page then gets a new one
LAKE = "#065962"  # as in tokens.css and in the grounds
FONTS = settings.BASE_DIR / "static" / "fonts"
TITLE_FONT = "bricolage-grotesque"
LEFT, MIDDLE, TITLE_WIDTH = 76, 375, 640  # pixels
TITLE_SIZES = (76, 68, 60, 52, 46)  # pixels; the largest that fits is used
TITLE_LINES, TITLE_HEIGHT = 5, 330
LEADING = 1.12
MISSING = "\U0010fffd"  # no font has it, so it is drawn as the font's sign for "missing"


def card_name(page, clinic_name):
    """Return the file name of a page's card, a hash of what is drawn on it."""
    content = f"{LAYOUT}\n{page.title}\n{clinic_name}\n{page.slug}"
    return f"{FOLDER}/{sha256(content.encode()).hexdigest()[:24]}.jpg"


def draw_card(page, clinic_name):
    """Draw a page's card and return True, unless it has one or an image, or the font can't."""
    name = card_name(page, clinic_name)
    if page.og_image or default_storage.exists(name) or not has_all_letters(page.title):
        return False
    card = share_card(page.title, clinic_name, page.slug)
    card.save(file := BytesIO(), **share_options(card))
    default_storage.save(name, ContentFile(file.getvalue()))
    return True


def og_image_path(page, clinic_name):
    """Return the path of a page's Open Graph image, or None for the site's own."""
    if page.og_image:
        return page.og_image.share_url
    name = card_name(page, clinic_name)
    return default_storage.url(name) if default_storage.exists(name) else None


def share_card(title, clinic_name, slug):
    """Return the card as a Pillow image of 1200 × 630 pixels."""
    ground = ILLUSTRATIONS / "grounds" / f"article-{article_number(slug)}.png"
    image = Image.open(ground).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.text((LEFT + 100, 108), clinic_name[:40], LAKE, font("figtree", 600, 34), "lm")
    face, lines = title_lines(title)
    step = face.size * LEADING
    top = MIDDLE - step * len(lines) / 2
    for number, line in enumerate(lines):
        draw.text((LEFT, top + number * step), line, LAKE, face)
    return image


@cache
def font(name, weight, size):
    """Return one of the site's fonts at a weight (100 to 900) and a size in pixels."""
    face = ImageFont.truetype(FONTS / f"{name}.woff2", size)
    face.set_variation_by_axes([weight])
    return face


def has_all_letters(text):
    """Say whether the title's font has every letter; unlike a web page, a card can't fall back."""
    face = font(TITLE_FONT, 700, 60)
    missing = bytes(face.getmask(MISSING))
    return all(letter.isspace() or bytes(face.getmask(letter)) != missing for letter in text)


def title_lines(title):
    """Return the title's font and lines; a title that is too long ends in "…"."""
    for size in TITLE_SIZES:
        face = font(TITLE_FONT, 700, size)
        lines = wrap(title, face)
        is_narrow = max(map(face.getlength, lines)) <= TITLE_WIDTH
        if is_narrow and len(lines) <= TITLE_LINES and len(lines) * size * LEADING <= TITLE_HEIGHT:
            return face, lines
    if len(lines) > TITLE_LINES:
        lines = [*lines[: TITLE_LINES - 1], f"{lines[TITLE_LINES - 1]} …"]
    return face, [shorten(line, face) for line in lines]


def wrap(text, face):
    """Return a text as lines of at most TITLE_WIDTH pixels; a longer word is a line of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.getlength(longer) > TITLE_WIDTH:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def shorten(line, face):
    while face.getlength(line) > TITLE_WIDTH:
        line = f"{line.rstrip(' …')[:-1]} …"
    return line
