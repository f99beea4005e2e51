"""The state of an object with its parts: as it is now, or as a version left it."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from django.db import models, transaction

from clinic_site.history.records import links, links_by_record, values
from clinic_site.history.version import Version, saving


@dataclass
class State:
    """An object at one moment.

    `obj` is the object, `links` maps its many-to-many fields to sets of keys, and `parts` maps each
    model of its parts to {key: part}.
    """

    obj: models.Model
    links: dict
    parts: dict

    @cached_property
    def fields(self):
        """The recorded values of the object by field name; many-to-many fields as sets of keys."""
        stored = values(self.obj)
        names = {field.attname: field.name for field in self.obj._meta.concrete_fields}
        return {names[column]: value for column, value in stored.items()} | self.links

    @property
    def fingerprint(self):
        """A short text that is the same for two states exactly when they hold the same values."""
        links = {name: sorted(keys) for name, keys in self.links.items()}
        parts = [values(part) for part in flat(self).values()]
        return sha256(repr((values(self.obj), links, parts)).encode()).hexdigest()[:16]


def parts_of(model):
    """Return (model, foreign key) of each model whose objects are edited as parts of `model`."""
    return [
        (relation.related_model, relation.field)
        for relation in model._meta.related_objects
        if (records := getattr(relation.related_model, "history_records", None))
        and records.part_of == relation.field.name
    ]


def state_now(obj):
    """Return the State of a stored object, read from the database."""
    obj = type(obj)._base_manager.get(pk=obj.pk)
    parts = {
        model: {part.pk: part for part in model._base_manager.filter(**{key.name: obj.pk})}
        for model, key in parts_of(type(obj))
    }
    return State(obj, links(obj), parts)


def states_of(model, pk):
    """Return {version key: State} of an object, oldest first, in the same number of queries always.

    The State is None for versions from before the object itself was recorded.
    """
    records, parts = list(model.history.filter(id=pk).order_by("history_id")), {}
    found = links_by_record(model, [record.pk for record in records])
    for part, key in parts_of(model):
        records += part.history.filter(**{key.name: pk}).order_by("history_id")
        parts[part] = {}
    obj, links, states = None, {}, {}
    for record in sorted(records, key=lambda record: record.version_id):
        one = record.instance
        if record.instance_type is model:
            obj, links = one, found[record.pk]
        elif record.history_type == "-":
            parts[type(one)].pop(one.pk, None)
        else:
            parts[type(one)][one.pk] = one
        copies = {part: dict(objects) for part, objects in parts.items()}
        states[record.version_id] = State(obj, links, copies) if obj else None
    return states


def before(states):
    """Return {version key: State before it} for what states_of() returned."""
    return dict(zip(states, [None, *states.values()], strict=False))


def token_of(obj, now=None):
    """Return the token of an object's State `now`: the key of its last version, and a fingerprint.

    A form sends it back. The fingerprint covers changes that no version records yet, so opening
    a form writes nothing. The key only limits the search for that state.
    """
    last = Version.objects.for_object(obj).first()
    return f"{last.pk if last else 0}-{(now or state_now(obj)).fingerprint}"


def is_same_state(token, other):
    return token.rpartition("-")[2] == other.rpartition("-")[2]


def version_of(token, obj):
    """Return the Version whose state a token names, or None."""
    first, _, fingerprint = token.rpartition("-")
    if not first.isdecimal():
        return None
    states = states_of(type(obj), obj.pk).items()
    same = (pk for pk, state in states if state and state.fingerprint == fingerprint)
    pk = next((pk for pk in same if pk >= int(first)), None)
    return Version.objects.filter(pk=pk).first()


@transaction.atomic
def record_outside_changes(obj, now=None):
    """Record what changed without save(), such as bulk updates and links to deleted objects.

    Call it before a save, in its transaction: then the last version is the object as it was before.
    It writes, so call it for no GET. `now` is the object's State, where the caller has read it.

    Returns:
        The last Version.
    """
    now, states = now or state_now(obj), states_of(type(obj), obj.pk)
    then = list(states.values())[-1] if states else None
    old = {(type(obj), obj.pk): then.obj, **flat(then)} if then else {}
    new = {(type(obj), obj.pk): now.obj, **flat(now)}
    with saving(words="Changed outside the admin" if states else ""):
        for key, one in new.items():
            is_same = key in old and values(old[key]) == values(one)
            if not is_same or (one is now.obj and then.links != now.links):
                one.history_records.write(one, "~" if key in old else "+")
        for key in old.keys() - new.keys():
            old[key].history_records.write(old[key], "-")
    return Version.objects.for_object(obj).first()


def flat(state):
    """Return the parts of a State as one dict, keyed by (model, key)."""
    return {
        (model, pk): part
        for model, parts in state.parts.items()
        for pk, part in sorted(parts.items())
    }
