"""Where a sentence ends in plain text: not after "Dr.", "e.g.", "No. 5" or an initial."""

import re

# "I" is more often a word than an initial, and "No." is an answer unless a number follows. A Python
# lookbehind needs a fixed width, so each abbreviation has its own.
SHORT = (
    *("Dr", "Mr", "Mrs", "Ms", "Prof", "St", "[A-HJ-Z]"),
    *(r"(?i:e\.g)", r"(?i:i\.e)", "(?i:vs)"),
)
NOT_SHORT = "".join(rf"(?<!\b{one}\.)" for one in SHORT) + r"(?<!\b(?i:no)\.(?=\s*\d))"


def sentence_end(signs):
    """Return a pattern of sentence ends: white space after one of `signs`, or a new line."""
    return re.compile(rf"(?<=[{signs}]){NOT_SHORT}[”’\")]*\s+|\n")
