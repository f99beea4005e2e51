"""The comparison of two versions: every word is in it, and it never takes long."""

import random
from time import process_time

import pytest

from clinic_site.history.changes import pieces

EQUAL = "the same line\n" * 20_000
PAIRS = {
    "equal lines": (EQUAL, EQUAL + "one more\n"),
    "one line more among equal ones": (EQUAL, EQUAL[:140_000] + "one more\n" + EQUAL[140_000:]),
    "a few lines again and again": [
        "".join(f"{number % length} a\n" for number in range(20_000)) for length in (7, 5)
    ],
    "all lines differ": [
        "".join(f"{number} {word}\n" for number in range(20_000)) for word in "ab"
    ],
    "one long line": ("a " * 50_000, "a b " * 25_000),
    "every other line differs": [
        "".join(f"a\n{word}{number}\n" for number in range(2_000)) for word in "bc"
    ],
    "many changed paragraphs": [
        "".join(f"{line}\n{' '.join(draw('abcdefgh', k=400))}\n" for line in range(80))
        for draw in (random.Random(1).choices, random.Random(2).choices)
    ],
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_comparing_two_versions_never_takes_long(pair):
    start = process_time()
    diff = pieces(*pair)
    assert process_time() - start < 3  # a tenth of it on an idle machine
    assert {kind for kind, _ in diff} & {"added", "removed"}


def test_nothing_is_left_out_of_a_comparison():
    old = "".join(f"line {number}\n" for number in range(40))
    new = old.replace("line 7\n", "line seven\nand more\n").replace("line 30\n", "")
    diff = pieces(old, new)
    assert ("added", "seven\nand more\n") in diff
    assert ("removed", "line 30\n") in diff
    assert [words for kind, words in diff if kind == "omitted"] == ["…"] * 3
    for before, after in (("", "a\n"), ("a\n", ""), ("a\nb\n", "b\n"), ("a a a\n", "a a\n")):
        diff = pieces(before, after)
        assert "".join(words for kind, words in diff if kind != "added") == before
        assert "".join(words for kind, words in diff if kind != "removed") == after
