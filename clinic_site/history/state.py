"""The state of an object with its parts: as it is now, or as a version left it."""

from dataclasses import dataclass
from hashlib import sha256

from django.db import models, transaction
from django.db.models import Max

from clinic_site.history.records import links, links_by_record, recorded_links, values
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


def state_at(version, model):
    """Return the State that a version left, or None if the object was not recorded by then."""
    pk = version.object_id
    record = last_records(model, version, id=pk).first()
    if record is None:
        return None
    parts = {
        part: {
            getattr(found, part._meta.pk.attname): found.instance
            for found in last_records(part, version, **{key.name: pk})
            if found.history_type != "-"
        }
        for part, key in parts_of(model)
    }
    return State(record.instance, recorded_links(record), parts)


def states_at(versions, model):
    """Return {key: State} of consecutive versions, and under None the State before them all.

    The State is None where the object itself was not recorded by then.

    The number of queries does not grow with the number of versions.

    Args:
        versions: at least one Version of the same object, in any order.
        model: the object's model.
    """
    first = min(version.pk for version in versions)
    before = Version.objects.alike(versions[0]).filter(pk__lt=first).first()
    state = state_at(before, model) if before else None
    states = {None: state}
    records = {version.pk: [] for version in versions}
    for part in (model, *(part for part, _ in parts_of(model))):
        for record in part.history.filter(version__in=records).order_by("history_id"):
            records[record.version_id].append(record)
    own = [one.pk for found in records.values() for one in found if one.instance_type is model]
    links = links_by_record(model, own)
    for pk in sorted(records):
        state = states[pk] = state_after(state, model, records[pk], links)
    return states


def state_after(state, model, records, links):
    """Return the State after the records of one version, with their links by record key."""
    obj, linked = (state.obj, state.links) if state else (None, {})
    parts = {part: dict(state.parts[part] if state else {}) for part, _ in parts_of(model)}
    for record in records:
        one = record.instance
        if record.instance_type is model:
            obj, linked = one, links[record.pk]
        elif record.history_type == "-":
            parts[record.instance_type].pop(one.pk, None)
        else:
            parts[record.instance_type][one.pk] = one
    return State(obj, linked, parts) if obj else None  # a part was recorded before the object


def last_records(model, version, **of):
    """Return the last record of each object that is not newer than a version."""
    records = model.history.filter(version__lte=version.pk, **of)
    last = records.order_by().values("id").annotate(last=Max("history_id")).values("last")
    return model.history.filter(history_id__in=last).order_by("history_id")


def token_of(obj):
    """Return the token of an object's state: the key of its last version, and a fingerprint.

    A form sends it back. The fingerprint covers changes that no version records yet, so opening
    a form writes nothing. The key only limits the search for that state.
    """
    last = Version.objects.for_object(obj).first()
    return f"{last.pk if last else 0}-{state_now(obj).fingerprint}"


def is_same_state(token, other):
    return token.rpartition("-")[2] == other.rpartition("-")[2]


def version_of(token, obj):
    """Return the Version whose state a token names, or None."""
    pk, _, fingerprint = token.rpartition("-")
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    versions = list(Version.objects.for_object(obj).filter(pk__gte=pk))
    states = states_at(versions, type(obj)) if versions else {}
    same = (one for one in versions if states[one.pk] and states[one.pk].fingerprint == fingerprint)
    return next(same, None)


@transaction.atomic
def record_outside_changes(obj):
    """Record what changed without save(), such as bulk updates and links to deleted objects.

    Call it before a save, in its transaction: then the last version is the object as it was before.
    It writes, so call it for no GET.

    Returns:
        The last Version.
    """
    now, last = state_now(obj), Version.objects.for_object(obj).first()
    then = state_at(last, type(obj)) if last else None
    before = {(type(obj), obj.pk): then.obj, **flat(then)} if then else {}
    after = {(type(obj), obj.pk): now.obj, **flat(now)}
    with saving(words="Changed outside the admin" if last else ""):
        for key, one in after.items():
            is_same = key in before and values(before[key]) == values(one)
            if one is now.obj:
                is_same = is_same and then.links == now.links
            if not is_same:
                one.history_records.write(one, "~" if key in before else "+")
        for key in before.keys() - after.keys():
            before[key].history_records.write(before[key], "-")
    return Version.objects.for_object(obj).first()


def flat(state):
    """Return the parts of a State as one dict, keyed by (model, key)."""
    return {
        (model, pk): part
        for model, parts in state.parts.items()
        for pk, part in sorted(parts.items())
    }
