"""Bringing back how a thing was: its columns, its links and its parts, as a new version."""

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic_site.history.state import parts_of, state_at, state_now

# What bringing back an old text leaves as it is: whether and when readers see it.
PUBLISHING = ("status", "publish_at", "unpublish_at")
BIN = ("trashed_at",)


@transaction.atomic
def restore(row, version, kept):
    """Save a thing as a version left it, with its parts.

    What it pointed at and is gone since stays away; a field that cannot be without keeps what it
    has now.

    Args:
        row: the thing, locked.
        version: a Version of it.
        kept: names of fields that stay as they are now.

    Raises:
        ValidationError: when it may not be saved so today; nothing is changed then.
    """
    now, then = state_now(row), state_at(version, type(row))
    old = then.row
    for field in old._meta.fields:
        if field.name in kept or not is_there(field, getattr(old, field.attname)):
            stays = field.name in kept or not field.null
            setattr(old, field.attname, getattr(now.row, field.attname) if stays else None)
    save(old, is_new=False)
    for name, keys in then.links.items():
        links = getattr(old, name)
        links.set(links.model._base_manager.filter(pk__in=keys))
    for model, _ in parts_of(type(row)):
        for pk in now.parts[model].keys() - then.parts[model].keys():
            now.parts[model][pk].delete()
        for pk, part in then.parts[model].items():
            save(part, is_new=pk not in now.parts[model])


def is_there(field, key):
    """Say whether the row a foreign key's value names is still there; of other fields, True."""
    if not field.is_relation or key is None:
        return True
    return field.related_model._base_manager.filter(pk=key).exists()


def save(row, is_new):
    """Check and save a row that was made from its record."""
    row._state.adding = is_new
    try:
        row.full_clean()
    except ValidationError as error:
        names = {field.name: field.verbose_name for field in row._meta.fields}
        raise ValidationError(
            [
                f"{names[name].capitalize()}: {words}" if name in names else words
                for name, messages in error.message_dict.items()
                for words in messages
            ]
        ) from None
    row.save()
