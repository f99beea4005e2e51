"""The changes between two snapshots of an object, described for staff."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.text import capfirst

from clinic_site.history.snapshot import changed_names, recorded_fields
from clinic_site.history.words import in_words, part_in_words

WORD = re.compile(r"\S+\s*|\s+")
# Comparing takes as many steps as one text has words, times the words of the other; a larger change
# is shown as a whole.
MOST_COMPARED = 250_000
STEPS = {"draft": "Changed back to a draft", "published": "Published", "archived": "Archived"}


@dataclass
class Change:
    """One field, or one kind of parts, that differs.

    `pieces` are (kind, text) pairs. The kind is "same", "added", "removed", "omitted" (a long
    unchanged passage) or "look" (same words, other formatting).
    """

    name: str
    label: str
    pieces: list


def changed_labels(model, before, after, part_names):
    """Return {name: label} of the fields and parts that differ between two snapshots, in order."""
    fields = (*recorded_fields(model), *model._meta.many_to_many)
    labels = {field.name: capfirst(field.verbose_name) for field in fields} | part_names
    changed = changed_names(before, after)
    return {name: label for name, label in labels.items() if name in changed}


def summary(model, before, after, part_names):
    """Return short descriptions of what changed between two snapshots, publishing steps first.

    Args:
        before: None if there is no earlier version.
        part_names: the form's name for each kind of parts.
    """
    if before is None:
        return ["First saved version"]
    labels = changed_labels(model, before, after, part_names)
    steps = {name: step for name in labels if (step := step_of(name, after[name]))}
    return [*steps.values(), *(label for name, label in labels.items() if name not in steps)]


def step_of(name, value):
    """Return what a new value of a field does to the object as a whole, or None."""
    if name == "trashed_at":
        return "Moved to the bin" if value else "Restored from the bin"
    return STEPS.get(value) if name == "status" else None


def changes(model, before, after, part_names):
    """Return the Changes between two snapshots."""
    return [
        Change(name, label, pieces(*texts_of(model, name, before, after)))
        for name, label in changed_labels(model, before, after, part_names).items()
    ]


def texts_of(model, name, *states):
    """Return what snapshots have for a field or for a kind of parts, in words."""
    field, values = model._meta.get_field(name), [state[name] for state in states]
    model = field.related_model
    if field.one_to_many:
        return ["\n\n".join(part_in_words(model, part) for part in parts) for parts in values]
    if not field.is_relation:
        return [in_words(field, field.to_python(value)) for value in values]
    keys = [value if isinstance(value, list) else [value] for value in values]
    names = {None: ""} | model._base_manager.in_bulk({key for one in keys for key in one})
    return [
        "\n".join(sorted(str(names.get(key, "(deleted since)")) for key in one)) for one in keys
    ]


def pieces(before, after):
    """Return the diff of two texts: by line, and by word within changed lines."""
    if before == after:
        return [("look", "The words are the same. Only the formatting changed.")]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    diff = []
    steps = opcodes(old, new)
    for step in steps:
        act, i1, i2, j1, j2 = step
        if act == "equal":
            diff += shortened(old[i1:i2], step == steps[0], step == steps[-1])
        else:
            diff += by_words("".join(old[i1:i2]), "".join(new[j1:j2]))
    return diff


def opcodes(old, new):
    """Return what difflib's get_opcodes() does, in a bounded time."""
    length = min(len(old), len(new))
    start = next((i for i in range(length) if old[i] != new[i]), length)
    end = next((i for i in range(length - start) if old[-1 - i] != new[-1 - i]), length - start)
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    steps = [("equal", 0, start, 0, start)] if start else []
    if len(before) * len(after) <= MOST_COMPARED:
        found = SequenceMatcher(None, before, after).get_opcodes()
    else:
        found = [("replace", 0, len(before), 0, len(after))]
    steps += [(act, *(place + start for place in places)) for act, *places in found]
    if end:
        steps.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return steps


def by_words(before, after):
    old, new = WORD.findall(before), WORD.findall(after)
    diff = []
    for act, i1, i2, j1, j2 in opcodes(old, new):
        if act == "equal":
            diff.append(("same", "".join(old[i1:i2])))
            continue
        parts = ("removed", "".join(old[i1:i2])), ("added", "".join(new[j1:j2]))
        diff += [(kind, words) for kind, words in parts if words]
    return diff


def shortened(lines, is_first, is_last):
    """Return unchanged lines; of a long passage, only those next to a change."""
    if len(lines) <= 3:
        return [("same", "".join(lines))]
    above = [] if is_first else [("same", lines[0])]
    below = [] if is_last else [("same", lines[-1])]
    return [*above, ("omitted", "…"), *below]
