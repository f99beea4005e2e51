"""The search column of enquiries: names, email addresses and phone numbers, folded.

It holds words between spaces, and a phone number as its digits in E.164, so that any spelling of
the whole number or of a part of it is found by one LIKE, on every database.
"""

import re

from clinic_site.web.folding import fold_for_search

FEWEST_DIGITS = 4  # of a part of a phone number; fewer are a word of their own, like Ana 3
NUMBER = re.compile(
    r"(?<!\S)(?:tel: ?)?([+(]*\d[\d\s().+/,]*)"
    r"(?:[\s,;]*(?:ext(?:ension|n)?|poste|x|p|#)[\s.:=]*(\d+))?(?!\S)"
)
# Typed before a whole number: 00 or 011 before a country, 0 before an area.
PREFIX = re.compile(r"^0(?:11|0)?(?=\d{8})")


def search_text(words, phone):
    """Return the column of an enquiry; `phone` is RFC 3966 text such as tel:+1-905-555-0142."""
    digits, _, extension = re.sub(r"[^\d;]", "", phone).partition(";")
    numbers = [digits, f"{digits}x{extension}", digits + extension] if extension else [digits]
    words = [*fold_for_search(words).split(), *filter(None, numbers)]
    return f" {' '.join(words)} " if words else ""


def search_words(term):
    """Return the texts that the column must contain, all of them, for a term that staff typed."""
    words, term = [], fold_for_search(term)
    for typed, extension in NUMBER.findall(term):
        digits = re.sub(r"\(0\)|\D", "", typed)  # as in +44 (0)20
        if len(digits) < FEWEST_DIGITS:
            words += [f" {group} " for group in re.findall(r"\d+", typed)]
        else:
            words.append(PREFIX.sub("", digits) + (f"x{extension} " if extension else ""))
    words += [word.strip(".,;") or word for word in NUMBER.sub(" ", term).split()]
    return words
