"""Where patients are seen: address, pin, streets of the map, hours and special days."""

from datetime import timedelta
from functools import cached_property
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from clinic_site.history.version import Versioned
from clinic_site.web.lists import split_names
from clinic_site.web.phones import phone_text
from contact.models.clinic import Clinic
from contact.place import hours, street_map
from contact.place.holidays import region_code

LONGEST_NIGHT = 16 * 60  # minutes
TOO_LONG = (
    "The closing time must be after the opening time, or in the night that follows. For 5 in the "
    "afternoon, enter 17:00."
)
COUNTRIES_WITH_PROVINCES = ("CA", "US")  # in their addresses; elsewhere a county may stand there
UNKNOWN_REGION = (
    "“{}” is not a province or state of this country. Enter its name or its two letters, for "
    "example Ontario or ON."
)


class LocationQuerySet(models.QuerySet):
    def main(self):
        """Return the first location, which is on every page, or None."""
        return self.select_related("clinic").first()


class Location(Versioned):
    """A place where patients are seen; the first one is in the footer."""

    history_parts = ("streets", "weekly_hours", "special_days")
    history_ignores = ("map_streets",)

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="locations")
    name = models.CharField(max_length=80)
    street_address = models.CharField(max_length=120)
    locality = models.CharField("town", max_length=60)
    region = models.CharField("province", max_length=30, default="ON")
    postal_code = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="CA", help_text="Two letters, for example CA.")
    nearby = models.CharField(
        "nearest intersection",
        max_length=80,
        blank=True,
        help_text="Shown in page titles. For example, Don Mills and Steeles.",
    )
    areas_served = models.CharField(
        max_length=200, blank=True, help_text="Separate them with commas."
    )
    latitude = models.DecimalField(
        max_digits=8, decimal_places=6, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        max_digits=9, decimal_places=6, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    phone = PhoneNumberField()
    email = models.EmailField(blank=True)
    time_zone = models.CharField(max_length=40, default="America/Toronto")
    by_car = models.TextField(blank=True)
    by_transit = models.TextField(blank=True)
    parking = models.TextField(blank=True)
    entrance = models.TextField("step-free entrance", blank=True)
    map_attribution = models.CharField(
        "map credit",
        max_length=120,
        blank=True,
        help_text="Only if you copied the streets from a map.",
    )
    map_streets = models.JSONField("drawing of the map", default=list, editable=False)
    order = models.PositiveSmallIntegerField(default=0)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name

    def clean(self):
        """Store the code of a province that was typed as a name."""
        if code := region_code(self.country, self.region):
            self.region = code
        elif self.region and self.country in COUNTRIES_WITH_PROVINCES:
            raise ValidationError({"region": UNKNOWN_REGION.format(self.region)})
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "Enter a time zone, for example America/Toronto."})

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @cached_property
    def usual_hours(self):
        return list(self.weekly_hours.all())

    @cached_property
    def coming_days(self):
        return list(self.special_days.upcoming())

    @cached_property
    def schedule(self):
        return hours.Schedule(self.usual_hours, self.coming_days, self.zone)

    @cached_property
    def status(self):
        return self.schedule.status(timezone.now())

    @cached_property
    def coming_openings(self):
        """The openings of the next eight days, for the script that updates the status."""
        return self.schedule.openings(timezone.now(), days=8)

    @cached_property
    def far_opening(self):
        """What the script shows while no opening is near: the page may be kept in a browser."""
        return self.schedule.far_opening(timezone.now())

    @cached_property
    def week(self):
        return self.schedule.week(timezone.now())

    @property
    def answer_by(self):
        """The local moment by which we answer an enquiry sent now, or None without hours."""
        return self.schedule.add_open_hours(timezone.now(), self.clinic.answer_within_hours)

    def open_days_ago(self, now, days):
        """Return when the first of the last `days` finished open days began; see Schedule."""
        schedule = hours.Schedule(self.usual_hours, self.special_days.all(), self.zone)
        return schedule.open_days_ago(now, days)

    def draw_map(self):
        """Draw the map and store it."""
        pin = (float(self.latitude), float(self.longitude))
        self.map_streets = street_map.draw(self.streets.all(), pin)
        type(self).objects.filter(pk=self.pk).update(map_streets=self.map_streets)

    @cached_property
    def phone_text(self):
        return phone_text(self.phone)

    @cached_property
    def phone_link(self):
        return self.phone.as_rfc3966 if self.phone else ""

    @property
    def where(self):
        """The place for page titles: near the cross streets, or in the town."""
        return f"near {self.nearby}, {self.locality}" if self.nearby else f"in {self.locality}"

    @cached_property
    def area_names(self):
        return split_names(self.areas_served)

    @property
    def address_line(self):
        return f"{self.street_address}, {self.locality}, {self.region} {self.postal_code}"

    @cached_property
    def map_links(self):
        """The (name, URL) pairs of map services that show the pin."""
        lat, lon, osm = self.latitude, self.longitude, "https://www.openstreetmap.org/"
        query = quote(self.address_line)
        return [
            ("Google Maps", f"https://www.google.com/maps/search/?api=1&query={lat},{lon}"),
            ("Apple Maps", f"https://maps.apple.com/?ll={lat},{lon}&q={query}"),
            ("OpenStreetMap", f"{osm}?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"),
        ]

    @property
    def directions(self):
        """The (heading, text) pairs of the fields that are filled in."""
        headings = ("By car", "By transit", "Parking", "Step-free entrance")
        texts = (self.by_car, self.by_transit, self.parking, self.entrance)
        return [pair for pair in zip(headings, texts, strict=True) if pair[1]]


