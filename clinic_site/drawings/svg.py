"""The printer: shapes become SVG that a strict content security policy accepts."""

from html import escape
from itertools import groupby

from .geometry import Pin, Shape, number

CLASSES = {"ink": "", "accent": "drawing__accent", "paper": "drawing__paper"}


def drawing(
    kind: str, size: tuple[int, int], items: list[Shape | Pin], label: str = "", text: str = ""
) -> str:
    """Return one SVG element.

    kind ends the class `drawing--<kind>`; size is the viewBox's width and height in units;
    label, if given, is read aloud, else the picture is hidden from screen readers; text is
    ready SVG set above the shapes.
    """
    name = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    painted = []
    for kind_of, run in groupby(items, type):
        elements = "".join(element(item) for item in run)
        painted.append(f'<g class="drawing__pin">{elements}</g>' if kind_of is Pin else elements)
    return (
        f'<svg class="drawing drawing--{kind}" viewBox="0 0 {size[0]} {size[1]}" fill="none" '
        f'stroke="currentColor" {name} focusable="false">'
        f"{''.join(painted)}{text}</svg>"
    )


def element(item: Shape | Pin) -> str:
    """Return the SVG element of one shape or pin, in classes and presentation attributes."""
    if isinstance(item, Pin):
        x, y, radius = (number(round(v)) for v in (*item.centre, item.radius))
        return f'<circle cx="{x}" cy="{y}" r="{radius}"/>'
    names = f"{CLASSES[item.role]}{' drawing__sweep' if item.sweeps else ''}".strip()
    attributes = {"class": names, "d": item.path.d}
    if item.width is None:
        if item.role != "paper":
            attributes |= {"fill": "currentColor"}
        attributes |= {"stroke": "none"}
    else:
        attributes |= {"stroke-width": number(item.width)}
    if item.path_length is not None:
        attributes |= {"pathLength": number(item.path_length)}
    if item.dash is not None:
        attributes |= {"stroke-dasharray": f"{number(item.dash[0])} {number(item.dash[1])}"}
    if item.round_caps:
        attributes |= {"stroke-linecap": "round"}
    if item.opacity != 1:
        attributes |= {"opacity": number(item.opacity)}
    written = "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
    return f"<path{written}/>"
