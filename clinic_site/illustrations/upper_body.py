"""The plates of the upper body: shoulder, elbow, wrist and neck."""

from clinic_site.illustrations.geometry import Path, Pin, Shape, blob, limb, placed, segment, toward
from clinic_site.illustrations.goniometer import goniometer, reached
from clinic_site.illustrations.plate import plate

# Rows are (place along the limb, half width in front, half width behind).
STRAIGHT_ARM = ((-0.1, 0.12, 0.12), (0.22, 0.12, 0.12), (0.7, 0.055, 0.055), (0.84, 0.09, 0.09),
                (1.05, 0.035, 0.035))  # fmt: skip

# Outlines as (forward, up) from the joint, in parts of the length.
FLAT_HAND = ((-0.14, 0.14), (0.4, 0.17), (1.04, 0.09), (1.02, -0.05), (0.6, -0.06),
             (0.36, -0.14), (-0.14, -0.14))  # fmt: skip
THUMB = ((0.1, 0.05), (0.62, -0.17), (0.6, -0.27), (0.1, -0.16))
HEAD_FROM_BEHIND = ((0.58, 0.24), (0, 0.48), (-0.6, 0.26), (-0.6, -0.26), (0, -0.48),
                    (0.58, -0.24))  # fmt: skip
HEAD_FROM_ABOVE = ((-0.56, 0), (-0.5, 0.22), (-0.3, 0.38), (-0.05, 0.42), (0.2, 0.36),
                   (0.38, 0.24), (0.47, 0.11), (0.64, 0.05), (0.64, -0.05), (0.47, -0.11),
                   (0.38, -0.24), (0.2, -0.36), (-0.05, -0.42), (-0.3, -0.38),
                   (-0.5, -0.22))  # fmt: skip
EAR = ((-0.2, 0.36), (0.0, 0.38), (0.02, 0.5), (-0.12, 0.53), (-0.2, 0.48))


def shoulder() -> list[Shape | Pin]:
    pivot, middle, now = (236, 150), 198, 128

    def arm(degree: float) -> Path:
        return segment(pivot, toward(pivot, degree - 90, 118), STRAIGHT_ARM)

    rows = ((300, 34), (220, 24), (180, 36), (146, 44), (132, 8))
    trunk = limb([((middle, y), width, width) for y, width in rows], cut=True)
    head = blob(placed(HEAD_FROM_BEHIND, (middle, 117), 90, 38))
    other = segment((160, 148), (152, 264), STRAIGHT_ARM)
    return plate(
        goniometer(pivot, 128, -90, 90),
        trunk + head + other,
        [arm(degree) for degree in (12, 50, 88)],
        arm(now),
        reached(pivot, 128, -90, now - 90),
        pivot,
    )


def elbow() -> list[Shape | Pin]:
    pivot, radius, now = (262, 214), 168, 104
    upper_arm = limb(
        [((0, 214), 30, 33), ((110, 213), 32, 30), ((204, 214), 22, 22), ((288, 214), 21, 23)],
        cut=True,
    )

    def forearm(degree: float) -> Path:
        return segment(pivot, toward(pivot, degree, 150), STRAIGHT_ARM)

    return plate(
        goniometer(pivot, radius, 0, 150),
        upper_arm,
        [forearm(degree) for degree in (0, 34, 68)],
        forearm(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def wrist() -> list[Shape | Pin]:
    pivot, radius, now = (246, 150), 134, 42
    forearm = limb(
        [((0, 150), 40, 40), ((120, 150), 34, 38), ((212, 150), 17, 19), ((266, 150), 18, 18)],
        cut=True,
    )

    def hand(degree: float) -> Path:
        thumb = blob(placed(THUMB, pivot, degree, 124))
        return blob(placed(FLAT_HAND, pivot, degree, 124)) + thumb

    return plate(
        goniometer(pivot, radius, -80, 80, major=20),
        forearm,
        [hand(degree) for degree in (-66, -30, 6)],
        hand(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def neck() -> list[Shape | Pin]:
    pivot, radius, now = (250, 196), 152, 48
    shoulders = blob(
        [(86, 214), (110, 166), (250, 174), (390, 166), (414, 214), (380, 268), (250, 240),
         (120, 268)]
    )  # fmt: skip

    def head(degree: float) -> Path:
        return blob(placed(HEAD_FROM_ABOVE, pivot, 90 - degree, 122))

    ears = [placed([(x, y * side) for x, y in EAR], pivot, 90 - now, 122) for side in (1, -1)]
    return plate(
        goniometer(pivot, radius, 170, 10, major=20),
        shoulders,
        [head(degree) for degree in (-56, -4)],
        head(now) + blob(ears[0]) + blob(ears[1]),
        reached(pivot, radius, 90, 90 - now),
        pivot,
    )
