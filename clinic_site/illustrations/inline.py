"""Prints SVG files inside a page."""

import re
from functools import cache
from pathlib import Path
from zlib import crc32

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).parent
ARTICLE_ILLUSTRATIONS = 8
# Inside HTML an SVG needs no namespace, and neither the comments nor the colours for editors.
NOT_NEEDED = re.compile(
    r"<!--.*?-->|\sxmlns=\"[^\"]*\"|\s(?:fill|stroke|color)=\"#[^\"]*\"", re.DOTALL
)


def illustration(name: str, label: str = "") -> SafeString:
    """Return svg/<name>.svg; screen readers hear the label, or skip it without one."""
    return inline_svg(FOLDER / "svg", name, label)


def article_number(slug: str) -> int:
    """Return which of the article illustrations belongs to a slug, counted from 1."""
    return crc32(slug.encode()) % ARTICLE_ILLUSTRATIONS + 1


def article_illustration(slug: str, label: str = "") -> SafeString:
    """Return the illustration of an article without an image; a slug always gets the same one."""
    return illustration(f"article-{article_number(slug)}", label)


def monogram(initials: str, seed: str) -> SafeString:
    """Return one to three initials in a ring, with an arc at an angle that the seed decides."""
    initials = initials.strip()[:3]
    size = 30 if len(initials) < 3 else 23
    angle = crc32(seed.encode()) % 360
    return format_html(illustration("monogram"), initials=initials, size=size, angle=angle)


def inline_svg(folder: Path, name: str, label: str = "") -> SafeString:
    """Return the SVG file of a folder for use inside HTML.

    Raises:
        ValueError: the folder has no such file.
    """
    svg = svg_files(folder).get(name)
    if svg is None:
        names = ", ".join(svg_files(folder))
        raise ValueError(f"There is no {name!r} in {folder.name}/, only: {names}")
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(svg.replace("<svg ", f'<svg {role} focusable="false" ', 1))


@cache
def svg_files(folder: Path) -> dict[str, str]:
    """Return the text of each SVG file by name."""
    return {path.stem: _compact(path.read_text()) for path in sorted(folder.glob("*.svg"))}


def _compact(svg: str) -> str:
    return " ".join(NOT_NEEDED.sub("", svg).split()).replace("> <", "><")
