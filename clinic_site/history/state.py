"""How a thing stood, with its parts: now, or when a version of it was saved."""

from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Max

from clinic_site.history.records import links, links_by_record, recorded_links, values
from clinic_site.history.version import Version, saving


@dataclass
class State:
    """A thing at one moment.

    `row` is the thing itself, `links` the keys behind its many-to-many fields by name, and `parts`
    maps each model of its parts to {key: row}.
    """

    row: models.Model
    links: dict
    parts: dict


def parts_of(model):
    """Return the (model, foreign key) pairs whose rows are edited as parts of a model's."""
    return [
        (relation.related_model, relation.field)
        for relation in model._meta.related_objects
        if (records := getattr(relation.related_model, "history_records", None))
        and records.part_of == relation.field.name
    ]


def state_now(row):
    """Return the State of a stored row as the database has it now."""
    row = type(row)._base_manager.get(pk=row.pk)
    parts = {
        model: {part.pk: part for part in model._base_manager.filter(**{key.name: row.pk})}
        for model, key in parts_of(type(row))
    }
    return State(row, links(row), parts)


def state_at(version, model):
    """Return the State that a version left, or None when the thing was not recorded by then.

    Args:
        version: a Version of a row of `model`, or of the same thing.
    """
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
    """Return the State that each version left, by its key, in as many queries for many as for few.

    Args:
        versions: Versions of one thing that follow each other, in any order; not none.
        model: the thing's.

    Returns:
        A dict, which also has the State before them all, under None.
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
        state = states[pk] = followed(state, model, records[pk], links)
    return states


def followed(state, model, records, links):
    """Return the State after the records of one version; `links` by their record's key."""
    row, linked = (state.row, state.links) if state else (None, {})
    parts = {part: dict(state.parts[part] if state else {}) for part, _ in parts_of(model)}
    for record in records:
        one = record.instance
        if record.instance_type is model:
            row, linked = one, links[record.pk]
        elif record.history_type == "-":
            parts[record.instance_type].pop(one.pk, None)
        else:
            parts[record.instance_type][one.pk] = one
    return State(row, linked, parts)


def last_records(model, version, **of):
    """Return for each row the last record that is not younger than a version."""
    records = model.history.filter(version__lte=version.pk, **of)
    last = records.order_by().values("id").annotate(last=Max("history_id")).values("last")
    return model.history.filter(history_id__in=last).order_by("history_id")


@transaction.atomic
def record_outside_changes(row):
    """Record what changed past save(): rows made in bulk, links cut by another row's deletion.

    So a thing's last version is always how it stands, and its first is from before the first
    change that is known.

    Returns:
        The last Version.
    """
    now, last = state_now(row), Version.objects.for_object(row).first()
    then = state_at(last, type(row)) if last else None
    before = {(type(row), row.pk): then.row, **flat(then)} if then else {}
    after = {(type(row), row.pk): now.row, **flat(now)}
    with saving(words="Changed outside the admin" if last else ""):
        for key, one in after.items():
            is_same = key in before and values(before[key]) == values(one)
            if one is now.row:
                is_same = is_same and then.links == now.links
            if not is_same:
                one.history_records.write(one, "~" if key in before else "+")
        for key in before.keys() - after.keys():
            before[key].history_records.write(before[key], "-")
    return Version.objects.for_object(row).first()


def flat(state):
    """Return the parts of a State as one dict, keyed by (model, key)."""
    return {(model, pk): part for model, parts in state.parts.items() for pk, part in parts.items()}
