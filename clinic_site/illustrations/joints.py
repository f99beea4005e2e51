"""Eight goniometer plates: each joint, and the range it can truly move."""

from clinic_site.illustrations.geometry import Pin, Shape
from clinic_site.illustrations.lower_body import ankle, hip, knee, spine
from clinic_site.illustrations.upper_body import elbow, neck, shoulder, wrist

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

PLATES = {
    "shoulder": shoulder,
    "elbow": elbow,
    "wrist": wrist,
    "neck": neck,
    "spine": spine,
    "hip": hip,
    "knee": knee,
    "ankle": ankle,
}


def joint_shapes(joint: str) -> list[Shape | Pin]:
    """Return the plate of one joint, on a viewBox of SIZE units.

    Raises KeyError if joint is none of RANGES.
    """
    return PLATES[joint]()
