"""The layers of a joint's plate, in the order they are painted."""

from clinic_site.illustrations.geometry import Path, Pin, Point, Shape

STILL = 0.5  # opacity of the part that is held still
FADE = (0.12, 0.2, 0.3)  # opacity of the earlier positions


def plate(
    scale: list[Shape], still: Path, earlier: list[Path], solid: Path, way: Shape, pivot: Point
) -> list[Shape | Pin]:
    """Return the layers in painting order: scale, arc, held part, past, present, pivot."""
    ghosts = [Shape(path, opacity=FADE[-len(earlier) + i]) for i, path in enumerate(earlier)]
    return [*scale, way, Shape(still, opacity=STILL), *ghosts, Shape(solid), Pin(pivot, 9)]
