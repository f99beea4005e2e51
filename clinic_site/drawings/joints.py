"""Eight goniometer plates: each joint, its limbs, and the range it can truly move."""

from math import atan2, degrees

from . import body
from .geometry import Path, Pin, Point, Shape, blob, bow, limb, placed, segment, toward
from .goniometer import goniometer, reached

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

STILL = 0.5  # opacity of the part that is held still
FADE = (0.12, 0.2, 0.3)  # opacity of the earlier positions

# Rows are (place along the limb, half width in front, half width behind).
STRAIGHT_ARM = ((-0.1, 0.12, 0.12), (0.22, 0.12, 0.12), (0.7, 0.055, 0.055), (0.84, 0.09, 0.09),
                (1.05, 0.035, 0.035))  # fmt: skip
STRAIGHT_LEG = ((-0.06, 0.07, 0.08), (0.12, 0.105, 0.105), (0.5, 0.052, 0.055),
                (0.62, 0.048, 0.09), (1.02, 0.032, 0.034))  # fmt: skip

# Outlines as (forward, up) from the joint, in parts of the length.
LONG_FOOT = ((-0.24, 0.1), (-0.35, -0.16), (-0.2, -0.31), (0.24, -0.19), (0.5, -0.3),
             (1.06, -0.3), (0.98, -0.14), (0.5, 0.05), (0.19, 0.32), (-0.18, 0.34))  # fmt: skip
FLAT_HAND = ((-0.14, 0.14), (0.4, 0.17), (1.04, 0.09), (1.02, -0.05), (0.6, -0.06),
             (0.36, -0.14), (-0.14, -0.14))  # fmt: skip
THUMB = ((0.1, 0.05), (0.62, -0.17), (0.6, -0.27), (0.1, -0.16))
HEAD_FROM_BEHIND = ((0.58, 0.24), (0, 0.48), (-0.6, 0.26), (-0.6, -0.26), (0, -0.48),
                    (0.58, -0.24))  # fmt: skip
HEAD_FROM_ABOVE = ((-0.58, 0.24), (-0.58, -0.24), (-0.1, -0.48), (0.4, -0.38), (0.48, -0.1),
                   (0.62, -0.05), (0.62, 0.05), (0.48, 0.1), (0.4, 0.38),
                   (-0.1, 0.48))  # fmt: skip
EAR = ((-0.2, 0.38), (0.08, 0.34), (0.1, 0.5), (-0.2, 0.58))


def joint_shapes(joint: str) -> list[Shape | Pin]:
    """Return the plate of one joint, on a viewBox of SIZE units.

    Raises KeyError if joint is none of RANGES.
    """
    return PLATES[joint]()


def _plate(
    scale: list[Shape], still: Path, earlier: list[Path], solid: Path, way: Shape, pivot: Point
) -> list[Shape | Pin]:
    """Return the layers in painting order: scale, held part, past, present, arc, pivot."""
    ghosts = [Shape(path, opacity=FADE[-len(earlier) + i]) for i, path in enumerate(earlier)]
    return [*scale, Shape(still, opacity=STILL), *ghosts, Shape(solid), way, Pin(pivot, 9)]


def _shoulder() -> list[Shape | Pin]:
    pivot, middle, now = (236, 150), 198, 128

    def arm(degree: float) -> Path:
        return segment(pivot, toward(pivot, degree - 90, 118), STRAIGHT_ARM)

    rows = ((300, 34), (220, 24), (180, 36), (146, 44), (132, 8))
    trunk = limb([((middle, y), width, width) for y, width in rows], cut=True)
    head = blob(placed(HEAD_FROM_BEHIND, (middle, 117), 90, 38))
    other = segment((160, 148), (152, 264), STRAIGHT_ARM)
    return _plate(
        goniometer(pivot, 128, -90, 90),
        trunk + head + other,
        [arm(degree) for degree in (12, 50, 88)],
        arm(now),
        reached(pivot, 128, -90, now - 90),
        pivot,
    )


