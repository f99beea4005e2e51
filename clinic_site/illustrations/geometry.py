"""The drawing board: points, paths and shapes that SVG and raster pictures are both made from."""

from dataclasses import dataclass
from math import cos, hypot, radians, sin

Point = tuple[float, float]
Station = tuple[Point, float, float]

CURVE_STEPS = 8  # straight pieces per curve when a path is flattened


@dataclass(frozen=True)
class Path:
    """An outline: the text of an SVG `d` attribute, and the same outline as straight lines.

    Paths add up: `thigh + shin` is one path, and one fill without a seam.
    """

    d: str
    lines: tuple[tuple[Point, ...], ...]

    def __add__(self, other: "Path") -> "Path":
        return Path(self.d + other.d, self.lines + other.lines)


@dataclass(frozen=True)
class Shape:
    """One path as it is painted.

    role is the colour by its meaning: "ink" (currentColor), "accent" (clay, with
    round ends), or "paper" (filled
    with surface and rimmed with ink). width is the stroke in units of the viewBox; None fills
    the path instead. dash is lengths on
    and off, measured in units, or in parts of path_length when that is given.
    """

    path: Path
    width: float | None = None
    opacity: float = 1
    role: str = "ink"
    dash: tuple[float, float] | None = None
    path_length: float | None = None
    sweeps: bool = False


@dataclass(frozen=True)
class Pin:
    """The pivot of a goniometer: an apricot disc with a clay rim."""

    centre: Point
    radius: float


def toward(start: Point, angle: float, distance: float) -> Point:
    """Return the point `distance` units from start; angle in degrees, 0 right, 90 up."""
    turn = radians(angle)
    return (start[0] + distance * cos(turn), start[1] - distance * sin(turn))


def between(a: Point, b: Point, part: float) -> Point:
    """Return the point that lies `part` (0 to 1) of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)


def number(value: float) -> str:
    """Return value with at most two decimals, in the fewest characters SVG can read."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return "0" if text in ("", "-0") else text


def polyline(points: list[Point], *, closed: bool = False) -> Path:
    """Return straight lines through the points."""
    points = [_snap(p) for p in points]
    d = _move(points[0]) + "l" + _steps(points)
    if closed:
        return Path(d + "z", ((*points, points[0]),))
    return Path(d, (tuple(points),))


def arc(centre: Point, radius: float, start: float, end: float) -> Path:
    """Return the part of a circle from angle start to angle end, both in degrees (90 is up)."""
    first, last = _snap(toward(centre, start, radius)), _snap(toward(centre, end, radius))
    large, sweep = int(abs(end - start) > 180), int(end < start)
    d = f"{_move(first)}a{number(radius)} {number(radius)} 0 {large} {sweep} {_from(first, last)}"
    pieces = max(8, int(abs(end - start) / 3))
    points = (toward(centre, start + (end - start) * i / pieces, radius) for i in range(pieces + 1))
    return Path(d, (tuple(points),))


def wedge(centre: Point, radius: float, start: float, end: float) -> Path:
    """Return a slice of a disc between two angles in degrees."""
    rim = arc(centre, radius, start, end)
    last, centre = _snap(toward(centre, end, radius)), _snap(centre)
    return Path(f"{rim.d}l{_from(last, centre)}z", ((*rim.lines[0], centre, rim.lines[0][0]),))


def blob(controls: list[Point]) -> Path:
    """Return a smooth closed outline held by the controls, as a uniform quadratic B-spline.

    Controls are rounded to whole units: the midpoints are then exact halves, so that SVG's
    shorthand `t`, which mirrors the last control, rebuilds every control without drift.
    """
    controls = [(2 * round(x / 2), 2 * round(y / 2)) for x, y in controls]
    if _area(controls) < 0:  # one direction for all: paths that overlap then leave no hole
        controls.reverse()
    ring = [*controls, controls[0]]
    knots = [between(a, b, 0.5) for a, b in zip(ring, ring[1:], strict=False)]
    knots.append(knots[0])
    d = f"{_move(knots[0])}q{_from(knots[0], ring[1], knots[1])}"
    points = [knots[0]]
    for i, (a, b) in enumerate(zip(knots, knots[1:], strict=False)):
        control = controls[(i + 1) % len(controls)]
        steps = (step / CURVE_STEPS for step in range(1, CURVE_STEPS + 1))
        points += (between(between(a, control, t), between(control, b, t), t) for t in steps)
    return Path(f"{d}t{_steps(knots[1:])}z", (tuple(points),))


