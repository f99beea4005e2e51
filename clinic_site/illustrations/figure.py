"""The motion study: one person in six phases, from a deep squat to standing and reaching up."""

from clinic_site.illustrations import body
from clinic_site.illustrations.geometry import (
    Path,
    Pin,
    Point,
    Shape,
    arc,
    between,
    limb,
    polyline,
    spline,
    toward,
)
from clinic_site.illustrations.goniometer import ticks

SIZE = (1440, 880)  # twice the units of the joint plates: outlines snap to even units
STATURE = 636
GROUND = 824
FIRST, STEP = 148, 210  # the first ankle, and the way to the next, in units

# Parts of the stature, chosen to look right.
ANKLE, SHIN, THIGH, TRUNK, NECK = 0.039, 0.246, 0.245, 0.288, 0.095
UPPER_ARM, FOREARM_AND_HAND, FOOT, HEAD = 0.186, 0.234, 0.125, 0.122

# Degrees, 90 is up, 0 is ahead: shin, thigh, trunk, neck, look, upper arm, forearm.
PHASES = (
    (55, 190, 46, 52, -12, -74, -62),
    (60, 172, 48, 56, -8, -82, -46),
    (67, 148, 55, 64, -3, -104, -26),
    (76, 122, 68, 74, 2, -98, 38),
    (84, 102, 83, 82, 6, -36, 78),
    (89, 91, 93, 96, 20, 40, 62),
)
FADE = (0.13, 0.2, 0.3, 0.42, 0.6, 1)


def hero_shapes() -> list[Shape | Pin]:
    """Return the motion study: figures, joint paths, and the arc that may sweep once."""
    hips, shoulders, items = [], [], [_ground()]
    for i, (angles, opacity) in enumerate(zip(PHASES, FADE, strict=True)):
        outline, hip, shoulder = _figure((FIRST + STEP * i, GROUND - ANKLE * STATURE), angles)
        items.append(Shape(outline, opacity=opacity))
        hips.append(hip)
        shoulders.append(shoulder)
    items += [
        ticks(shoulders[-1], 206, -74, 26, every=5, length=12),
        Shape(
            arc(shoulders[-1], 192, -74, 26),
            width=8,
            role="accent",
            path_length=1,
            sweeps=True,
        ),
    ]
    for joints in (hips, shoulders):
        items.append(Shape(spline(joints), width=6, role="accent", dash=(0.1, 16)))
        items += [Pin(joint, 10) for joint in joints]
    return items


def _ground() -> Shape:
    return Shape(polyline([(40, GROUND + 6), (SIZE[0] - 40, GROUND + 6)]), width=4, opacity=0.35)


def _figure(ankle: Point, angles: tuple[float, ...]) -> tuple[Path, Point, Point]:
    """Return the outline of one phase, its hip and its shoulder, from the ankle up."""
    shin, thigh, trunk, neck, look, upper, fore = angles
    knee = toward(ankle, shin, SHIN * STATURE)
    hip = toward(knee, thigh, THIGH * STATURE)
    shoulder = toward(hip, trunk, TRUNK * STATURE)
    nape = toward(shoulder, neck, NECK * STATURE)
    elbow = toward(shoulder, upper, UPPER_ARM * STATURE)
    fingers = toward(elbow, fore, FOREARM_AND_HAND * STATURE)
    outline = (
        body.foot(ankle, 0, FOOT * STATURE)
        + body.leg(hip, knee, ankle)
        + _trunk(hip, shoulder, nape, thigh)
        + body.head(skull(nape, look), look, HEAD * STATURE)
        + body.arm(shoulder, elbow, fingers)
    )
    return outline, hip, shoulder


def skull(nape: Point, look: float) -> Point:
    """Return the middle of the head, which rests above and ahead of the nape."""
    return toward(nape, look + 62, 0.044 * STATURE)


def _trunk(hip: Point, shoulder: Point, nape: Point, thigh: float) -> Path:
    """Return pelvis, waist, chest and neck along a spine that follows the thigh a little."""
    waist = toward(between(hip, shoulder, 0.4), thigh, 0.012 * STATURE)
    seat = between(hip, shoulder, -0.16)
    rows = (
        (between(shoulder, nape, 1.1), 0.027, 0.03),
        (between(shoulder, nape, 0.4), 0.028, 0.038),
        (between(hip, shoulder, 1.08), 0.054, 0.056),
        (between(hip, shoulder, 0.74), 0.078, 0.068),
        (waist, 0.06, 0.046),
        (between(hip, shoulder, 0.08), 0.056, 0.078),
        (seat, 0.038, 0.056),
    )
    return limb([(point, ahead * STATURE, behind * STATURE) for point, ahead, behind in rows])
