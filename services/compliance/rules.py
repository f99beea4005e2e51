"""The colleges' rules about words for patients: finds in a text what they forbid or bind."""

import re
import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path

from services.colleges import College
from services.compliance.sentences import sentence_end

FILE = Path(__file__).with_name("rules.toml")
# How far an excuse reaches: up to the claim, over a few words, and no stop or turn between.
IN_THE_SAME_BREATH = r"\b(?:{})\b(?:(?!\b(?:TURN)\b)[^,.;:!?\n]){{0,50}}$"
SENTENCE_END = sentence_end(".!?")
# Signs that look alike become one, each the length of what it stands for.
ALIKE = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2011": "-", "\u2010": "-", "\u2019": "'"})


@dataclass(frozen=True)
class Claim:
    """A way of saying something."""

    patterns: tuple
    allowed: tuple
    excuse: re.Pattern | None = None

    def spans(self, text, names):
        """Yield (start, end) of each place where a text says it, the longest reading of each.

        Args:
            names: a regular expression of people's names.
        """
        said = sorted(
            (found.span() for one in self.patterns for found in regex(one, names).finditer(text)),
            key=lambda span: (span[0], -span[1]),
        )
        fine = [found.span() for one in self.allowed if said for found in one.finditer(text)]
        end = -1
        for start, stop in said:
            if start < end or any(a <= start and stop <= b for a, b in fine):
                continue
            if self.excuse and self.excuse.search(text, max(0, start - 80), start):
                continue
            end = stop
            yield start, stop


@dataclass(frozen=True)
class Rule:
    """One rule of one college, where it is written, and what to do about a text that meets it."""

    id: str
    claim: str
    college: str
    severity: str
    source: str
    date: str
    words: str
    way_out: str
    unless: tuple = ()

    @property
    def stops(self):
        return self.severity == "stops"

    @property
    def college_name(self):
        return College(self.college).label


@dataclass(frozen=True)
class Finding:
    """A phrase, the Rule about it, where in the text it starts, and the sentence round it."""

    phrase: str
    rule: Rule
    start: int
    sentence: str


@cache
def regex(pattern, names=""):
    return re.compile(pattern.replace("NAMES", names or "(?!)"), re.IGNORECASE)


def spelled_out(pattern, words):
    """Return a pattern in which each word in capitals gives way to all its readings."""
    for word, readings in reversed(words.items()):  # a reading may hold words from further up
        pattern = pattern.replace(word, readings)
    return pattern


@cache
def rule_book():
    """Return (version, Claims by name, Rules) of the data file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    written = partial(spelled_out, words=data["words"])
    claims = {
        name: Claim(
            tuple(map(written, one["patterns"])),
            tuple(regex(written(allowed)) for allowed in one["allowed"]),
            regex(written(IN_THE_SAME_BREATH.format(one["excuse"]))) if "excuse" in one else None,
        )
        for name, one in data["claims"].items()
    }
    rules = tuple(
        Rule(**one | {"unless": tuple(map(regex, one.get("unless", ())))}) for one in data["rules"]
    )
    return data["version"], claims, rules


def version():
    """Return the day of the rules as they stand in the data file."""
    return rule_book()[0]


def check_text(text, colleges, names=()):
    """Return the Findings of a plain text with one paragraph a line, in its order.

    Args:
        colleges: whose rules count, as values of College.
        names: the clinic's practitioners, before whom no "Dr." may stand.
    """
    rules = rule_book()[2]
    plain = text.translate(ALIKE)
    people = names_pattern(tuple(names))
    said = {
        name: spans_in(plain, name, people if name == "doctor" else "")
        for name in {rule.claim for rule in rules if rule.college in colleges}
    }
    findings = [
        Finding(text[start:end].strip(), rule, start, sentence_at(text, start, end))
        for rule in rules
        if rule.college in colleges
        for start, end in said[rule.claim]
        if not is_kept(rule, paragraph_at(plain, start))
    ]
    return sorted(findings, key=lambda finding: finding.start)


# A text is looked at again with each key typed elsewhere in the form, and with each save.
@lru_cache(maxsize=2_000)
def spans_in(text, claim, names):
    """Return where a text makes the claim of that name, as (start, end)."""
    return tuple(rule_book()[1][claim].spans(text, names))


@lru_cache(maxsize=200)
def is_kept(rule, paragraph):
    """Say whether a paragraph has all that a rule asks to stand beside such a phrase."""
    return bool(rule.unless) and all(one.search(paragraph) for one in rule.unless)


def paragraph_at(text, place):
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : len(text) if end < 0 else end]


def sentence_at(text, start, end):
    """Return the sentence round a part of a text, or the sentences that it runs through."""
    ends, starts = sentences_in(text)
    return on_one_line(text, starts[bisect_right(starts, start) - 1], ends[bisect_left(ends, end)])


# A sentence may be long, and say many things.
@lru_cache(maxsize=200)
def on_one_line(text, start, end):
    return " ".join(text[start:end].split())


@lru_cache(maxsize=200)
def sentences_in(text):
    """Return where the sentences of a text end, and where they start."""
    breaks = [found.span() for found in SENTENCE_END.finditer(text)]
    return [before for before, _ in breaks] + [len(text)], [0] + [after for _, after in breaks]


@cache
def names_pattern(names):
    """Return a regular expression of how people may be called: in full, by last or first name.

    A first name with another last name is somebody else's.
    """
    called = []
    for name in names:
        words = re.findall(r"[^\W\d_][\w'-]*", re.sub(r"\([^)]*\)", "", name.translate(ALIKE)))
        if not words:
            continue
        called.append(r"\s+".join(map(re.escape, words)))
        called.append(re.escape(words[-1]))
        called.append(re.escape(words[0]) + r"(?!\s+(?-i:[A-Z]))")
    return "|".join(called)
