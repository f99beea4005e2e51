"""The model: outlines of the parts of a body, in parts of their own length."""

from clinic_site.illustrations.geometry import Path, Point, blob, placed, segment

# Rows are (place along the limb, half width in front, half width behind).
THIGH = ((-0.14, 0.14, 0.17), (0.2, 0.215, 0.225), (0.68, 0.16, 0.14), (1.1, 0.11, 0.12))
SHIN = ((-0.1, 0.115, 0.115), (0.22, 0.1, 0.19), (0.52, 0.085, 0.13), (1.04, 0.07, 0.075))
UPPER_ARM = ((-0.2, 0.17, 0.17), (0.34, 0.185, 0.175), (1.12, 0.095, 0.1))
FOREARM_AND_HAND = ((-0.09, 0.085, 0.085), (0.2, 0.115, 0.11), (0.65, 0.05, 0.055),
                    (0.82, 0.085, 0.088), (1.13, 0.026, 0.03))  # fmt: skip

# Outlines as (forward, up) from the joint they hang on.
HEAD = ((-0.46, 0.02), (-0.42, 0.5), (0.04, 0.63), (0.42, 0.44), (0.44, -0.08), (0.25, -0.56),
        (-0.16, -0.5))  # fmt: skip
FOOT = ((-0.32, -0.02), (-0.34, -0.3), (0.1, -0.27), (0.86, -0.31), (1.02, -0.2),
        (0.62, 0), (0.14, 0.3), (-0.18, 0.3))  # fmt: skip


def head(centre: Point, tilt: float, height: float) -> Path:
    """Return a head without a face; tilt in degrees (0 looks right), height in units."""
    return blob(placed(HEAD, centre, tilt, height))


def foot(ankle: Point, turn: float, length: float) -> Path:
    """Return a foot seen from the side; turn in degrees (0 flat, toes to the right)."""
    return blob(placed(FOOT, ankle, turn, length))


def leg(hip: Point, knee: Point, ankle: Point) -> Path:
    """Return thigh and shin as one outline, for a body that faces right."""
    return segment(hip, knee, THIGH) + segment(knee, ankle, SHIN)


def arm(shoulder: Point, elbow: Point, fingers: Point) -> Path:
    """Return upper arm, forearm and hand as one outline."""
    return segment(shoulder, elbow, UPPER_ARM) + segment(elbow, fingers, FOREARM_AND_HAND)