class MapStreet(models.Model):
    """A street on the location's map."""

    class Weight(models.TextChoices):
        HIGHWAY = "highway", "Highway"
        MAJOR = "major", "Main street"
        MINOR = "minor", "Side street"

    location = models.ForeignKey(Location, models.CASCADE, related_name="streets")
    name = models.CharField(max_length=60)
    weight = models.CharField(max_length=8, choices=Weight, default=Weight.MAJOR)
    points = models.TextField(
        help_text="Points along the street, for example 43.81200,-79.35500; 43.80310,-79.35120"
    )

    def __str__(self):
        return self.name

    def clean(self):
        try:
            street_map.points_from_text(self.points)
        except ValueError:
            raise ValidationError(
                {"points": "Enter two points or more, like 43.81200,-79.35500; 43.80310,-79.35120"}
            ) from None


class WeeklyHours(models.Model):
    """One stretch of open time on a day of the week; a lunch break makes two."""

    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    location = models.ForeignKey(Location, models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(
        help_text="For midnight, enter 00:00. A time before the opening time is on the next day."
    )

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = verbose_name_plural = "weekly hours"

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"

    def clean(self):
        check_span(self.opens, self.closes)


class SpecialDayQuerySet(models.QuerySet):
    def upcoming(self):
        """Keep the days from yesterday on: it may still be yesterday at the location."""
        return self.filter(day__gte=timezone.localdate() - timedelta(days=1))


class SpecialDay(models.Model):
    """A day that is closed or has other hours; a break makes two of a day."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="special_days")
    day = models.DateField()
    opens = models.TimeField(null=True, blank=True, help_text="Leave empty if closed all day.")
    closes = models.TimeField(null=True, blank=True, help_text="May be in the night that follows.")
    note = models.CharField(max_length=80, blank=True, help_text="For example, Family Day.")

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "opens"]

    def __str__(self):
        return f"{self.day}: {self.note or 'special hours'}"

    def clean(self):
        if (self.opens is None) != (self.closes is None):
            raise ValidationError("Enter both times, or leave both empty if closed all day.")
        check_span(self.opens, self.closes)


def check_span(opens, closes):
    """Refuse a night that is so long that 5:00 was typed for 17:00; 00:00 to 00:00 is all day."""
    if opens is None or closes in (None, hours.MIDNIGHT):
        return
    start, end = hours.minutes(0, opens, closes)
    if end > hours.DAY and end - start >= LONGEST_NIGHT:
        raise ValidationError({"closes": TOO_LONG})
