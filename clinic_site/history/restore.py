"""Restoring an old version: its fields, links and parts, saved as a new version."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst

from clinic_site.history.snapshot import recorded_fields

# Restoring an old text does not change whether and when visitors see it.
PUBLISHING = ("status", "publish_at", "unpublish_at")
TRASH = ("trashed_at",)


@transaction.atomic
def restore(obj, state, unchanged):
    """Save an object with its parts as a snapshot has it.

    Links to objects deleted since are dropped; a required one keeps its present value.

    Args:
        obj: the object, as stored and locked.
        unchanged: names of fields that keep their present values.

    Raises:
        ValidationError: if the old version is not valid today. Nothing is changed then.
    """
    save(obj, {name: value for name, value in state.items() if name not in unchanged})
    for field in obj._meta.many_to_many:
        if field.name in state:  # not if it is newer than the version
            targets = field.related_model._base_manager.filter(pk__in=state[field.name])
            getattr(obj, field.name).set(targets)
    for name in state.keys() & {*obj.history_parts}:
        parts = getattr(obj, name)
        parts.exclude(pk__in=[part["pk"] for part in state[name]]).delete()
        stored = parts.in_bulk()
        for part in state[name]:
            save(stored.get(part["pk"]) or parts.model(pk=part["pk"]), part)


def save(obj, state):
    """Give an object the values of a snapshot, validate it and save it."""
    for field in recorded_fields(type(obj)):
        if field.name in state:
            value = field.to_python(state[field.name])
            if is_there(field, value):
                setattr(obj, field.attname, value)
            elif field.null:
                setattr(obj, field.attname, None)
    try:
        obj.full_clean()
    except ValidationError as error:
        names = {field.name: field.verbose_name for field in obj._meta.fields}
        raise ValidationError(
            [
                f"{capfirst(names[name])}: {words}" if name in names else words
                for name, messages in error.message_dict.items()
                for words in messages
            ]
        ) from None
    obj.save()


def is_there(field, key):
    """Return whether a foreign key's target still exists; True for other fields."""
    if not field.is_relation or key is None:
        return True
    return field.related_model._base_manager.filter(pk=key).exists()
