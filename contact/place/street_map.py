"""The location map: streets drawn to scale from latitude and longitude, the pin in the middle."""

from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians

WIDTH, HEIGHT = 480, 320  # units of the drawing's viewBox
METRES_PER_UNIT = 4.5
METRES_PER_DEGREE = 111_320  # of latitude; of longitude times the cosine of the latitude
LABEL_UNITS = 6.2  # rough width of one letter of a label
EDGE = 10  # units a label keeps from the edge


def points_from_text(text):
    """Return (latitude, longitude) pairs from "lat,lon; lat,lon".

    Raises:
        ValueError: fewer than two points, or a number out of range.
    """
    points = []
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        latitude, longitude = (float(number) for number in pair.split(","))
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(pair)
        points.append((latitude, longitude))
    if len(points) < 2:
        raise ValueError("a street needs two points")
    return points


def project(points, pin):
    """Return drawing coordinates of (latitude, longitude) pairs around the pin.

    A flat projection: over the two kilometres of the map its error is far below a line's width.
    """
    latitude, longitude = pin
    per_unit = METRES_PER_DEGREE / METRES_PER_UNIT
    return [
        (
            WIDTH / 2 + (lon - longitude) * cos(radians(latitude)) * per_unit,
            HEIGHT / 2 - (lat - latitude) * per_unit,
        )
        for lat, lon in points
    ]


def visible(start, end):
    """Return the part of a segment inside the frame, less the edge, or None (Liang-Barsky)."""
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    enter, leave = 0.0, 1.0
    for towards, room in (
        (-dx, x0 - EDGE),
        (dx, WIDTH - EDGE - x0),
        (-dy, y0 - EDGE),
        (dy, HEIGHT - EDGE - y0),
    ):
        if towards == 0:
            if room < 0:
                return None
        elif towards < 0:
            enter = max(enter, room / towards)
        else:
            leave = min(leave, room / towards)
    if enter >= leave:
        return None
    return (x0 + enter * dx, y0 + enter * dy), (x0 + leave * dx, y0 + leave * dy)


def label_place(name, line):
    """Return (x, y, angle) for a street's name on its longest visible stretch, or None."""
    stretches = [part for ends in pairwise(line) if (part := visible(*ends))]
    if not stretches:
        return None
    (x0, y0), (x1, y1) = max(stretches, key=lambda s: hypot(s[1][0] - s[0][0], s[1][1] - s[0][1]))
    if hypot(x1 - x0, y1 - y0) < len(name) * LABEL_UNITS:
        return None
    angle = degrees(atan2(y1 - y0, x1 - x0))
    if abs(angle) > 90:  # never upside down
        angle += 180 if angle < 0 else -180
    # At a quarter from the left or upper end, clear of the pin in the middle.
    (x0, y0), (x1, y1) = sorted([(x0, y0), (x1, y1)])
    return round(x0 + (x1 - x0) * 0.27, 1), round(y0 + (y1 - y0) * 0.27, 1), round(angle, 1)


def draw(streets, pin):
    """Return a dict for each street of the drawing, wide ones last so that they lie on top.

    It has the street's `name` and `weight`, its SVG `path`, and the place of its name as `label`:
    x, y and angle, or None where it has no room. The pin is the location's (latitude, longitude).
    """
    order = ["minor", "major", "highway"]
    drawn = []
    for street in sorted(streets, key=lambda street: order.index(street.weight)):
        line = project(points_from_text(street.points), pin)
        if any(visible(*ends) for ends in pairwise(line)):
            path = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in line)
            label = label_place(street.name, line)
            drawn.append(
                {"name": street.name, "weight": street.weight, "path": path, "label": label}
            )
    return drawn
