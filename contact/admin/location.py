"""Locations: address, directions, hours, special days and the map's streets."""

from contextlib import suppress

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.forms.formsets import DELETION_FIELD_NAME
from django.urls import reverse
from phonenumber_field.formfields import PhoneNumberField

from clinic_site.editing.base import ModelAdmin, NamedFields, TabularInline
from clinic_site.web.dates import clock
from clinic_site.web.phones import phone_text
from contact.models import Clinic, Location, MapStreet, SpecialDay, WeeklyHours
from contact.place.coordinates import read_coordinates
from contact.place.holidays import country_code, day_from
from contact.place.hours import overlap


class HoursFormSet(NamedFields):
    """Refuses overlapping hours, also of a night and the day after, beside the later ones."""

    def clean(self):
        super().clean()
        earlier = []
        for form in self.forms:
            typed = getattr(form, "cleaned_data", {})
            day = typed.get("weekday", typed.get("day"))
            if day is None or typed.get(DELETION_FIELD_NAME):
                continue
            row = (day, typed.get("opens"), typed.get("closes"))
            if words := next(filter(None, (conflict(row, other) for other in earlier)), None):
                form.add_error("opens", words)
            earlier.append(row)


def conflict(row, other):
    """Return how two rows of (day, opens, closes) conflict, or None; a closed day has no times."""
    if None not in (*row, *other):
        if overlap(row, other):
            return f"These hours overlap with {clock(other[1])} to {clock(other[2])}."
    elif row[0] == other[0]:
        return "This day is here twice, once as closed all day. Remove one."
    return None


class WeeklyHoursInline(TabularInline):
    model = WeeklyHours
    formset = HoursFormSet
    fields = ("weekday", "opens", "closes")
    verbose_name = "opening time"
    verbose_name_plural = "Weekly hours (a day with a break has two rows)"


class SpecialDayInline(TabularInline):
    model = SpecialDay
    formset = HoursFormSet
    fields = ("day", "opens", "closes", "note")
    verbose_name_plural = "Special days (they replace that day’s weekly hours)"

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if coming_day(request) else self.extra


def coming_day(request):
    """Return the initial values of a special day that a dashboard link names, or None."""
    day = day_from(request.GET.get("day", "")) if request.method == "GET" else None
    return day and {"day": day, "note": request.GET.get("note", "")[:80]}


class MapStreetInline(TabularInline):
    model = MapStreet
    fields = ("name", "weight", "points")
    classes = ("collapse",)
    verbose_name_plural = "Streets drawn on the map"


class CoordinateInput(forms.TextInput):
    """Takes its own number from a pair, which a map copies, in the one field or the other."""

    def __init__(self, order):
        super().__init__()
        self.order = order

    def value_from_datadict(self, data, files, name):
        for text in map(data.get, ("latitude", "longitude")):
            with suppress(ValueError):
                pair = read_coordinates(text or "")
                if len(pair) == 2:
                    return str(pair[self.order])
        return super().value_from_datadict(data, files, name)


class CoordinateField(forms.DecimalField):
    """A latitude or a longitude as people copy it, rounded to six decimals."""

    def __init__(self, order, example, **kwargs):
        super().__init__(widget=CoordinateInput(order), **kwargs)
        self.example = example

    def to_python(self, value):
        if isinstance(value, str) and value.strip():
            try:
                (value,) = read_coordinates(value)
            except ValueError:
                words = f"Enter one number in degrees, for example {self.example}."
                raise forms.ValidationError(words) from None
        return super().to_python(value)


class PhoneField(PhoneNumberField):
    """A phone number, shown as on the site: the library's own text loses the extension."""

    default_error_messages = {
        "invalid": "Enter a phone number with its area code, for example 905-555-0142."
    }

    def __init__(self, **kwargs):
        super().__init__(widget=forms.TelInput({"class": "vTextField"}), **kwargs)

    def prepare_value(self, value):
        return value if isinstance(value, str) else phone_text(value)


class LocationForm(forms.ModelForm):
    phone = PhoneField()
    latitude = CoordinateField(
        0, "43.81413", help_text="You can paste both numbers here, as a map copies them."
    )
    longitude = CoordinateField(1, "-79.36041")
    country = forms.CharField(max_length=60, initial="CA", help_text="For example, CA or Canada.")

    def clean_country(self):
        country = self.cleaned_data["country"]
        if code := country_code(country):
            return code
        words = f"“{country}” is not a country that we know. Enter its two letters, for example CA."
        raise forms.ValidationError(words)


@admin.register(Location)
class LocationAdmin(ModelAdmin):
    """A location; the front desk may change its hours only."""

    form = LocationForm
    address = ("street_address", ("locality", "region"), ("postal_code", "country"))
    place = ("nearby", "areas_served", ("latitude", "longitude"), "time_zone")
    fieldsets = (
        (None, {"fields": ("clinic", "name", "phone", "email")}),
        ("Address", {"fields": address}),
        ("Map and area", {"fields": place}),
        ("Directions", {"fields": ("by_car", "by_transit", "parking", "entrance")}),
        ("More", {"fields": ("map_attribution", "order"), "classes": ("collapse",)}),
    )
    inlines = (WeeklyHoursInline, SpecialDayInline, MapStreetInline)
    list_display = ("name", "address_line", "phone_number", "email")
    search_fields = ("name", "street_address", "locality")

    @admin.display(description="Phone", ordering="phone")
    def phone_number(self, location):
        return location.phone_text

    def get_changeform_initial_data(self, request):
        return {"clinic": Clinic.objects.first()} | super().get_changeform_initial_data(request)

    def get_fieldsets(self, request, obj=None):
        """Leave out the clinic for people who can't see it, because Django would link to it."""
        if request.user.has_perm("contact.view_clinic"):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ("name", "phone", "email")}), *self.fieldsets[1:]]

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, SpecialDayInline) and (day := coming_day(request)):
            kwargs["initial"] = [day]
        return kwargs

    def has_change_permission(self, request, obj=None):
        may_change_hours = request.user.has_perm("contact.change_weeklyhours")
        return may_change_hours or super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        if super().has_change_permission(request, obj) or self.has_add_permission(request):
            return super().get_readonly_fields(request, obj)
        return flatten_fieldsets(self.fieldsets)

    def view_on_site(self, obj):
        return reverse("contact:enquiry")