def _elbow() -> list[Shape | Pin]:
    pivot, radius, now = (262, 214), 168, 104
    upper_arm = limb(
        [
            ((0, 214), 36, 38),
            ((100, 213), 38, 34),
            ((200, 214), 24, 24),
            ((288, 214), 22, 24),
        ],
        cut=True,
    )

    def forearm(degree: float) -> Path:
        return segment(pivot, toward(pivot, degree, 150), STRAIGHT_ARM)

    return _plate(
        goniometer(pivot, radius, 0, 150),
        upper_arm,
        [forearm(degree) for degree in (0, 34, 68)],
        forearm(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def _wrist() -> list[Shape | Pin]:
    pivot, radius, now = (246, 150), 134, 42
    forearm = limb(
        [
            ((0, 150), 40, 40),
            ((120, 150), 34, 38),
            ((212, 150), 17, 19),
            ((266, 150), 18, 18),
        ],
        cut=True,
    )

    def hand(degree: float) -> Path:
        thumb = blob(placed(THUMB, pivot, degree, 124))
        return blob(placed(FLAT_HAND, pivot, degree, 124)) + thumb

    return _plate(
        goniometer(pivot, radius, -80, 80, major=20),
        forearm,
        [hand(degree) for degree in (-66, -30, 6)],
        hand(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def _neck() -> list[Shape | Pin]:
    pivot, radius, now = (250, 196), 152, 48
    shoulders = blob(
        [(86, 214), (110, 166), (250, 174), (390, 166), (414, 214), (380, 268), (250, 240),
         (120, 268)]
    )  # fmt: skip

    def head(degree: float) -> Path:
        return blob(placed(HEAD_FROM_ABOVE, pivot, 90 - degree, 122))

    ears = [placed([(x, y * side) for x, y in EAR], pivot, 90 - now, 122) for side in (1, -1)]
    return _plate(
        goniometer(pivot, radius, 170, 10, major=20),
        shoulders,
        [head(degree) for degree in (-56, -4)],
        head(now) + blob(ears[0]) + blob(ears[1]),
        reached(pivot, radius, 90, 90 - now),
        pivot,
    )


def _spine() -> list[Shape | Pin]:
    pivot, radius, now = (150, 262), 226, 88
    pelvis = blob([(108, 240), (128, 222), (176, 226), (192, 250), (170, 290), (126, 288)])
    sacrum = (150, 238)

    def top(bend: float) -> Point:
        return toward(sacrum, 93 - bend * 0.52, 156 - bend * 0.08)

    def column(bend: float, width: float, opacity: float = 1) -> Shape:
        """Vertebrae are dashes of one curve, hollow at the loins and round at the chest."""
        end = top(bend)
        path = bow(
            sacrum, toward(sacrum, 62, 54), toward(end, 250 - bend * 1.1, 56 - bend * 0.1), end
        )
        return Shape(path, width=width, dash=(7, 3), opacity=opacity)

    def skull(bend: float, opacity: float = 1) -> Shape:
        neck = toward(top(bend), 70 - bend, 20)
        return Shape(body.head(neck, -bend * 0.9, 48), opacity=opacity)

    turned = degrees(atan2(pivot[1] - top(now)[1], top(now)[0] - pivot[0]))
    return [
        *goniometer(pivot, radius, 90, 10, major=20),
        column(0, 20, 0.16),
        column(44, 20, 0.3),
        column(now, 22),
        Shape(pelvis, opacity=STILL),
        skull(0, 0.16),
        skull(44, 0.3),
        skull(now),
        reached(pivot, radius, 90, turned),
        Pin(pivot, 9),
    ]


def _hip() -> list[Shape | Pin]:
    pivot, radius, now = (232, 220), 146, 80
    trunk = limb(
        [
            ((78, 222), 13, 13),
            ((108, 222), 14, 14),
            ((130, 220), 34, 28),
            ((204, 220), 26, 22),
            ((248, 220), 26, 34),
        ]
    )
    head = body.head((58, 220), 90, 56)

    def leg(degree: float) -> Path:
        knee = toward(pivot, degree, 104)
        shin = degree * -0.06
        ankle = toward(knee, shin, 104)
        return body.leg(pivot, knee, ankle) + body.foot(ankle, shin + 78, 52)

    heel = toward(pivot, 0, 208)
    straight = segment(pivot, heel, STRAIGHT_LEG) + body.foot(heel, 78, 52)

    return _plate(
        goniometer(pivot, radius, 0, 120),
        trunk + head,
        [straight, segment(pivot, toward(pivot, 39, 110), body.THIGH)],
        leg(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def _knee() -> list[Shape | Pin]:
    pivot, radius, now = (246, 92), 164, 88
    thigh = limb(
        [
            ((0, 88), 52, 50),
            ((120, 88), 42, 44),
            ((216, 92), 27, 25),
            ((274, 92), 25, 27),
        ],
        cut=True,
    )

    def shin(degree: float) -> Path:
        ankle = toward(pivot, -degree, 128)
        return segment(pivot, ankle, body.SHIN) + body.foot(ankle, 90 - degree, 66)

    return _plate(
        goniometer(pivot, radius, 0, -135, major=45),
        thigh,
        [shin(degree) for degree in (0, 44)],
        shin(now),
        reached(pivot, radius, 0, -now),
        pivot,
    )


def _ankle() -> list[Shape | Pin]:
    pivot, radius, now = (190, 112), 196, -12
    shin = limb(
        [
            ((190, 0), 28, 46),
            ((190, 66), 23, 27),
            ((190, 136), 25, 27),
        ],
        cut=True,
    )

    def foot(degree: float) -> Path:
        return blob(placed(LONG_FOOT, pivot, -degree, 176))

    return _plate(
        goniometer(pivot, radius, 20, -50, major=10),
        shin,
        [foot(degree) for degree in (44, 24, 4)],
        foot(now),
        reached(pivot, radius, 0, -now),
        pivot,
    )


PLATES = {
    "shoulder": _shoulder,
    "elbow": _elbow,
    "wrist": _wrist,
    "neck": _neck,
    "spine": _spine,
    "hip": _hip,
    "knee": _knee,
    "ankle": _ankle,
}
