"""What there is to look at in a text: its writing, and what the colleges' rules say of it."""

from collections import Counter
from dataclasses import dataclass

from services.compliance.readability import (
    Suggestion,
    merged,
    on_search_result,
    places,
    suggestions_on,
)
from services.compliance.rules import Finding, check_text
from services.compliance.texts import Text, extract_texts
from services.models import FlaggedPhrase, Practitioner
from services.models.flagged_phrase import key_of


@dataclass(frozen=True)
class Found:
    """What a rule says about a text, and the owner's decision about it, if any."""

    text: Text
    finding: Finding
    decision: FlaggedPhrase | None

    @property
    def stops(self):
        return self.finding.rule.stops and self.decision is None


@dataclass(frozen=True)
class Fault:
    """One claim in the same words, wherever it stands, with what each college says of it."""

    found: list

    @property
    def phrase(self):
        return self.found[0].finding.phrase

    @property
    def decision(self):
        return self.found[0].decision

    @property
    def stops(self):
        return any(one.stops for one in self.found)

    @property
    def rules(self):
        return list(dict.fromkeys(one.finding.rule for one in self.found))

    @property
    def count(self):
        return max(Counter(one.finding.rule for one in self.found).values())

    @property
    def where(self):
        return places(one.text.label for one in self.found)


@dataclass(frozen=True)
class TextChecks:
    """What the panel shows; `result` is (title, address, description) among search results."""

    found: list
    notes: list
    result: tuple | None

    @property
    def stopping(self):
        return [one for one in self.found if one.stops]

    @property
    def faults(self):
        """What is found, each Fault once; what an owner decided stands apart from what is open."""
        alike = {}
        for one in self.found:
            decided = one.decision and (one.decision.by_name, one.decision.reason)
            key = (one.finding.rule.claim, one.finding.phrase.casefold(), decided)
            alike.setdefault(key, []).append(one)
        return [Fault(found) for found in alike.values()]

    @property
    def number(self):
        return len([one for one in self.faults if one.decision is None]) + len(self.notes)


def checks_of(row, parts, practitioners, needs_source=False):
    """Return the TextChecks of a row as it stands in memory.

    Args:
        parts: Passages of what belongs to the row, like its questions.
        practitioners: whose page it is, by query; their colleges' rules count.
        needs_source: whether it is an article that names no source yet.
    """
    texts = [*extract_texts(row), *parts]
    notes = suggestions_on(texts)
    if needs_source:
        way_out = "Name at least one publication it rests on, at the end of this form."
        notes.append(Suggestion("The article names no source.", way_out))
    result = None
    if hasattr(row, "head_title"):
        notes += on_search_result(row.head_title, row.head_description)
        result = (row.head_title, row.url if row.slug else "", row.head_description)
    return TextChecks(found_in(row, texts, practitioners), merged(notes), result)


def found_in(row, texts, practitioners):
    """Return what the colleges' rules say about the texts, as Found."""
    kept = FlaggedPhrase.objects.for_object(row).kept() if row.pk else ()
    decisions = {one.key: one for one in kept}
    colleges = practitioners.colleges()
    names = Practitioner.objects.active().values_list("name", flat=True)
    return [
        Found(one, finding, decisions.get(key_of(one.label, finding)))
        for one in texts
        for finding in check_text(one.words, colleges, names)
    ]
