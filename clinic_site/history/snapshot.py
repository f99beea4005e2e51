"""Snapshots: a whole object, with its links and parts, as a dict that JSON can hold.

A snapshot maps each field to its value, each many-to-many field to a sorted list of keys, and each
name in `history_parts` to a list of parts, which are dicts with their keys as "pk".
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256


def snapshot(obj):
    """Return the snapshot of an object as it is stored."""
    obj = type(obj)._base_manager.get(pk=obj.pk)
    state = values(obj)
    for field in obj._meta.many_to_many:
        keys = getattr(obj, field.name).order_by("pk").values_list("pk", flat=True)
        state[field.name] = list(keys)
    for name in obj.history_parts:
        state[name] = [part_values(part, part.pk) for part in getattr(obj, name).order_by("pk")]
    return state


def recorded_fields(model):
    """Return the fields of a model that a snapshot holds."""
    ignored = getattr(model, "history_ignores", ())
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and not getattr(field, "auto_now", False)
        and field.name not in ignored
    ]


def values(obj):
    return {
        field.name: plain(field, getattr(obj, field.attname))
        for field in recorded_fields(type(obj))
    }


def part_values(part, pk):
    return {"pk": pk} | values(part)


def plain(field, value):
    """Return a field's value as text, number, Boolean or None; equal values are equal then."""
    value = field.get_prep_value(field.to_python(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.{field.decimal_places}f}"
    if isinstance(value, str):
        return value.replace("\r\n", "\n")  # browsers send line ends as CRLF (RFC 2046)
    return value if isinstance(value, int | None) else str(value)


def token_of(state):
    """Return a short text that is the same for equal snapshots only.

    A form sends back the token of the state that it was opened on. It covers changes that no
    version records yet, so opening a form writes nothing.
    """
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def is_same(before, after):
    """Return whether two snapshots, or two parts, agree on every field that both have.

    A snapshot from before a field was added to the model lacks that field.
    """
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(is_same, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return all(is_same(before[name], after[name]) for name in before.keys() & after.keys())
    return before == after


def changed_names(before, after):
    """Return the names of fields and parts that differ between two snapshots."""
    both = before.keys() & after.keys()
    return {name for name in both if without_keys(before[name]) != without_keys(after[name])}


def without_keys(value):
    """Return a value; parts lose their keys, because a part typed again is the same part."""
    if not isinstance(value, list):
        return value
    return [one | {"pk": None} if isinstance(one, dict) else one for one in value]
