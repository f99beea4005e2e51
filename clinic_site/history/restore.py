"""Restoring an old version: its fields, links and parts, saved as a new version."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst

from clinic_site.history.state import parts_of, state_now, states_of

# Restoring an old text does not change whether and when visitors see it.
PUBLISHING = ("status", "publish_at", "unpublish_at")
TRASH = ("trashed_at",)


@transaction.atomic
def restore(obj, version, unchanged):
    """Save an object with its parts as a version left it.

    Links to objects deleted since are dropped; a required one keeps its present value.

    Args:
        obj: the object, locked.
        version: a Version of it.
        unchanged: names of fields that keep their present values.

    Raises:
        ValidationError: if the old version is not valid today. Nothing is changed then.
    """
    now, then = state_now(obj), states_of(type(obj), obj.pk)[version.pk]
    old = then.obj
    for field in old._meta.fields:
        if field.name in unchanged or not is_there(field, getattr(old, field.attname)):
            stays = field.name in unchanged or not field.null
            setattr(old, field.attname, getattr(now.obj, field.attname) if stays else None)
    save(old, is_new=False)
    for name, keys in then.links.items():
        links = getattr(old, name)
        links.set(links.model._base_manager.filter(pk__in=keys))
    for model, _ in parts_of(type(obj)):
        for pk in now.parts[model].keys() - then.parts[model].keys():
            now.parts[model][pk].delete()
        for pk, part in then.parts[model].items():
            save(part, is_new=pk not in now.parts[model])


def is_there(field, key):
    """Return whether a foreign key's target still exists; True for other fields."""
    if not field.is_relation or key is None:
        return True
    return field.related_model._base_manager.filter(pk=key).exists()


def save(obj, is_new):
    """Validate and save an object made from its record."""
    obj._state.adding = is_new
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
