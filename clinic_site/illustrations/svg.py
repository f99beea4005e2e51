"""The printer: shapes become SVG that a strict content security policy accepts."""

from html import escape
from itertools import groupby

from clinic_site.illustrations.geometry import Pin, Shape, number

Names = dict[str, dict[str, str]]

CLASSES: Names = {
    "ink": {},
    "accent": {"class": "drawing__accent"},
    "paper": {"class": "drawing__paper"},
    "pin": {"class": "drawing__pin"},
}


def drawing(
    kind: str, size: tuple[int, int], items: list[Shape | Pin], label: str = "", text: str = ""
) -> str:
    """Return one SVG element.

    kind ends the class `drawing--<kind>`; size is the viewBox's width and height in units;
    label, if given, is read aloud, else the picture is hidden from screen readers; text is
    ready SVG set above the shapes.
    """
    name = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="drawing drawing--{kind}" viewBox="0 0 {size[0]} {size[1]}" '
        f'preserveAspectRatio="xMidYMid slice" fill="none" '
        f'stroke="currentColor" {name} focusable="false">{elements(items)}{text}</svg>'
    )


def elements(items: list[Shape | Pin], names: Names = CLASSES) -> str:
    """Return the shapes as SVG elements.

    names gives each role its attributes; neighbours of one kind share a group, to stay small.
    """
    painted = []
    for shared, run in groupby(items, lambda item: _shared(item, names)):
        first, *rest = run
        if shared and rest:
            inside = "".join(_element(item, names) for item in (first, *rest))
            painted.append(f"<g{shared}>{inside}</g>")
        else:
            painted += [_element(item, names, shared) for item in (first, *rest)]
    return "".join(painted)


def _element(item: Shape | Pin, names: Names, own: str = "") -> str:
    if isinstance(item, Pin):
        x, y, radius = (number(round(v)) for v in (*item.centre, item.radius))
        return f'<circle{own} cx="{x}" cy="{y}" r="{radius}"/>'
    attributes = names[item.role] | {"d": item.path.d}
    if item.sweeps:
        attributes["class"] += " drawing__sweep"
    if item.width is not None:
        attributes["stroke-width"] = number(item.width)
    if item.path_length is not None:
        attributes["pathLength"] = number(item.path_length)
        attributes["stroke-dasharray"] = _dash(item)
    if item.opacity != 1:
        attributes["opacity"] = number(item.opacity)
    return f"<path{own}{_written(attributes)}/>"


def _shared(item: Shape | Pin, names: Names) -> str:
    if isinstance(item, Pin):
        return _written(names["pin"])
    if item.width is None:
        return _written({"fill": "currentColor", "stroke": "none"})
    return _written({"stroke-dasharray": _dash(item)}) if item.path_length is None else ""


def _dash(shape: Shape) -> str:
    return f"{number(shape.dash[0])} {number(shape.dash[1])}" if shape.dash else ""


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
