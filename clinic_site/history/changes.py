"""What changed from one state of a thing to another, in words a reader can follow."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.text import capfirst

from clinic_site.history.records import values
from clinic_site.history.words import in_words, parts_in_words

VANISHED = "(deleted since)"
WORD = re.compile(r"\S+\s*|\s+")
STEPS = {
    ("status", "draft"): "Taken back to a draft",
    ("status", "published"): "Published",
    ("status", "archived"): "Archived",
}


@dataclass
class Change:
    """One field, or one kind of parts, that differs.

    `name` is one of changed_names(). `pieces` are (kind, text) pairs, whose kind is "same",
    "added", "removed", "omitted" where nothing changed for long, or "look" where the words are the
    same and their look is not.
    """

    name: str
    label: str
    pieces: list


def fields_of(model):
    """Return the fields whose changes are told."""
    return [
        field
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if not field.primary_key and not getattr(field, "auto_now", False)
    ]


def held(state, field):
    """Return what a field holds in a State; of a many-to-many one its keys."""
    if field.many_to_many:
        return state.links[field.name]
    return values(state.row)[field.attname]


def changed_fields(before, after):
    """Return the fields that two States of a thing hold otherwise."""
    old, new = values(before.row), values(after.row)
    return [
        field
        for field in fields_of(type(after.row))
        if (
            before.links.get(field.name) != after.links.get(field.name)
            if field.many_to_many
            else old[field.attname] != new[field.attname]
        )
    ]


def changed_parts(before, after):
    """Return the models of parts that do not say the same in two States of a thing."""
    return [
        model
        for model in after.parts
        if contents(before.parts[model]) != contents(after.parts[model])
    ]


def contents(parts):
    """Return what parts hold, in order, but for their keys: one typed anew is the same to all."""
    return [
        {name: value for name, value in values(part).items() if name != part._meta.pk.attname}
        for _, part in sorted(parts.items())
    ]


def changed_names(before, after):
    """Return the names of what differs in two States of a thing: fields, and labels of parts."""
    fields = {field.name for field in changed_fields(before, after)}
    return fields | {model._meta.label_lower for model in changed_parts(before, after)}


def summary(before, after, part_names):
    """Return what changed as short words, the steps of publishing first.

    Args:
        before: the State before, or None for a thing that was not recorded by then.
        after: the State after.
        part_names: a form's name for each model of parts.
    """
    if before is None:
        return ["The first version kept"]
    steps, labels = [], []
    for field in changed_fields(before, after):
        step = STEPS.get((field.name, getattr(after.row, field.attname, None)))
        if field.name == "trashed_at":
            step = "Put in the bin" if after.row.trashed_at else "Brought back from the bin"
        if step:
            steps.append(step)
        else:
            labels.append(capfirst(field.verbose_name))
    return steps + labels + [part_names[model] for model in changed_parts(before, after)]


def changes(before, after, part_names):
    """Return the Changes from one State to another, as a form has its fields.

    Args:
        as for summary(), but that both States are there.
    """
    fields = changed_fields(before, after)
    names = names_of(fields, (before, after))
    told = [
        Change(
            field.name,
            capfirst(field.verbose_name),
            pieces(*(text_of(field, held(state, field), names) for state in (before, after))),
        )
        for field in fields
    ]
    for model in changed_parts(before, after):
        texts = [
            parts_in_words(part for _, part in sorted(state.parts[model].items()))
            for state in (before, after)
        ]
        told.append(Change(model._meta.label_lower, part_names[model], pieces(*texts)))
    return told


def names_of(fields, states):
    """Return the names of the rows that the fields of relations point at, {model: {key: name}}."""
    keys = {}
    for field in fields:
        if field.is_relation:
            found = keys.setdefault(field.related_model, set())
            for state in states:
                value = held(state, field)
                found.update(value if field.many_to_many else {value} - {None})
    return {
        model: {pk: str(row) for pk, row in model._base_manager.in_bulk(wanted).items()}
        for model, wanted in keys.items()
    }


def text_of(field, value, names):
    if not field.is_relation:
        return in_words(field, value)
    keys = value if field.many_to_many else {value} - {None}
    return "\n".join(sorted(names[field.related_model].get(key, VANISHED) for key in keys))


def pieces(before, after):
    """Return the way from one text to another: by lines, and within changed lines by words."""
    if before == after:
        return [("look", "The words are the same. Only how they look was changed.")]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    told = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for step in steps:
        act, i1, i2, j1, j2 = step
        if act == "equal":
            told += shortened(old[i1:i2], step == steps[0], step == steps[-1])
        else:
            told += by_words("".join(old[i1:i2]), "".join(new[j1:j2]))
    return told


def by_words(before, after):
    old, new = WORD.findall(before), WORD.findall(after)
    told = []
    for act, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if act == "equal":
            told.append(("same", "".join(old[i1:i2])))
            continue
        parts = ("removed", "".join(old[i1:i2])), ("added", "".join(new[j1:j2]))
        told += [(kind, words) for kind, words in parts if words]
    return told


def shortened(lines, is_first, is_last):
    """Return lines that stayed; of many those beside a change alone, with a mark for the others."""
    if len(lines) <= 3:
        return [("same", "".join(lines))]
    above = [] if is_first else [("same", lines[0])]
    below = [] if is_last else [("same", lines[-1])]
    return [*above, ("omitted", "…"), *below]
