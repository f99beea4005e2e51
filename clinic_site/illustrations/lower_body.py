"""The plates of the lower body: spine, hip, knee and ankle."""

from math import atan2, degrees

from clinic_site.illustrations import body
from clinic_site.illustrations.geometry import (
    Path,
    Pin,
    Point,
    Shape,
    blob,
    bow,
    limb,
    placed,
    segment,
    toward,
)
from clinic_site.illustrations.goniometer import goniometer, reached
from clinic_site.illustrations.plate import STILL, plate

# Rows are (place along the limb, half width in front, half width behind).
STRAIGHT_LEG = ((-0.06, 0.07, 0.08), (0.12, 0.105, 0.105), (0.5, 0.052, 0.055),
                (0.62, 0.048, 0.09), (1.02, 0.032, 0.034))  # fmt: skip

# Outlines as (forward, up) from the joint, in parts of the length.
LONG_FOOT = ((-0.24, 0.1), (-0.35, -0.16), (-0.2, -0.31), (0.24, -0.19), (0.5, -0.3),
             (1.06, -0.3), (0.98, -0.14), (0.5, 0.05), (0.19, 0.32), (-0.18, 0.34))  # fmt: skip


def spine() -> list[Shape | Pin]:
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


def hip() -> list[Shape | Pin]:
    pivot, radius, now = (232, 220), 146, 80
    rows = ((78, 13, 13), (108, 14, 14), (130, 34, 28), (204, 26, 22), (248, 26, 34))
    trunk = limb([((x, 221), front, back) for x, front, back in rows])
    head = body.head((58, 220), 90, 56)

    def leg(degree: float) -> Path:
        knee = toward(pivot, degree, 104)
        shin = degree * -0.06
        ankle = toward(knee, shin, 104)
        return body.leg(pivot, knee, ankle) + body.foot(ankle, shin + 78, 52)

    heel = toward(pivot, 0, 208)
    straight = segment(pivot, heel, STRAIGHT_LEG) + body.foot(heel, 78, 52)

    return plate(
        goniometer(pivot, radius, 0, 120),
        trunk + head,
        [straight, segment(pivot, toward(pivot, 39, 110), body.THIGH)],
        leg(now),
        reached(pivot, radius, 0, now),
        pivot,
    )


def knee() -> list[Shape | Pin]:
    pivot, radius, now = (246, 92), 164, 88
    thigh = limb(
        [((0, 88), 46, 43), ((120, 88), 37, 38), ((216, 92), 25, 24), ((274, 92), 24, 26)],
        cut=True,
    )

    def shin(degree: float) -> Path:
        ankle = toward(pivot, -degree, 128)
        return segment(pivot, ankle, body.SHIN) + body.foot(ankle, 90 - degree, 66)

    return plate(
        goniometer(pivot, radius, 0, -135, major=45),
        thigh,
        [shin(degree) for degree in (0, 44)],
        shin(now),
        reached(pivot, radius, 0, -now),
        pivot,
    )


def ankle() -> list[Shape | Pin]:
    pivot, radius, now = (190, 112), 196, -12
    shin = limb([((190, 0), 28, 46), ((190, 66), 23, 27), ((190, 136), 25, 27)], cut=True)

    def foot(degree: float) -> Path:
        return blob(placed(LONG_FOOT, pivot, -degree, 176))

    return plate(
        goniometer(pivot, radius, 20, -50, major=10),
        shin,
        [foot(degree) for degree in (44, 24, 4)],
        foot(now),
        reached(pivot, radius, 0, -now),
        pivot,
    )
