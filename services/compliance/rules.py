"""Finds phrases in a text that the colleges' rules (rules.toml) forbid or restrict.

Each rule names its college, source and date. The rules know phrases, not meanings, so a person
still has to read the text. An owner's decision holds for one phrase in one sentence."""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate, chain
from pathlib import Path

from services.colleges import College
from services.compliance.letters import fold
from services.compliance.sentences import sentence_end
from services.compliance.stems import StemIndex, cached_stems, regex

FILE = Path(__file__).with_name("rules.toml")
# A denial reaches up to the claim, over at most 50 characters without punctuation or a TURN. "No"
# and "without" deny the words beside them, and nothing that somebody does: "without pills we cure".
EXCUSE = (
    r"\b(?:{})(?:\b|(?<=\x27))(?:(?!\b(?:TURN)\b)[^,.;:!?\n]){{0,50}}$"
    r"|\b(?:NOTHING)\b(?: (?!(?:WE)\b)[\w\x27-]+){{0,6}} ?\x22?$"
    r"|\b(?:OTHERS)\b(?:(?!\b(?:TURN|we|us|nous|notre|nos)\b)[^,.;:!?\n]){{0,60}}$"
)
ASKS = r"(?:{})\b[^,.;:!?\n]{{0,90}}$"
SENTENCE_END = sentence_end(".!?")
REST_OF_QUESTION = re.compile(r"[^.?!\n]{0,200}\?[\"»)']*(?:\s+|$)")
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Claim:
    """Patterns that make the same claim, in one language.

    `excuse` stands before a claim, `after` behind it, `asks` in front of a question, `no` and
    `yes` after one.
    """

    language: str
    patterns: tuple
    allowed: tuple
    excuse: re.Pattern | None
    asks: re.Pattern | None
    after: re.Pattern
    no: re.Pattern
    yes: re.Pattern

    def spans(self, text, names, blocks):
        """Yield (start, end) of each place that makes the claim.

        Args:
            text: a StemIndex.
            names: a pattern of people's names.
            blocks: of the text, in the claim's language.
        """
        matches = sorted(
            (span for one in self.patterns for span in text.matches(one, names, blocks)),
            key=lambda span: (span[0], -span[1]),
        )
        if not matches:
            return
        near = text.blocks_near(matches)
        fine = sorted(span for one in self.allowed for span in text.matches(one, names, near))
        starts, ends = [start for start, _ in fine], list(accumulate((e for _, e in fine), max))
        end = -1
        for start, stop in matches:
            before = bisect_right(starts, start)
            is_fine = before and ends[before - 1] >= stop
            if start < end or is_fine or self.is_excused(text.text, start, stop):
                continue
            end = stop
            yield start, stop

    def is_excused(self, text, start, stop):
        """Say whether a denial stands beside the claim, or a question without a Yes contains it."""
        if self.excuse and (
            self.excuse.search(text, max(0, start - 80), start) or self.after.match(text, stop)
        ):
            return True
        question = REST_OF_QUESTION.match(text, stop)
        if question and self.no.match(text, question.end()):
            return True
        if not question or self.yes.match(text, question.end()) or not self.asks:
            return False
        return bool(self.asks.search(text, max(0, start - 80), stop))


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


def expand(pattern, words):
    """Replace each word in capitals by its alternatives."""
    for word, alternatives in reversed(words.items()):  # which may contain words from further up
        pattern = pattern.replace(word, alternatives)
    return pattern


@cache
def rule_data():
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def rule_book():
    """Return (version, Claims by name, Rules) of the data file."""
    data = rule_data()
    expanded = partial(expand, words=data["words"])
    claims = {}
    after = regex(data["afterwards"])
    no, yes = (regex(expanded(rf"(?:{word})\b")) for word in ("NO_ANSWER", "YES_ANSWER"))
    for language in ("english", "french"):
        for name, one in data.get(language, {}).items():
            claim = Claim(
                language,
                tuple(map(expanded, one["patterns"])),
                tuple(map(expanded, one.get("allowed", ()))),
                regex(expanded(EXCUSE.format(one["excuse"]))) if "excuse" in one else None,
                regex(expanded(ASKS.format(one["asks"]))) if "asks" in one else None,
                after,
                no,
                yes,
            )
            claims.setdefault(name, []).append(claim)
    rules = tuple(
        Rule(**one | {"unless": tuple(regex(expanded(each)) for each in one.get("unless", ()))})
        for one in data["rules"]
    )
    return data["version"], claims, rules


