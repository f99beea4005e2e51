"""The changes between two states of an object, described for staff."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.text import capfirst

from clinic_site.history.records import values
from clinic_site.history.words import in_words, parts_in_words

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

    `name` is one of changed_names(). `pieces` are (kind, text) pairs. The kind is "same", "added",
    "removed", "omitted" (a long unchanged passage) or "look" (same words, other formatting).
    """

    name: str
    label: str
    pieces: list


def changed_fields(before, after):
    """Return the fields that differ between two States."""
    options = after.obj._meta
    return [
        field
        for field in (*options.fields, *options.many_to_many)
        if before.fields.get(field.name) != after.fields.get(field.name)
    ]


def changed_parts(before, after):
    """Return the models whose parts differ between two States."""
    return [
        model
        for model in after.parts
        if contents(before.parts[model]) != contents(after.parts[model])
    ]


def contents(parts):
    """Return the values of parts in order, without keys: a part typed again is the same part."""
    return [
        {name: value for name, value in values(part).items() if name != part._meta.pk.attname}
        for _, part in sorted(parts.items())
    ]


def changed_names(before, after):
    """Return the names of fields and the labels of part models that differ."""
    fields = {field.name for field in changed_fields(before, after)}
    return fields | {model._meta.label_lower for model in changed_parts(before, after)}


def summary(before, after, part_names):
    """Return short descriptions of what changed, publishing steps first.

    Args:
        before: the earlier State, or None if there is no earlier version.
        after: the later State.
        part_names: the form's name for each model of parts.
    """
    if before is None:
        return ["First saved version"]
    steps, labels = [], []
    for field in changed_fields(before, after):
        step = STEPS.get((field.name, getattr(after.obj, field.attname, None)))
        if field.name == "trashed_at":
            step = "Moved to the bin" if after.obj.trashed_at else "Restored from the bin"
        if step:
            steps.append(step)
        else:
            labels.append(capfirst(field.verbose_name))
    return steps + labels + [part_names[model] for model in changed_parts(before, after)]


def changes(before, after, part_names):
    """Return the Changes between two States, in the order of the fields.

    `part_names` has the form's name for each model of parts.
    """
    fields = changed_fields(before, after)
    names = names_of(fields, (before, after))
    found = [
        Change(
            field.name,
            capfirst(field.verbose_name),
            pieces(*(text_of(field, state.fields[field.name], names) for state in (before, after))),
        )
        for field in fields
    ]
    for model in changed_parts(before, after):
        texts = [
            parts_in_words(part for _, part in sorted(state.parts[model].items()))
            for state in (before, after)
        ]
        found.append(Change(model._meta.label_lower, part_names[model], pieces(*texts)))
    return found


def names_of(fields, states):
    """Return {model: {key: name}} of the objects that relations point to."""
    keys = {}
    for field in fields:
        if field.is_relation:
            wanted = keys.setdefault(field.related_model, set())
            for state in states:
                value = state.fields[field.name]
                wanted.update(value if field.many_to_many else {value} - {None})
    return {
        model: {pk: str(obj) for pk, obj in model._base_manager.in_bulk(wanted).items()}
        for model, wanted in keys.items()
    }


def text_of(field, value, names):
    if not field.is_relation:
        return in_words(field, value)
    keys = value if field.many_to_many else {value} - {None}
    return "\n".join(sorted(names[field.related_model].get(key, VANISHED) for key in keys))


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
