"""The adapter to django-simple-history: each record of a model belongs to a Version."""

from functools import cache

from django.db import models
from django.dispatch import receiver
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from clinic_site.history.version import Version, saved_by


def whole_of(obj):
    """Return (model, key) of the object itself, or of the object it is a part of."""
    if name := obj.history_records.part_of:
        part_of = obj._meta.get_field(name)
        return part_of.related_model, getattr(obj, part_of.attname)
    return type(obj), obj.pk


def values(obj):
    """Return an object's recorded values by column, as the database stores them.

    Browsers send line ends as CRLF (RFC 2046), so those count as the same value.
    """
    return {
        field.attname: same_lines(
            field.get_prep_value(field.to_python(getattr(obj, field.attname)))
        )
        for field in type(obj).history.model.tracked_fields
        if not getattr(field, "auto_now", False)
    }


def same_lines(value):
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def links(obj):
    """Return {field name: keys} of an object's recorded many-to-many fields."""
    return {
        field.name: set(getattr(obj, field.name).values_list("pk", flat=True))
        for field in recorded_m2m_fields(type(obj))
    }


def recorded_m2m_fields(model):
    return model.history_records.get_m2m_fields_from_model(model)


def recorded_links(record):
    """Return what `links` returned when the record was written."""
    return links_by_record(record.instance_type, [record.pk])[record.pk]


def links_by_record(model, keys):
    """Return {record key: links} as they were when the records were written."""
    fields = recorded_m2m_fields(model)
    found = {key: {field.name: set() for field in fields} for key in keys}
    for field in fields:
        rows = model.history_records.m2m_models[field].objects.filter(history__in=keys)
        pairs = rows.values_list("history_id", field.m2m_reverse_field_name())
        for record, target in pairs:
            found[record][field.name].add(target)
    return found


def is_recorded(obj):
    """Return whether the last record of an object equals the object now."""
    record = obj.history.order_by("-history_id").first()
    return (
        record is not None
        and record.history_type != "-"
        and values(record.instance) == values(obj)
        and recorded_links(record) == links(obj)
    )


class Manager(HistoryManager):
    """The library's manager, without a new class each time `history` is read."""

    from_queryset = classmethod(cache(HistoryManager.from_queryset.__func__))


class Records(HistoricalRecords):
    """The records of a model, as its attribute `history`.

    Args:
        part_of: the foreign key to the object that this is edited as a part of.
        m2m_fields: many-to-many fields to record too.
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
        # Deleted with the record; the library would leave it behind.
        record = models.ForeignKey(model, models.CASCADE)
        return super().get_extra_fields_m2m(model, through_model, fields) | {"history": record}

    # Nobody edits a record, so it needs no permissions.
    def get_meta_options(self, model):
        return super().get_meta_options(model) | {"default_permissions": ()}

    def get_meta_options_m2m(self, through_model):
        return super().get_meta_options_m2m(through_model) | {"default_permissions": ()}

    def create_historical_record(self, instance, history_type, using=None):
        """Write a record, unless an update changed nothing."""
        if history_type != "~" or not is_recorded(instance):
            self.write(instance, history_type)

    def write(self, obj, history_type):
        """Write a record: "+" created, "~" changed, "-" deleted."""
        super().create_historical_record(obj, history_type)

    def post_delete(self, instance, using=None, **kwargs):
        """Record that a part was deleted; delete the history of a deleted object."""
        if self.part_of:
            super().post_delete(instance, using, **kwargs)
        else:
            Version.objects.for_object(instance).delete()


@receiver(pre_create_historical_record)
def join_version(instance, history_instance, **kwargs):
    history_instance.version = Version.objects.joined(*whole_of(instance))
