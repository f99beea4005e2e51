"""The clinic's sign: the logo mark, and a monogram for people without a portrait."""

from hashlib import sha256
from html import escape

from clinic_site.illustrations.geometry import Pin, Shape, arc, segment, toward
from clinic_site.illustrations.goniometer import ticks
from clinic_site.illustrations.svg import drawing

MARK = (160, 160)
MONOGRAM = (96, 96)

MARK_ARM = ((-0.1, 0.13, 0.13), (0.3, 0.135, 0.135), (1.06, 0.075, 0.075))


def mark_shapes() -> list[Shape | Pin]:
    """Return the logo mark, a goniometer open at 68 degrees, on a viewBox of MARK units."""
    pivot = (40, 122)
    arms = segment(pivot, toward(pivot, 0, 102), MARK_ARM)
    arms += segment(pivot, toward(pivot, 68, 102), MARK_ARM)
    return [
        Shape(arms),
        Shape(arc(pivot, 84, 15, 53), width=14, role="accent"),
        Pin(pivot, 16),
    ]


def monogram_shapes(seed: str) -> list[Shape | Pin]:
    """Return the ring of a monogram, on a viewBox of MONOGRAM units; the same for one seed."""
    digest = sha256(seed.encode()).digest()
    start, span = digest[0] / 255 * 360, 70 + digest[1] / 255 * 130
    middle = (48, 48)
    return [
        Shape(arc(middle, 37, 0, 180) + arc(middle, 37, 180, 360), opacity=0.1),
        ticks(middle, 44, 0, 350, every=10, length=4),
        Shape(arc(middle, 37, start, start + span), width=4, role="accent"),
        Pin(toward(middle, start + span, 37), 5),
    ]


def monogram_svg(initials: str, seed: str, label: str = "") -> str:
    """Return a square picture of one to three initials on an arc; more are cut off."""
    initials = initials.strip()[:3]
    size = 30 if len(initials) < 3 else 23
    text = (
        f'<text class="drawing__initials" x="48" y="{48 + size * 0.36:.0f}" font-size="{size}" '
        f'text-anchor="middle" fill="currentColor" stroke="none">{escape(initials)}</text>'
    )
    return drawing("monogram", MONOGRAM, monogram_shapes(seed), label, text)
