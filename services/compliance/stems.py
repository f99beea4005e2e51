"""Searches a long text for hundreds of regular expressions, in linear time.

A search for fixed letters is fast, so each pattern is tried only near the letters (stems) that it
cannot do without."""

import re
from functools import cache
from itertools import pairwise

BLOCK = 200  # characters; a match starts in a block and ends at most two blocks later

GROUP = re.compile(r"\(\?(?:[a-z-]*:|<?[=!])|\(")
TIMES = re.compile(r"(?:[?*+]|\{\d+(?:,\d*)?\})\??")
CLASS = re.compile(r"\[\^?.[^\]]*\]|\\[wWsSdDbB]|[.^$]")
LETTER = re.compile(r"\\(.)|(.)", re.DOTALL)


def stems_of(pattern):
    """Return sets of stems: a text, in lower case, that matches contains one stem of each set.

    It knows the syntax that rules.toml uses: no back references, no `]` or bracket inside a class.
    """
    return tuple(stems_from(pattern.replace(r"\x27", "'"), 0)[0])


def stems_from(pattern, place):
    """Return the sets of stems up to the end of a group, and where it ends."""
    branches, needed, run = [], [], ""
    while place < len(pattern) and pattern[place] != ")":
        letter, inner = "", []
        if pattern[place] == "|":
            branches.append([*needed, *kept(run)])
            needed, run, place = [], "", place + 1
            continue
        if pattern[place] == "(":
            group = GROUP.match(pattern, place)
            inner, place = stems_from(pattern, group.end())
            inner, place = [] if group[0][-1] in "=!" else inner, place + 1
        elif found := CLASS.match(pattern, place):
            place = found.end()
        else:
            found = LETTER.match(pattern, place)
            letter, place = (found[1] or found[2]).lower(), found.end()
        times = TIMES.match(pattern, place)
        place = times.end() if times else place
        is_needed = not times or not times[0].startswith(("?", "*", "{0"))
        if letter and is_needed:
            run += letter
        if not letter or times:
            needed += [*kept(run), *(inner if is_needed else ())]
            run = ""
    branches.append([*needed, *kept(run)])
    if len(branches) == 1:
        return branches[0], place
    if not all(branches):
        return [], place
    rarest = [max(branch, key=lambda stems: min(map(len, stems))) for branch in branches]
    return [frozenset().union(*rarest)], place


def kept(run):
    """Return a set of one stem, unless it is one letter, which is in most texts."""
    is_rare = len(run.strip()) > 1 or (run.strip() and not run.strip().isalnum())
    return [frozenset({run})] if is_rare else []


class StemIndex:
    """A text, which of the stems it contains, and in which of its blocks each stands."""

    def __init__(self, text, stems):
        self.text, self.lower = text, text.lower()
        self.stems = {stem for stem in stems if stem in self.lower}
        self.found = {}

    def blocks_with(self, stem):
        """Return the blocks in which a match with this stem may start."""
        if stem not in self.found:
            blocks, place = set(), self.lower.find(stem)
            while place >= 0:
                block = place // BLOCK
                blocks |= {block - 2, block - 1, block}
                place = self.lower.find(stem, max(place + 1, (block + 1) * BLOCK - len(stem)))
            self.found[stem] = blocks
        return self.found[stem]

    def blocks_of(self, start, end):
        """Return the blocks of a part of the text."""
        return set(range(start // BLOCK, end // BLOCK + 1))

    def blocks_near(self, spans):
        """Return the blocks in which a phrase around one of these (start, end) may start."""
        return {max(0, start // BLOCK - step) for start, _ in spans for step in range(3)}

    def matches(self, pattern, names, blocks):
        """Yield (start, end) of each match of a pattern that starts in one of the blocks."""
        needed = [stems & self.stems for stems in cached_stems(pattern)]
        if not all(needed):
            return
        for stems in needed:
            blocks = blocks & set().union(*map(self.blocks_with, stems))
        if not blocks:
            return
        searched = regex(pattern, names if "NAMES" in pattern else "")
        for first, last in runs(sorted(blocks)):
            end = (last + 1) * BLOCK
            for found in searched.finditer(self.text, first * BLOCK, end + 2 * BLOCK):
                if found.start() >= end:
                    break
                yield found.span()


def runs(numbers):
    """Yield (first, last) of each run of consecutive numbers."""
    breaks = [(a, b) for a, b in pairwise(numbers) if b > a + 1]
    yield from zip(
        [numbers[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), numbers[-1]], strict=True
    )


@cache
def regex(pattern, names=""):
    return re.compile(pattern.replace("NAMES", names or "(?!)"), re.IGNORECASE)


@cache
def cached_stems(pattern):
    """Return the stems of a pattern; NAMES are not known yet."""
    return stems_of(pattern.replace("NAMES", r"\w"))