@cache
def all_stems():
    """Return the stems of all patterns."""
    claims = chain.from_iterable(rule_book()[1].values())
    patterns = chain.from_iterable((*claim.patterns, *claim.allowed) for claim in claims)
    return frozenset().union(*chain.from_iterable(map(cached_stems, patterns)))


def version():
    """Return the date of the rules."""
    return rule_book()[0]


def check_text(text, colleges, names=()):
    """Return the Findings of a plain text with one paragraph a line, in order.

    Args:
        colleges: values of College; only their rules count.
        names: of the clinic's practitioners, who may not be called "Dr.".
    """
    rules = [rule for rule in rule_book()[2] if rule.college in colleges]
    folded, places = fold(text)
    spans = spans_in(folded, names_pattern(tuple(names)))
    findings = []
    for rule in rules:
        for start, stop, paragraph in spans[rule.claim]:
            if not follows(rule, paragraph):
                # A match may end with the line end that spans_in() adds.
                start, end = places[start], places[min(stop, len(places)) - 1] + 1
                phrase = text[start:end].strip()
                findings.append(Finding(phrase, rule, start, sentence_at(text, start, end)))
    return sorted(findings, key=lambda finding: finding.start)


@cache
def joins():
    """Return a pattern of line ends between a quote and a name, or a question and its answer."""
    return regex(expand(rule_data()["joins"], rule_data()["words"]))


# The panel checks every text of a form again whenever somebody types in one of them.
@lru_cache(maxsize=100)
def spans_in(folded, names):
    """Return {claim: [(start, end, its paragraph)]} of the places where a folded text makes it."""
    text = joins().sub(lambda found: found[0].replace("\n", " "), folded) + "\n"
    index = StemIndex(text, all_stems())
    paragraphs, blocks = {}, dict.fromkeys(("english", "french", "other"), 0)
    begin = 0
    for line in text.split("\n"):
        if line:
            paragraphs[begin] = line, languages_of(line)
            for language in paragraphs[begin][1]:
                blocks[language] |= index.blocks_of(begin, begin + len(line))
        begin += len(line) + 1
    begins = list(paragraphs)
    spans = {}
    for name, claims in rule_book()[1].items():
        found = set()
        for claim in claims:
            for start, end in claim.spans(index, names, blocks[claim.language]):
                line, languages = paragraphs[begins[bisect_right(begins, start) - 1]]
                if claim.language in languages:
                    found.add((start, end, line))
        spans[name] = sorted(found)
    return spans


@cache
def function_words():
    return {word: name for name, some in rule_data()["languages"].items() for word in some.split()}


def languages_of(paragraph):
    """Return whose patterns a folded paragraph needs: "english", "french", or "other" for none."""
    words = WORD.findall(paragraph.lower())
    count = Counter(map(function_words().get, words))
    letters = sum(map(len, words))
    latin = sum(len(word) for word in words if word.isascii())
    english, french = count["english"], count["french"]
    found = {"english"} if english >= french or english > 3 else set()
    found |= {"french"} if french >= english or french > 3 else set()
    is_foreign = count["other"] > max(2, 1.5 * (english + french))
    return found | ({"other"} if is_foreign or letters - latin > max(7, latin) else set())


def unchecked_in(text):
    """Return the paragraphs of a text in a language whose words the rules do not know."""
    return [one for one in text.split("\n") if "other" in languages_of(fold(one)[0])]


@lru_cache(maxsize=200)
def follows(rule, paragraph):
    """Say whether a paragraph says everything that a rule asks for beside such a phrase."""
    return bool(rule.unless) and all(one.search(paragraph) for one in rule.unless)


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
        words = re.findall(r"[^\W\d_][\w'-]*", re.sub(r"\([^)]*\)", "", fold(name)[0]))
        if not words:
            continue
        forms.append(r"\s+".join(map(re.escape, words)))
        forms.append(re.escape(words[-1]))
        forms.append(re.escape(words[0]) + r"(?!\s+(?-i:[A-Z]))")
    return "|".join(forms)
