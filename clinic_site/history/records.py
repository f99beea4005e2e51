"""How a model is recorded: django-simple-history, with every record a part of a version."""

from functools import cache

from django.db import models
from django.dispatch import receiver
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from clinic_site.history.version import Version, saved_by


def thing(row):
    """Return (model, key) of the thing a recorded row is, or is a part of."""
    if name := row.history_records.part_of:
        part_of = row._meta.get_field(name)
        return part_of.related_model, getattr(row, part_of.attname)
    return type(row), row.pk


def values(row):
    """Return what is recorded of a row by column, as the database would hold it.

    A browser ends lines as in RFC 2046, whatever the text had: that is no other value.
    """
    return {
        field.attname: same_lines(
            field.get_prep_value(field.to_python(getattr(row, field.attname)))
        )
        for field in type(row).history.model.tracked_fields
        if not getattr(field, "auto_now", False)
    }


def same_lines(value):
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def links(row):
    """Return the keys behind a row's recorded many-to-many fields, by name."""
    return {
        field.name: set(getattr(row, field.name).values_list("pk", flat=True))
        for field in type(row).history.model._history_m2m_fields
    }


def recorded_links(record):
    """Return what `links` returned when the record was written."""
    return links_by_record(record.instance_type, [record.pk])[record.pk]


def links_by_record(model, keys):
    """Return what `links` returned when records of a model were written, by the record's key."""
    fields = model.history.model._history_m2m_fields
    found = {key: {field.name: set() for field in fields} for key in keys}
    for field in fields:
        rows = model.history_records.m2m_models[field].objects.filter(history__in=keys)
        pairs = rows.values_list("history_id", field.m2m_reverse_field_name())
        for record, target in pairs:
            found[record][field.name].add(target)
    return found


def is_recorded(row):
    """Say whether the last record of a row is as the row is now."""
    record = row.history.order_by("-history_id").first()
    return (
        record is not None
        and record.history_type != "-"
        and values(record.instance) == values(row)
        and recorded_links(record) == links(row)
    )


class Manager(HistoryManager):
    """The library's manager, whose class is not made anew each time `history` is read."""

    from_queryset = classmethod(cache(HistoryManager.from_queryset.__func__))


class Records(HistoricalRecords):
    """The records of a model, as its attribute `history`.

    Args:
        part_of: the foreign key to the thing this is a part of, for rows that are edited with it.
        m2m_fields: many-to-many fields to record with the row.
    """

    def __init__(self, part_of=None, **options):
        super().__init__(get_user=lambda **_: saved_by(), history_manager=Manager, **options)
        self.part_of = part_of

    def finalize(self, sender, **kwargs):
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            sender.history_records = self

    def get_extra_fields(self, model, fields):
        version = models.ForeignKey(Version, models.CASCADE, related_name="+")
        return super().get_extra_fields(model, fields) | {"version": version}

    def get_extra_fields_m2m(self, model, through_model, fields):
        # Gone with the record; the library's own would stay behind.
        record = models.ForeignKey(model, models.CASCADE)
        return super().get_extra_fields_m2m(model, through_model, fields) | {"history": record}

    # Nobody edits a record, so there is nothing to permit.
    def get_meta_options(self, model):
        return super().get_meta_options(model) | {"default_permissions": ()}

    def get_meta_options_m2m(self, through_model):
        return super().get_meta_options_m2m(through_model) | {"default_permissions": ()}

    def create_historical_record(self, instance, history_type, using=None):
        """Write a record, unless the row is saved as it was."""
        if history_type == "-" or not is_recorded(instance):
            self.write(instance, history_type)

    def write(self, row, history_type):
        """Write a record of a row: "+" made, "~" changed, "-" gone."""
        super().create_historical_record(row, history_type)

    def post_delete(self, instance, using=None, **kwargs):
        """Record that a part is gone; a thing that is gone takes its history with it."""
        if self.part_of:
            super().post_delete(instance, using, **kwargs)
        else:
            Version.objects.for_object(instance).delete()


@receiver(pre_create_historical_record)
def join_version(instance, history_instance, **kwargs):
    history_instance.version = Version.objects.joined(*thing(instance))
