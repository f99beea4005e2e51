"""Searches a long text for hundreds of regular expressions, in linear time.

A search for fixed letters is fast, so each pattern is tried only near the letters (stems) that it
cannot do without."""

import re
from bisect import bisect_right
from functools import cache, reduce
from operator import or_

from services.compliance.sentences import sentence_end

FEW = 100  # blocks, in which a search costs less than to look for more stems
LONGEST = 400  # characters of a block; most sentences are one
REACH = 500  # characters from the start of a match to a stem in it, at most
SENTENCE_END = sentence_end(".!?")
# What matches more than one sentence: a sign that ends one, a quotation mark (it may stand behind
# that sign), or all characters but other signs.
CROSSING = re.compile(r"\\[.?!]|\"|\[\^(?![^\]]*\.!\?)|\[[^\]^]*[.?!]|\\b[Dd]r|\(\?<=|\(\?=")

GROUP = re.compile(r"\(\?(?:[a-z-]*:|<?[=!])|\(")
TIMES = re.compile(r"(?:[?*+]|\{\d+(?:,\d*)?\})\??")
CLASS = re.compile(r"\[\^?.[^\]]*\]|\\[wWsSdDbB]|[.^$]")
ONES = re.compile("1+")
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


@cache
def parts_of(stem):
    """Return the parts of five letters of a stem, which are looked up faster than the stem."""
    return tuple(stem[at : at + 5] for at in range(len(stem) - 4))


def kept(run):
    """Return a set of one stem, unless it is one letter, which is in most texts."""
    is_rare = len(run.strip()) > 1 or (run.strip() and not run.strip().isalnum())
    return [frozenset({run})] if is_rare else []


class StemIndex:
    """A text in blocks, its sentences, which stems it contains, and in which blocks they stand."""

    def __init__(self, text, stems):
        self.text, self.lower = text, text.lower()
        parts = {self.lower[at : at + 5] for at in range(len(text))}
        self.stems = {
            stem for stem in stems if parts.issuperset(parts_of(stem)) and stem in self.lower
        }
        self.starts, self.first = [], []  # of each block, and the number of its sentence's first
        begin = 0
        for end in (*(found.end() for found in SENTENCE_END.finditer(text)), len(text)):
            first = len(self.starts)
            for start in range(begin, max(end, begin + 1), LONGEST):
                self.starts.append(start)
                self.first.append(first)
            begin = end
        self.starts.append(len(text))
        self.first.append(len(self.starts) - 1)
        self.found = {}

    def block_at(self, place):
        return bisect_right(self.starts, place) - 1

    def blocks_of(self, start, end):
        """Return the blocks of a part of the text, as a number with a bit for each."""
        return bits(self.block_at(start), min(self.block_at(end), len(self.starts) - 2))

    def blocks_near(self, spans):
        """Return the blocks in which a phrase around one of these (start, end) may start."""
        blocks = 0
        for last in {self.block_at(start) for start, _ in spans}:
            blocks |= bits(self.block_at(max(0, self.starts[last] - REACH)), last)
        return blocks

    def blocks_with(self, stem, crosses):
        """Return the blocks in which a match with this stem may start."""
        if stem not in self.found:
            within, across, place = 0, 0, self.lower.find(stem)
            while place >= 0:
                block = self.block_at(place)
                first = self.block_at(max(0, place - REACH))
                within |= bits(max(first, self.first[block]), block)
                across |= bits(first, block)
                place = self.lower.find(stem, max(place + 1, self.starts[block + 1] - len(stem)))
            self.found[stem] = within, across
        return self.found[stem][crosses]

    def matches(self, pattern, names, blocks):
        """Yield (start, end) of each match of a pattern that starts in one of the blocks."""
        needed = [stems & self.stems for stems in cached_stems(pattern)]
        if not all(needed):
            return
        crosses = bool(CROSSING.search(pattern))
        for stems in sorted(needed, key=len):
            blocks &= reduce(or_, (self.blocks_with(stem, crosses) for stem in stems))
            if blocks.bit_count() < FEW:
                break
        searched = regex(pattern, names if "NAMES" in pattern else "") if blocks else None
        for run in ONES.finditer(f"{blocks:b}"[::-1]):
            first, last = run.start(), run.end() - 1
            end = self.starts[last + 1]
            is_within = crosses or self.first[last + 1] <= last
            for found in searched.finditer(
                self.text, self.starts[first], end + REACH if is_within else end
            ):
                if found.start() >= end:
                    break
                yield found.span()


def bits(first, last):
    """Return a number whose bits from `first` to `last` are set."""
    return (1 << last + 1) - (1 << first)


@cache
def regex(pattern, names=""):
    return re.compile(pattern.replace("NAMES", names or "(?!)"), re.IGNORECASE)


@cache
def cached_stems(pattern):
    """Return the stems of a pattern; NAMES are not known yet."""
    return stems_of(pattern.replace("NAMES", r"\w"))
