"""What there is to look at in a text: its writing, and what the colleges' rules say of it."""

from dataclasses import dataclass

from clinic_site.passages import Passage, passages_of
from clinic_site.writing import Note, notes_on, on_search_result
from services.college_rules import Finding, check_text
from services.models import FlaggedPhrase, Practitioner
from services.models.flagged_phrase import key_of


@dataclass(frozen=True)
class Found:
    """What a rule says about a passage, and the owner's decision about it, if any."""

    passage: Passage
    finding: Finding
    decision: FlaggedPhrase | None

    @property
    def stops(self):
        return self.finding.rule.stops and self.decision is None


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
    def number(self):
        return len([one for one in self.found if one.decision is None]) + len(self.notes)


def checks_of(row, parts, practitioners, needs_source=False):
    """Return the TextChecks of a row as it stands in memory.

    Args:
        parts: Passages of what belongs to the row, like its questions.
        practitioners: whose page it is, by query; their colleges' rules count.
        needs_source: whether it is an article that names no source yet.
    """
    passages = [*passages_of(row), *parts]
    notes = notes_on(passages)
    if needs_source:
        way_out = "Name at least one publication it rests on, at the end of this form."
        notes.append(Note("The article names no source.", way_out))
    result = None
    if hasattr(row, "head_title"):
        notes += on_search_result(row.head_title, row.head_description)
        result = (row.head_title, row.url if row.slug else "", row.head_description)
    return TextChecks(found_in(row, passages, practitioners), notes, result)


def found_in(row, passages, practitioners):
    """Return what the colleges' rules say about the passages, as Found."""
    kept = FlaggedPhrase.objects.of(row).kept() if row.pk else ()
    decisions = {one.key: one for one in kept}
    colleges = practitioners.colleges()
    names = Practitioner.objects.active().values_list("name", flat=True)
    return [
        Found(one, finding, decisions.get(key_of(one.label, finding)))
        for one in passages
        for finding in check_text(one.words, colleges, names)
    ]
