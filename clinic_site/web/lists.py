"""Fields that hold a list as text."""

import re

# Commas of any script, line ends, and "and" between the last two; nothing in parentheses.
LANGUAGE_END = re.compile(
    r"(?:[,;、，；،·•|/\n]|(?:^|\s)(?:and|et|&|\+)(?=\s|$))(?![^()]*\))", re.IGNORECASE
)
AROUND = " \t\r.\u200b\ufeff"


def split_names(text):
    """Return the names in a comma-separated text, without the empty ones."""
    return [name.strip() for name in text.split(",") if name.strip()]


def split_languages(text):
    """Return the languages in a text, each once, whatever stands between them."""
    names = (" ".join(name.strip(AROUND).split()) for name in LANGUAGE_END.split(text))
    return list({name.casefold(): name for name in names if name}.values())
