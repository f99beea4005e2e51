"""Choosing in the admin: nothing from the bin, but what a form's row has stays, and is marked."""

from django import forms
from django.contrib import admin

from clinic_site.publishing.trash import Trashable


class WithoutTrash:
    """The rows that are not in the bin, and of those in it the ones that a form's row has."""

    def get_bound_field(self, form, name):
        held = form.initial.get(name) or []
        held = held if isinstance(held, list) else [held]
        self.queryset = self.queryset.choosable([getattr(one, "pk", one) for one in held])
        return super().get_bound_field(form, name)

    def label_from_instance(self, row):
        return f"{row} (in the bin)" if row.trashed_at else str(row)


class ChoiceWithoutTrash(WithoutTrash, forms.ModelChoiceField):
    """One of the rows that are not in the bin."""


class ChoicesWithoutTrash(WithoutTrash, forms.ModelMultipleChoiceField):
    """Some of the rows that are not in the bin."""


class FilterWithoutTrash(admin.RelatedFieldListFilter):
    """A list's filter by the rows that are not in the bin."""

    def field_choices(self, field, request, model_admin):
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"trashed_at": None}
        )


def is_trashable(field):
    return field.is_relation and issubclass(field.related_model, Trashable)


admin.FieldListFilter.register(is_trashable, FilterWithoutTrash, take_priority=True)
