"""The instrument: the ticked protractor that stands in every picture."""

from .geometry import Path, Pin, Point, Shape, arc, wedge

TICK = 0.8  # thickness of a tick in degrees


def goniometer(centre: Point, radius: float, start: float, end: float) -> list[Shape]:
    """Return a protractor's paper, rim and ticks (short every 5 degrees, long every 15).

    centre and radius are in units of the viewBox; start and end in degrees, 90 is up. Every
    tick is a dash of one arc, so that a whole scale is two short paths.
    """
    return [
        Shape(wedge(centre, radius, start, end), role="paper"),
        Shape(arc(centre, radius, start, end), width=2),
        ticks(centre, radius + 4, start, end, every=5, length=5),
        ticks(centre, radius + 6, start, end, every=15, length=9),
    ]


def ticks(
    centre: Point, radius: float, start: float, end: float, *, every: float, length: float
) -> Shape:
    """Return ticks of a length in units, one every so many degrees, both ends included."""
    half = TICK / 2 if end > start else -TICK / 2
    scale: Path = arc(centre, radius, start - half, end + half)
    span = abs(end - start) + TICK
    return Shape(scale, width=length, dash=(TICK, every - TICK), path_length=span)


def reached(centre: Point, radius: float, start: float, end: float) -> Shape:
    """Return the clay arc from the start of the movement to where the limb is now."""
    return Shape(arc(centre, radius, start, end), width=4, role="accent", round_caps=True)


def pin(centre: Point, radius: float = 9) -> Pin:
    """Return the pivot."""
    return Pin(centre, radius)
