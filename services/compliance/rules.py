"""Finds phrases in a text that the colleges' rules (rules.toml) forbid or restrict.

Each rule names its college, source and date. The rules know phrases, not meanings, so a person
still has to read the text. An owner's decision holds for one phrase in one sentence."""

import re
import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path

from services.colleges import College
from services.compliance.sentences import sentence_end

FILE = Path(__file__).with_name("rules.toml")
# An excuse reaches up to the claim, over at most 50 characters without punctuation or a TURN.
EXCUSE = r"\b(?:{})\b(?:(?!\b(?:TURN)\b)[^,.;:!?\n]){{0,50}}$"
SENTENCE_END = sentence_end(".!?")
# Look-alike characters become one; the text keeps its length.
SAME = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2011": "-", "\u2010": "-", "\u2019": "'"})


@dataclass(frozen=True)
class Claim:
    """Patterns that make the same claim."""

    patterns: tuple
    allowed: tuple
    excuse: re.Pattern | None = None

    def spans(self, text, names):
        """Yield (start, end) of each place that makes the claim; `names` is a pattern."""
        matches = sorted(
            (found.span() for one in self.patterns for found in regex(one, names).finditer(text)),
            key=lambda span: (span[0], -span[1]),
        )
        fine = [found.span() for one in self.allowed if matches for found in one.finditer(text)]
        end = -1
        for start, stop in matches:
            if start < end or any(a <= start and stop <= b for a, b in fine):
                continue
            if self.excuse and self.excuse.search(text, max(0, start - 80), start):
                continue
            end = stop
            yield start, stop


@dataclass(frozen=True)
class Rule:
    """A college's rule about a claim: where it is written, what it says, and what to do."""

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
    """A phrase that breaks a rule, where it starts in the text, and its sentence."""

    phrase: str
    rule: Rule
    start: int
    sentence: str


@cache
def regex(pattern, names=""):
    return re.compile(pattern.replace("NAMES", names or "(?!)"), re.IGNORECASE)


def expand(pattern, words):
    """Replace each word in capitals by its alternatives."""
    for word, alternatives in reversed(words.items()):  # which may contain words from further up
        pattern = pattern.replace(word, alternatives)
    return pattern


@cache
def rule_book():
    """Return (version, Claims by name, Rules) of the data file."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    expanded = partial(expand, words=data["words"])
    claims = {
        name: Claim(
            tuple(map(expanded, one["patterns"])),
            tuple(regex(expanded(allowed)) for allowed in one["allowed"]),
            regex(expanded(EXCUSE.format(one["excuse"]))) if "excuse" in one else None,
        )
        for name, one in data["claims"].items()
    }
    rules = tuple(
        Rule(**one | {"unless": tuple(map(regex, one.get("unless", ())))}) for one in data["rules"]
    )
    return data["version"], claims, rules


def version():
    """Return the date of the rules."""
    return rule_book()[0]


def check_text(text, colleges, names=()):
    """Return the Findings of a plain text with one paragraph a line, in order.

    Args:
        colleges: values of College; only their rules count.
        names: of the clinic's practitioners, who may not be called "Dr.".
    """
    rules = rule_book()[2]
    plain = text.translate(SAME)
    people = names_pattern(tuple(names))
    spans = {
        name: spans_in(plain, name, people if name == "doctor" else "")
        for name in {rule.claim for rule in rules if rule.college in colleges}
    }
    findings = [
        Finding(text[start:end].strip(), rule, start, sentence_at(text, start, end))
        for rule in rules
        if rule.college in colleges
        for start, end in spans[rule.claim]
        if not follows(rule, paragraph_at(plain, start))
    ]
    return sorted(findings, key=lambda finding: finding.start)


# The panel checks every text of a form again whenever somebody types in one of them.
@lru_cache(maxsize=2_000)
def spans_in(text, claim, names):
    """Return (start, end) of each place where a text makes the claim of that name."""
    return tuple(rule_book()[1][claim].spans(text, names))


@lru_cache(maxsize=200)
def follows(rule, paragraph):
    """Say whether a paragraph contains everything that a rule asks for beside such a phrase."""
    return bool(rule.unless) and all(one.search(paragraph) for one in rule.unless)


def paragraph_at(text, place):
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : len(text) if end < 0 else end]


def sentence_at(text, start, end):
    """Return the sentence, or sentences, around a part of a text."""
    ends, starts = sentences_in(text)
    return on_one_line(text, starts[bisect_right(starts, start) - 1], ends[bisect_left(ends, end)])


# A long sentence may contain many findings, which then share one string.
@lru_cache(maxsize=200)
def on_one_line(text, start, end):
    return " ".join(text[start:end].split())


@lru_cache(maxsize=200)
def sentences_in(text):
    """Return where the sentences of a text end and start."""
    breaks = [found.span() for found in SENTENCE_END.finditer(text)]
    return [before for before, _ in breaks] + [len(text)], [0] + [after for _, after in breaks]


@cache
def names_pattern(names):
    """Return a regular expression of full, last and first names.

    A first name followed by another last name is somebody else's.
    """
    forms = []
    for name in names:
        words = re.findall(r"[^\W\d_][\w'-]*", re.sub(r"\([^)]*\)", "", name.translate(SAME)))
        if not words:
            continue
        forms.append(r"\s+".join(map(re.escape, words)))
        forms.append(re.escape(words[-1]))
        forms.append(re.escape(words[0]) + r"(?!\s+(?-i:[A-Z]))")
    return "|".join(forms)
