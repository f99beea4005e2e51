"""The changes between two snapshots of an object, described for staff."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.text import capfirst

from clinic_site.history.snapshot import changed_names, recorded_fields
from clinic_site.history.words import in_words, part_in_words

VANISHED = "(deleted since)"
WORD = re.compile(r"\S+\s*|\s+")
STEPS = {
    ("status", "draft"): "Changed back to a draft",
    ("status", "published"): "Published",
    ("status", "archived"): "Archived",
}


@dataclass
class Change:
    """One field, or one kind of parts, that differs.

    `pieces` are (kind, text) pairs. The kind is "same", "added",
    "removed", "omitted" (a long unchanged passage) or "look" (same words, other formatting).
    """

    name: str
    label: str
    pieces: list


def summary(model, before, after, part_names):
    """Return short descriptions of what changed between two snapshots, publishing steps first.

    Args:
        before: None if there is no earlier version.
        part_names: the form's name for each kind of parts.
    """
    if before is None:
        return ["First saved version"]
    changed, steps, labels = changed_names(before, after), [], []
    for field in (*recorded_fields(model), *model._meta.many_to_many):
        if field.name not in changed:
            continue
        value = after[field.name]
        step = STEPS.get((field.name, value)) if isinstance(value, str) else None
        if field.name == "trashed_at":
            step = "Moved to the bin" if value else "Restored from the bin"
        if step:
            steps.append(step)
        else:
            labels.append(capfirst(field.verbose_name))
    return steps + labels + [part_names[name] for name in model.history_parts if name in changed]


def changes(model, before, after, part_names):
    """Return the Changes between two snapshots, in the order of the fields."""
    changed, states = changed_names(before, after), (before, after)
    fields = [
        field
        for field in (*recorded_fields(model), *model._meta.many_to_many)
        if field.name in changed
    ]
    names = names_of(fields, states)
    found = [
        Change(
            field.name,
            capfirst(field.verbose_name),
            pieces(*(text_of(field, state[field.name], names) for state in states)),
        )
        for field in fields
    ]
    for name in model.history_parts:
        if name in changed:
            part_model = model._meta.get_field(name).related_model
            texts = (
                "\n\n".join(part_in_words(part_model, part) for part in state[name])
                for state in states
            )
            found.append(Change(name, part_names[name], pieces(*texts)))
    return found


def names_of(fields, states):
    """Return {model: {key: name}} of the objects that relations point to."""
    keys = {}
    for field in fields:
        if field.is_relation:
            wanted = keys.setdefault(field.related_model, set())
            for state in states:
                wanted.update(keys_of(state[field.name]))
    return {
        model: {pk: str(obj) for pk, obj in model._base_manager.in_bulk(wanted).items()}
        for model, wanted in keys.items()
    }


def keys_of(value):
    """Return the keys that a relation's value in a snapshot holds."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text_of(field, value, names):
    if not field.is_relation:
        return in_words(field, field.to_python(value))
    found = names[field.related_model]
    return "\n".join(sorted(found.get(key, VANISHED) for key in keys_of(value)))


def pieces(before, after):
    """Return the diff of two texts: by line, and by word within changed lines."""
    if before == after:
        return [("look", "The words are the same. Only the formatting changed.")]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    diff = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for step in steps:
        act, i1, i2, j1, j2 = step
        if act == "equal":
            diff += shortened(old[i1:i2], step == steps[0], step == steps[-1])
        else:
            diff += by_words("".join(old[i1:i2]), "".join(new[j1:j2]))
    return diff


def by_words(before, after):
    old, new = WORD.findall(before), WORD.findall(after)
    diff = []
    for act, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
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
