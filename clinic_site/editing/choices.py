"""Choices in the admin leave out the bin, except for what an object already has."""

from django import forms
from django.contrib import admin

from clinic_site.publishing.trash import Trashable
from clinic_site.richtext.html import MOST_KEY_DIGITS


class WithoutTrash:
    """Offers objects outside the bin, and marked ones in the bin that the form's object has."""

    def get_bound_field(self, form, name):
        chosen = form.initial.get(name) or []
        chosen = chosen if isinstance(chosen, list) else [chosen]
        keys = [str(getattr(one, "pk", one)) for one in chosen]  # some from the page's address
        keys = [key for key in keys if key.isdecimal() and len(key) <= MOST_KEY_DIGITS]
        self.queryset = self.queryset.choosable(keys)
        return super().get_bound_field(form, name)

    def label_from_instance(self, obj):
        return f"{obj} (in the bin)" if obj.trashed_at else str(obj)


class ChoiceWithoutTrash(WithoutTrash, forms.ModelChoiceField):
    pass


class ChoicesWithoutTrash(WithoutTrash, forms.ModelMultipleChoiceField):
    pass


class FilterWithoutTrash(admin.RelatedFieldListFilter):
    """A list's filter by related objects outside the bin."""

    def field_choices(self, field, request, model_admin):
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"trashed_at": None}
        )


def is_trashable(field):
    return field.is_relation and issubclass(field.related_model, Trashable)


admin.FieldListFilter.register(is_trashable, FilterWithoutTrash, take_priority=True)
