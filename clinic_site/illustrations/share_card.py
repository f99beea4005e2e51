"""The picture shown where a page's link is shared: its title in the site's type, beside a plate."""

from functools import cache

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from clinic_site.illustrations import article, brand
from clinic_site.illustrations.images import LAKE, MIST, ON_MIST, SHARE
from clinic_site.illustrations.raster import painted

FONTS = settings.BASE_DIR / "static" / "fonts"
LEFT, MIDDLE, TITLE_WIDTH = 76, 375, 640
TITLE_SIZES = (76, 68, 60, 52, 46)  # pixels; the largest at which the title has room
TITLE_LINES, TITLE_HEIGHT = 5, 330
LEADING = 1.12
NAME_SIZE = 34
MISSING = "\U0010fffd"  # no font has it, so it comes out as the font's sign for "missing"


@cache
def font(name: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    """Return one of the site's own fonts at a weight (100 to 900) and a size in pixels."""
    found = ImageFont.truetype(FONTS / f"{name}.woff2", size)
    found.set_variation_by_axes([weight])
    return found


def can_write(text: str) -> bool:
    """Say whether the title's font has every letter: a web page falls back, a picture cannot."""
    face = font("bricolage-grotesque", 700, 60)
    missing = bytes(face.getmask(MISSING))
    return all(letter.isspace() or bytes(face.getmask(letter)) != missing for letter in text)


def broken(text: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """Return a text as lines of at most TITLE_WIDTH pixels; a longer word stands by itself."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.getlength(longer) > TITLE_WIDTH:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def title_lines(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the title's font and lines; what has no room at the smallest size ends in …"""
    for size in TITLE_SIZES:
        face = font("bricolage-grotesque", 700, size)
        lines = broken(title, face)
        is_narrow = max(map(face.getlength, lines)) <= TITLE_WIDTH
        if is_narrow and len(lines) <= TITLE_LINES and len(lines) * size * LEADING <= TITLE_HEIGHT:
            return face, lines
    if len(lines) > TITLE_LINES:
        lines = [*lines[: TITLE_LINES - 1], f"{lines[TITLE_LINES - 1]} …"]
    return face, [shortened(line, face) for line in lines]


def shortened(line: str, face: ImageFont.FreeTypeFont) -> str:
    while face.getlength(line) > TITLE_WIDTH:
        line = f"{line.rstrip(' …')[:-1]} …"
    return line


def share_card(title: str, clinic_name: str, seed: str) -> Image.Image:
    """Return the card, 1200 x 630 pixels: mark, clinic, title, and the plate of a seed.

    Raises:
        ValueError: the font lacks a letter of the title.
    """
    if not can_write(title):
        raise ValueError(f"the font cannot write {title!r}")
    plate = (article.article_shapes(seed), ON_MIST, (720, 220), 0.93)
    mark = (brand.mark_shapes(), ON_MIST | {"rim": LAKE}, (LEFT - 8, 64), 0.55)
    image = painted(SHARE, MIST, [plate, mark])
    draw = ImageDraw.Draw(image)
    draw.text((LEFT + 100, 108), clinic_name[:40], LAKE, font("figtree", 600, NAME_SIZE), "lm")
    face, lines = title_lines(title)
    step = face.size * LEADING
    top = MIDDLE - step * len(lines) / 2
    for number, line in enumerate(lines):
        draw.text((LEFT, top + number * step), line, LAKE, face)
    return image
