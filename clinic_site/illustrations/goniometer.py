"""The instrument: the ticked protractor that stands in every picture."""

from clinic_site.illustrations.geometry import Point, Shape, arc, wedge

TICK = 0.7  # thickness of a tick in degrees


def goniometer(
    centre: Point, radius: float, start: float, end: float, *, major: float = 30
) -> list[Shape]:
    """Return a protractor: its paper with a rim, short ticks every 5 degrees, and long ones.

    centre and radius are in units of the viewBox; start and end in degrees, 90 is up; major
    is the degrees from one long tick to the next. Every tick is a dash of one arc, so that a
    whole scale is two short paths.
    """
    return [
        Shape(wedge(centre, radius, start, end), width=2, role="paper"),
        ticks(centre, radius + 3, start, end, every=5, length=6),
        ticks(centre, radius + 6, start, end, every=major, length=12),
    ]


def ticks(
    centre: Point, radius: float, start: float, end: float, *, every: float, length: float
) -> Shape:
    """Return ticks of a length in units, one every so many degrees, both ends included."""
    half = TICK / 2 if end > start else -TICK / 2
    scale = arc(centre, radius, start - half, end + half)
    span = abs(end - start) + TICK
    return Shape(scale, width=length, dash=(TICK, every - TICK), path_length=span)


def reached(centre: Point, radius: float, start: float, end: float) -> Shape:
    """Return the clay arc from the start of the movement to where the limb is now."""
    return Shape(arc(centre, radius, start, end), width=4, role="accent")