def limb(stations: list[Station], *, cut: bool = False) -> Path:
    """Return a soft limb along an axis.

    A station is a point on the axis and the half widths there in units: on the front first
    (to the right of someone who walks up the axis on the page's y-down grid), then the back.
    cut ends the first station square, as at the edge of a page; other ends are round.
    """
    axis = [station[0] for station in stations]
    front, back = [], []
    for i, (place, ahead, behind) in enumerate(stations):
        a, b = axis[max(i - 1, 0)], axis[min(i + 1, len(axis) - 1)]
        length = hypot(b[0] - a[0], b[1] - a[1])
        normal = ((b[1] - a[1]) / length, (a[0] - b[0]) / length)
        front.append((place[0] + normal[0] * ahead, place[1] + normal[1] * ahead))
        back.append((place[0] - normal[0] * behind, place[1] - normal[1] * behind))
    if cut:  # a control given twice is a corner
        front.insert(0, front[0])
        back.insert(0, back[0])
    return blob(front + back[::-1])


def segment(a: Point, b: Point, profile: tuple[tuple[float, float, float], ...]) -> Path:
    """Return a limb from a to b; profile rows are (place, front, back) in parts of its length."""
    length = hypot(b[0] - a[0], b[1] - a[1])
    return limb(
        [(between(a, b, t), ahead * length, behind * length) for t, ahead, behind in profile]
    )


def placed(outline: list[Point], origin: Point, angle: float, scale: float) -> list[Point]:
    """Return outline points (x forward, y up) turned by angle degrees, scaled, and moved."""
    turned = []
    for x, y in outline:
        ahead = toward(origin, angle, x * scale)
        turned.append(toward(ahead, angle + 90, y * scale))
    return turned


def spline(points: list[Point]) -> Path:
    """Return a smooth open line through every point (Catmull-Rom, as cubic curves)."""
    points = [_whole(p) for p in points]
    reach = [points[0], *points, points[-1]]
    d, flat = _move(points[0]), [points[0]]
    for before, a, b, after in zip(reach, reach[1:], reach[2:], reach[3:], strict=False):
        out = _whole((a[0] + (b[0] - before[0]) / 6, a[1] + (b[1] - before[1]) / 6))
        into = _whole((b[0] - (after[0] - a[0]) / 6, b[1] - (after[1] - a[1]) / 6))
        d += f"c{_from(a, out, into, b)}"
        flat += _cubic(a, out, into, b)[1:]
    return Path(d, (tuple(flat),))


def bow(start: Point, out: Point, into: Point, end: Point) -> Path:
    """Return one cubic curve from start to end with its two handles."""
    points = [_whole(p) for p in (start, out, into, end)]
    d = f"{_move(points[0])}c{_from(*points)}"
    return Path(d, (tuple(_cubic(*points)),))


def bounds(items: list[Shape | Pin]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of everything painted, in units of the viewBox."""
    xs, ys = [], []
    for item in items:
        if isinstance(item, Pin):
            reach, points = item.radius + 1, [item.centre]
        else:
            reach = (item.width or 0) / 2
            points = [point for line in item.path.lines for point in line]
        xs += [x + side for x, _ in points for side in (-reach, reach)]
        ys += [y + side for _, y in points for side in (-reach, reach)]
    return min(xs), min(ys), max(xs), max(ys)


def _area(points: list[Point]) -> float:
    ring = zip(points, [*points[1:], points[0]], strict=True)
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in ring) / 2


def _cubic(a: Point, out: Point, into: Point, b: Point) -> list[Point]:
    points = []
    for step in range(2 * CURVE_STEPS + 1):
        t = step / (2 * CURVE_STEPS)
        left, middle, right = between(a, out, t), between(out, into, t), between(into, b, t)
        points.append(between(between(left, middle, t), between(middle, right, t), t))
    return points


def _snap(point: Point) -> Point:
    return (round(point[0], 1), round(point[1], 1))


def _whole(point: Point) -> Point:
    return (round(point[0]), round(point[1]))


def _move(point: Point) -> str:
    return f"M{_join([(0, 0), point])}"


def _steps(points: list[Point]) -> str:
    """Return each point relative to the one before it."""
    return _join([p for pair in zip(points, points[1:], strict=False) for p in pair])


def _from(origin: Point, *points: Point) -> str:
    """Return the points relative to one origin."""
    return _join([p for point in points for p in (origin, point)])


def _join(pairs: list[Point]) -> str:
    """Return differences of (from, to, from, to, …); a minus sign already parts two numbers."""
    numbers = []
    for (x, y), (to_x, to_y) in zip(pairs[::2], pairs[1::2], strict=True):
        numbers += [number(to_x - x), number(to_y - y)]
    return " ".join(numbers).replace(" -", "-")
