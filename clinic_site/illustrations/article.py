"""Plates for articles without a photo: abstract studies of arcs and limbs, drawn from the slug."""

from collections.abc import Iterator
from hashlib import sha256

from clinic_site.illustrations.geometry import (
    Pin,
    Point,
    Shape,
    arc,
    bow,
    polyline,
    segment,
    spline,
    toward,
)
from clinic_site.illustrations.goniometer import goniometer, reached, ticks

SIZE = (500, 300)

ROD = ((-0.08, 0.1, 0.1), (0.3, 0.095, 0.095), (1.04, 0.055, 0.055))

Numbers = Iterator[float]


def article_shapes(slug: str) -> list[Shape | Pin]:
    """Return the plate of an article, on a viewBox of SIZE units; the same for the same slug."""
    digest = sha256(slug.encode()).digest()
    study = STUDIES[digest[0] % len(STUDIES)]
    return study(byte / 255 for byte in digest[1:])


def _fan(numbers: Numbers) -> list[Shape | Pin]:
    """One limb swings across a protractor."""
    pivot = (170 + 160 * next(numbers), 226 + 14 * next(numbers))
    radius = 148 + 14 * next(numbers)
    first, last = 4 + 26 * next(numbers), 150 + 26 * next(numbers)
    now = 95 + 45 * next(numbers)
    if next(numbers) < 0.5:
        first, last, now = 180 - first, 180 - last, 180 - now
    swing = [first + (now - first) * i / 5 for i in range(6)]
    limbs = [segment(pivot, toward(pivot, angle, radius - 12), ROD) for angle in swing]
    fade = (0.1, 0.14, 0.2, 0.27, 0.36, 1)
    return [
        *goniometer(pivot, radius, first, last, major=15),
        *(Shape(path, opacity=opacity) for path, opacity in zip(limbs, fade, strict=True)),
        reached(pivot, radius, first, now),
        Pin(pivot, 10),
    ]


def _rings(numbers: Numbers) -> list[Shape | Pin]:
    """A little further every week: each arc reaches beyond the one inside it."""
    middle = (190 + 120 * next(numbers), 150)
    start = 360 * next(numbers)
    turn = 1 if next(numbers) < 0.5 else -1
    angle, items = 30 + 40 * next(numbers), [ticks(middle, 130, 0, 355, every=5, length=8)]
    for i in range(5):
        angle += 20 + 34 * next(numbers)
        radius, end = 38 + 19 * i, start + turn * angle
        items.append(Shape(arc(middle, radius, start, start + turn * 340), width=2, opacity=0.25))
        role = "accent" if i == 4 else "ink"
        opacity = 1 if i == 4 else 0.3 + 0.17 * i
        items.append(Shape(arc(middle, radius, start, end), 9, opacity, role))
        items.append(Pin(toward(middle, end, radius), 8))
    return items


def _chain(numbers: Numbers) -> list[Shape | Pin]:
    """Three limbs in a row fold; where they were stays faintly behind."""
    items, rims = [], []
    fold = 5 * round(5 + 4 * next(numbers))
    turn = 1 if next(numbers) < 0.5 else -1
    base = (70 + 30 * next(numbers), 150 + turn * 1.1 * fold)
    lengths = [112 + 20 * next(numbers) for _ in range(3)]
    for opacity, part in ((0.14, 0.2), (0.28, 0.6), (1, 1)):
        joints = [base]
        for side, length in zip((turn, -turn, turn), lengths, strict=True):
            joints.append(toward(joints[-1], side * part * fold, length))
        limbs = [segment(a, b, ROD) for a, b in zip(joints, joints[1:], strict=False)]
        items += [Shape(path, opacity=opacity) for path in limbs]
    for joint, side in zip(joints[1:3], (-turn, turn), strict=True):
        middle, half = 90 * side, 90 - fold
        rims += goniometer(joint, 76, middle - half, middle + half, major=10)
    return [*rims, *items, *(Pin(joint, 9) for joint in joints)]


def _columns(numbers: Numbers) -> list[Shape | Pin]:
    """Columns of vertebrae lean over one after the other."""
    base = (110 + 50 * next(numbers), 268)
    lean, items = 44 + 22 * next(numbers), []
    radius, mirrored = 246, next(numbers) < 0.5
    hollow = 8 + 16 * next(numbers)

    def seen(point: Point) -> Point:
        return (SIZE[0] - point[0], point[1]) if mirrored else point

    for i, opacity in enumerate((0.14, 0.22, 0.34, 1)):
        bend = lean * i / 3
        end = toward(base, 88 - bend, 214)
        handles = (toward(base, 88 - hollow, 84), toward(end, 256 - bend * 1.7, 76))
        path = bow(seen(base), *(seen(handle) for handle in handles), seen(end))
        items.append(Shape(path, width=24, opacity=opacity, dash=(9, 4)))
    first, last, now = (92, 170, 92 + lean) if mirrored else (88, 10, 88 - lean)
    return [
        *goniometer(seen(base), radius, first, last, major=26),
        *items,
        reached(seen(base), radius, first, now),
        Pin(seen(base), 10),
    ]


def _gait(numbers: Numbers) -> list[Shape | Pin]:
    """A leg through seven moments of a step, its joints joined by dots."""
    ground, knees, hips, items = 268, [], [], []
    swing, bend = 14 + 12 * next(numbers), 18 + 22 * next(numbers)
    turn = 1 if next(numbers) < 0.5 else -1
    high = 88 + 14 * next(numbers)
    for i in range(7):
        part = i / 3 - 1
        hip = (112 + 46 * i, 58 + 10 * part * part)
        knee = toward(hip, -90 + turn * (12 - swing * part), high)
        ankle = toward(knee, -90 - turn * (swing * part + bend * (1 - abs(part))), 94)
        opacity = (0.12, 0.18, 0.24, 0.32, 0.42, 0.55, 1)[i if turn > 0 else 6 - i]
        limbs = segment(hip, knee, ROD) + segment(knee, ankle, ROD)
        items.append(Shape(limbs, opacity=opacity))
        hips.append(hip)
        knees.append(knee)
    paths = [
        Shape(spline(points), width=3, role="accent", dash=(0.1, 9)) for points in (hips, knees)
    ]
    floor = Shape(polyline([(28, ground), (472, ground)]), width=2, opacity=0.35)
    return [floor, *items, *paths, *(Pin(point, 6) for point in hips + knees)]


def _pair(numbers: Numbers) -> list[Shape | Pin]:
    """Two protractors face each other, and their limbs almost meet."""
    items, limbs, arcs = [], [], []
    y, radius = 140 + 20 * next(numbers), 100 + 10 * next(numbers)
    for x, heading in ((116 + 16 * next(numbers), 30), (366 + 16 * next(numbers), 210)):
        pivot, heading = (x, y), heading + 110 * next(numbers) - 55
        now = heading - 40 + 90 * next(numbers)
        items += goniometer(pivot, radius, heading - 70, heading + 70, major=20)
        for back, opacity in ((54, 0.14), (28, 0.28), (0, 1)):
            path = segment(pivot, toward(pivot, now - back, radius - 12), ROD)
            limbs.append(Shape(path, opacity=opacity))
        arcs += [reached(pivot, radius, heading - 70, now), Pin(pivot, 10)]
    return [*items, *limbs, *arcs]


STUDIES = (_fan, _rings, _chain, _columns, _gait, _pair)
