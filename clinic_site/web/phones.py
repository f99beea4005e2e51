"""Phone numbers as people here write them."""

import re

import phonenumbers
from django.conf import settings
from phonenumber_field.phonenumber import to_python

from clinic_site.web.folding import without_invisible

LONGEST = 100  # letters of a text in which a number is looked for
# What the library does not read, and what it reads instead: a letter against a digit, the words
# for an extension in Canadian French, and the prefix with which most of the world dials abroad.
SPELLINGS = (
    (re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"), " "),
    (re.compile(r"\b(?:poste|local)\b\.?", re.IGNORECASE), "ext."),
    (re.compile(r"(?<![\d+])00(?=[\s1-9])\s*"), "+"),
)
# A number of North America with other signs in it, or with more digits after it, as in
# 905 555 0142 9 am to 5 pm.
TEN_DIGITS = re.compile(r"(?<!\d)(?:\+?1[\W_]{0,3})?\d{3}[\W_]{0,3}\d{3}[\W_]{0,3}\d{4}(?!\d)")


def phone_text(phone):
    """Return a PhoneNumber, or its text in RFC 3966, like 905-555-0142 ext. 5."""
    if not phone:
        return ""
    text = phone if isinstance(phone, str) else phone.as_rfc3966
    return text.removeprefix("tel:").removeprefix("+1-").replace(";ext=", " ext. ")


def find_phone(text):
    """Return the first number in a text as a PhoneNumber, and the text if it says more than that.

    Without a number that can be called, the first is "". Without other words, the second is "".
    """
    line = without_invisible(text[:LONGEST])
    for pattern, spelling in SPELLINGS:
        line = pattern.sub(spelling, line)
    region = settings.PHONENUMBER_DEFAULT_REGION
    found = next(iter(phonenumbers.PhoneNumberMatcher(line, region)), None)
    if found:
        number, start, end = found.number, found.start, found.end
    elif ten := TEN_DIGITS.search(line):
        # With +1: by itself, 011 2108910 would be a call abroad, which parse() refuses.
        number = phonenumbers.parse("+1" + re.sub(r"\D", "", ten[0])[-10:])
        start, end = ten.span()
    else:
        return "", text
    if not phonenumbers.is_valid_number(number):
        return "", text
    has_more = any(letter.isalnum() for letter in line[:start] + line[end:])
    return to_python(number), text if has_more else ""
