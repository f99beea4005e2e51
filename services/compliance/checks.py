"""Checks of a text: its readability, and the colleges' rules."""

from collections import Counter
from dataclasses import dataclass

from django.utils.text import Truncator

from services.compliance.readability import (
    Suggestion,
    merged,
    on_search_result,
    places,
    suggestions_on,
)
from services.compliance.rules import Finding, check_text, unchecked_in
from services.compliance.texts import Text, extract_texts
from services.models import FlaggedPhrase, Practitioner
from services.models.flagged_phrase import key_of


@dataclass(frozen=True)
class Found:
    """A finding in a text, and the owner's decision about it, if any."""

    text: Text
    finding: Finding
    decision: FlaggedPhrase | None

    @property
    def stops(self):
        return self.finding.rule.stops and self.decision is None


@dataclass(frozen=True)
class Fault:
    """A phrase, all the places where it was found, and the rules about it."""

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
    """What the panel shows; `result` is (title, URL, description) of a search result.

    `unchecked` are Suggestions about parts in a language whose words the rules do not know.
    """

    found: list
    unchecked: list
    notes: list
    result: tuple | None

    @property
    def stopping(self):
        return [one for one in self.found if one.stops]

    @property
    def faults(self):
        """Each Fault once; a phrase that an owner decided on is apart from open ones."""
        groups = {}
        for one in self.found:
            decided = one.decision and (one.decision.by_name, one.decision.reason)
            key = (one.finding.rule.claim, one.finding.phrase.casefold(), decided)
            groups.setdefault(key, []).append(one)
        return [Fault(found) for found in groups.values()]

    @property
    def number(self):
        open_faults = [one for one in self.faults if one.decision is None]
        return len(open_faults) + len(self.unchecked) + len(self.notes)


def checks_of(obj, parts, practitioners, needs_source=False):
    """Return the TextChecks of an object as it is in memory.

    Args:
        parts: Texts of its parts, for example a service's questions.
        practitioners: a queryset; the rules of their colleges count.
        needs_source: whether it is an article without a source.
    """
    texts = [*extract_texts(obj), *parts]
    notes = suggestions_on(texts)
    if needs_source:
        way_out = "Add at least one publication at the end of this form."
        notes.append(Suggestion("The article has no sources.", way_out))
    result = None
    if hasattr(obj, "head_title"):
        notes += on_search_result(obj.head_title, obj.head_description)
        result = (obj.head_title, obj.url if obj.slug else "", obj.head_description)
    approved = FlaggedPhrase.objects.for_object(obj).approved() if obj.pk else ()
    decisions = {one.key: one for one in approved}
    colleges = practitioners.colleges()
    names = Practitioner.objects.active().values_list("name", flat=True)
    found = [
        Found(text, finding, decisions.get(key_of(text.label, finding)))
        for text in texts
        for finding in check_text(text.words, colleges, names)
    ]
    return TextChecks(found, list(unchecked_parts(texts)), merged(notes), result)


def unchecked_parts(texts):
    """Yield a Suggestion for each text that is partly in a language the rules do not know."""
    for text in texts:
        if parts := unchecked_in(text.words):
            yield Suggestion(
                f"Not checked: “{Truncator(parts[0]).words(8)}” The rules know English and French.",
                "Ask somebody who reads this language to compare it with the rules.",
                text.label,
                len(parts),
            )
