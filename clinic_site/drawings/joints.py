"""Eight goniometer plates: each joint, its limbs, and the range it can truly move."""

from collections.abc import Callable

from . import body
from .geometry import Path, Pin, Point, Shape, blob, limb, placed, polyline, segment, spline, toward
from .goniometer import goniometer, pin, reached

SIZE = (500, 300)

# Degrees of movement, rounded as goniometry textbooks print them for adults; for the neck it
# is rotation, for the spine bending forward, for the ankle foot up (minus) to foot down.
RANGES = {
    "shoulder": (0, 180),
    "elbow": (0, 150),
    "wrist": (-80, 80),
    "neck": (-80, 80),
    "spine": (0, 80),
    "hip": (0, 120),
    "knee": (0, 135),
    "ankle": (-20, 50),
}

FADE = (0.12, 0.18, 0.26)
STILL = 0.5  # opacity of the part that is held still

Limb = Callable[[float], Path]


def joint_shapes(joint: str) -> list[Shape | Pin]:
    """Return the plate of one joint, on a viewBox of SIZE units.

    Raises KeyError if joint is none of RANGES.
    """
    return PLATES[joint]()


def _plate(
    still: Path, moving: Limb, earlier: tuple[float, ...], now: float, scale: list[Shape],
    rim: tuple[Point, float, float],
) -> list[Shape | Pin]:
    """Return scale, held part, fading earlier positions, the solid one, clay arc and pivot."""
    centre, radius, start = rim
    ghosts = [Shape(moving(a), opacity=o) for a, o in zip(earlier, FADE, strict=True)]
    solid = Shape(moving(now))
    return [
        *scale, Shape(still, opacity=STILL), *ghosts, solid, reached(centre, radius, start, now),
        pin(centre),
    ]  # fmt: skip
