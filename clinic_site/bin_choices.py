"""Choosing in a form: nothing from the bin, but what was chosen before stays, and is marked."""

from django import forms


class KeptRows:
    """The rows that are not in the bin, and of those in it the ones that a form's row has."""

    def get_bound_field(self, form, name):
        held = form.initial.get(name) or []
        held = held if isinstance(held, list) else [held]
        self.queryset = self.queryset.choosable([getattr(one, "pk", one) for one in held])
        return super().get_bound_field(form, name)

    def label_from_instance(self, row):
        return f"{row} (in the bin)" if row.trashed_at else str(row)


class KeptChoice(KeptRows, forms.ModelChoiceField):
    """One of the rows that are not in the bin."""


class KeptChoices(KeptRows, forms.ModelMultipleChoiceField):
    """Some of the rows that are not in the bin."""
