"""Latitude and longitude as people copy them: decimals, degrees and minutes, one or a pair."""

import re
from decimal import Decimal

PLACES = Decimal("0.000001")  # a tenth of a metre
NUMBER = r"\d{1,3}(?:[.,]\d+)?"
COORDINATE = re.compile(
    rf"([-+−–]?)({NUMBER})°?(?:({NUMBER})['′’])?(?:({NUMBER})(?:[\"″”]|''))?([NSEWO]?)",
    re.IGNORECASE,
)
INSIDE = re.compile(r"(?<=[-+−–°'′’])\s+(?=\d)|\s+(?=[°'′’\"″”]|[NSEWO]\b)", re.IGNORECASE)
# A comma between two numbers separates them, unless it may be a decimal one.
BETWEEN = re.compile(r"\s*[;,]\s*|\s+")
BETWEEN_WITH_COMMAS = re.compile(r"\s*;\s*|,\s+|,(?=[-+−–])|\s+")


def read_coordinates(text):
    """Return the numbers in a text, south and west negative, rounded to six decimals.

    Raises:
        ValueError: something in it is not a latitude or a longitude.
    """
    text = INSIDE.sub("", text.strip(" \t,;()"))
    parts = (BETWEEN if "." in text else BETWEEN_WITH_COMMAS).split(text)
    return list(map(read_one, parts))


def read_one(text):
    match = COORDINATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    sign, *parts, side = match.groups()
    degrees, minutes, seconds = (Decimal((part or "0").replace(",", ".")) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    is_negative = sign not in ("", "+") or side.upper() in ("S", "W", "O")
    return (-value if is_negative else value).quantize(PLACES)
