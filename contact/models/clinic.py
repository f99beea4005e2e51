"""Facts about the clinic, each in one place: footer, contact page, JSON-LD and mail read them."""

from datetime import timedelta
from functools import cached_property
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from contact import hours, street_map

SHOWN_FACTS = 4

# The networks whose link the footer shows when it is set: field, name, icon.
NETWORKS = (
    ("linkedin_url", "LinkedIn", "linkedin"),
    ("facebook_url", "Facebook", "facebook"),
    ("pinterest_url", "Pinterest", "pinterest"),
    ("youtube_url", "YouTube", "youtube"),
    ("x_url", "X", "x-social"),
    ("instagram_url", "Instagram", "instagram"),
)


def names(text):
    """Return the names in a comma-separated text, without the empty ones."""
    return [name.strip() for name in text.split(",") if name.strip()]


class ClinicQuerySet(models.QuerySet):
    def current(self):
        """Return the clinic, or a nameless one before anybody has entered it."""
        return self.first() or self.model(name="The clinic")


class Clinic(models.Model):
    """The one row about the clinic as a whole."""

    class MailDetail(models.TextChoices):
        MINIMAL = "minimal", "Minimal: reference and a link"
        CONTACT = "contact", "Contact: adds name, contact details and times"
        FULL = "full", "Full: adds service and message"

    name = models.CharField(max_length=80)
    kind = models.CharField(
        "what it is", max_length=40, default="Physiotherapy", help_text="Ends each page's title."
    )
    promise_line = models.CharField(
        max_length=60, blank=True, help_text="The large line at the top of the home page."
    )
    tagline = models.CharField(max_length=200, blank=True, help_text="The sentence below it.")
    languages = models.CharField(
        max_length=200, blank=True, help_text="Languages you answer in, like English, Cantonese."
    )
    booking_name = models.CharField(max_length=60, blank=True, help_text="Like Jane.")
    booking_url = models.URLField(
        "booking page", blank=True, help_text="Offered above the enquiry form, which stays."
    )
    linkedin_url = models.URLField("LinkedIn", blank=True)
    facebook_url = models.URLField("Facebook", blank=True)
    pinterest_url = models.URLField("Pinterest", blank=True)
    youtube_url = models.URLField("YouTube", blank=True)
    x_url = models.URLField("X", blank=True)
    instagram_url = models.URLField("Instagram", blank=True)
    mail_detail = models.CharField(
        "what a notice holds",
        max_length=10,
        choices=MailDetail,
        default=MailDetail.CONTACT,
        help_text=(
            "Email can be read on its way. Ontario's privacy commissioner advises to encrypt it "
            "or to put as little as possible in it; a patient's consent alone is not enough."
        ),
    )
    answer_within_hours = models.PositiveSmallIntegerField(
        "answer within",
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="In hours the clinic is open. Patients are told the day and time.",
    )
    retention_days = models.PositiveSmallIntegerField(
        "keep closed enquiries", default=90, help_text="In days."
    )
    backup_days = models.PositiveSmallIntegerField(
        "keep backups",
        default=30,
        help_text="In days, never longer than closed enquiries. The privacy page states both.",
    )
    is_sample = models.BooleanField(
        "this is sample content",
        default=False,
        help_text="Untick it once the facts are your own. The site says so while it is ticked.",
    )

    objects = ClinicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "clinic"

    def __str__(self):
        return self.name

    def clean(self):
        if self.booking_url and not self.booking_name:
            raise ValidationError({"booking_name": "Name the booking service, like Jane."})
        if (self.backup_days or 0) > (self.retention_days or 0):
            raise ValidationError(
                {"backup_days": "Backups cannot be kept longer than closed enquiries."}
            )

    @cached_property
    def shown_facts(self):
        return self.facts.all()[:SHOWN_FACTS] if self.pk else []

    @cached_property
    def shown_steps(self):
        return self.first_visit_steps.all() if self.pk else []

    def notice_addresses(self, practitioner=None):
        """Return who gets the notice of an enquiry, each address once."""
        recipients = self.recipients.all() if self.pk else []
        addresses = [recipient.address for recipient in recipients]
        if practitioner and practitioner.enquiry_address:
            addresses.append(practitioner.enquiry_address)
        return list({address.lower(): address for address in addresses}.values())

    @property
    def social_links(self):
        return [
            (getattr(self, field), name, icon)
            for field, name, icon in NETWORKS
            if getattr(self, field)
        ]

    @property
    def language_names(self):
        return names(self.languages)


class ClinicFact(models.Model):
    """A short fact on the home page, like "Direct billing"."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="facts")
    label = models.CharField(max_length=60)
    detail = models.CharField(max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "short fact"

    def __str__(self):
        return self.label


class FirstVisitStep(models.Model):
    """One step of how the first visit goes."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="first_visit_steps")
    title = models.CharField(max_length=60)
    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.title


class Recipient(models.Model):
    """An address that gets every enquiry."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="recipients")
    address = models.EmailField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "address"], name="each_recipient_once")
        ]

    def __str__(self):
        return self.address


class LocationQuerySet(models.QuerySet):
    def with_hours(self):
        special_days = models.Prefetch("special_days", SpecialDay.objects.upcoming())
        return self.select_related("clinic").prefetch_related("weekly_hours", special_days)

    def main(self):
        """Return the first location with all that the footer prints, or None."""
        return self.with_hours().prefetch_related("streets").first()


def validate_zone(name):
    if name not in available_timezones():
        raise ValidationError("Write a time zone like America/Toronto.")


class Location(models.Model):
    """A place where patients are seen; the first one stands in the footer."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="locations")
    name = models.CharField(max_length=80)
    street_address = models.CharField(max_length=120)
    locality = models.CharField("town", max_length=60)
    region = models.CharField("province", max_length=30, default="ON")
    postal_code = models.CharField(max_length=12)
    country = models.CharField(max_length=2, default="CA", help_text="Two letters, like CA.")
    nearby = models.CharField(
        max_length=80,
        blank=True,
        help_text="Cross streets for page titles, like Don Mills and Steeles.",
    )
    areas_served = models.CharField(max_length=200, blank=True, help_text="Separated by commas.")
    latitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    phone = PhoneNumberField()
    email = models.EmailField(blank=True)
    time_zone = models.CharField(
        max_length=40, default="America/Toronto", validators=[validate_zone]
    )
    by_car = models.TextField(blank=True)
    by_transit = models.TextField(blank=True)
    parking = models.TextField(blank=True)
    entrance = models.TextField("step-free entrance", blank=True)
    map_attribution = models.CharField(
        max_length=120, blank=True, help_text="Only when the streets come from somebody's map."
    )
    order = models.PositiveSmallIntegerField(default=0)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @cached_property
    def schedule(self):
        return hours.Schedule(self.weekly_hours.all(), self.special_days.all(), self.zone)

    @property
    def status(self):
        return self.schedule.status(timezone.now())

    @property
    def coming_openings(self):
        """The openings of the next eight days, for the script that keeps the status true."""
        return self.schedule.openings(timezone.now(), days=8)

    @property
    def week(self):
        return self.schedule.week(timezone.now())

    @property
    def answer_by(self):
        """The local moment by which an enquiry sent now is answered, or None without hours."""
        return self.schedule.add_open_hours(timezone.now(), self.clinic.answer_within_hours)

    @cached_property
    def map_streets(self):
        pin = (float(self.latitude), float(self.longitude))
        return street_map.draw(self.streets.all(), pin)

    @property
    def phone_text(self):
        """The phone number as people here write it: 905-555-0142."""
        return self.phone.as_national.replace("(", "").replace(") ", "-") if self.phone else ""

    @property
    def phone_link(self):
        return self.phone.as_rfc3966 if self.phone else ""

    @property
    def where(self):
        """Where it is, for page titles: near the cross streets, or in the town."""
        return f"near {self.nearby}, {self.locality}" if self.nearby else f"in {self.locality}"

    @property
    def area_names(self):
        return names(self.areas_served)

    @property
    def address_line(self):
        return f"{self.street_address}, {self.locality}, {self.region} {self.postal_code}"

    @property
    def map_links(self):
        """The (name, address) pairs of map services; their own parameters for a pin."""
        point = f"{self.latitude},{self.longitude}"
        return [
            ("Google Maps", f"https://www.google.com/maps/search/?api=1&query={point}"),
            ("Apple Maps", f"https://maps.apple.com/?ll={point}&q={quote(self.address_line)}"),
            (
                "OpenStreetMap",
                f"https://www.openstreetmap.org/?mlat={self.latitude}&mlon={self.longitude}#map=17/{self.latitude}/{self.longitude}",
            ),
        ]

    @property
    def directions(self):
        """The (heading, words) pairs that were filled in."""
        pairs = (
            ("By car", self.by_car),
            ("By transit", self.by_transit),
            ("Parking", self.parking),
            ("Step-free entrance", self.entrance),
        )
        return [(heading, words) for heading, words in pairs if words]


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
        help_text="Latitude,longitude pairs along it: 43.81200,-79.35500; 43.80310,-79.35120"
    )

    def __str__(self):
        return self.name

    def clean(self):
        try:
            street_map.points_from_text(self.points)
        except ValueError:
            raise ValidationError(
                {"points": "Write at least two pairs like 43.81200,-79.35500; 43.80310,-79.35120"}
            ) from None


class WeeklyHours(models.Model):
    """One stretch of open time on a day of the week; a lunch gap makes two."""

    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    location = models.ForeignKey(Location, models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text="For midnight write 00:00.")

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = verbose_name_plural = "weekly hours"

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"

    def clean(self):
        check_span(self.opens, self.closes)


class SpecialDayQuerySet(models.QuerySet):
    def upcoming(self):
        """Keep the days that can still matter, yesterday among them for zones behind ours."""
        return self.filter(day__gte=timezone.localdate() - timedelta(days=1))


class SpecialDay(models.Model):
    """A day that is closed or has other hours; two rows with one day make a gap."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="special_days")
    day = models.DateField()
    opens = models.TimeField(null=True, blank=True, help_text="Leave empty when closed all day.")
    closes = models.TimeField(null=True, blank=True)
    note = models.CharField(max_length=80, blank=True, help_text="Like Family Day.")

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "opens"]

    def __str__(self):
        return f"{self.day}: {self.note or 'special hours'}"

    def clean(self):
        if (self.opens is None) != (self.closes is None):
            raise ValidationError("Give both times, or neither when closed all day.")
        check_span(self.opens, self.closes)


def check_span(opens, closes):
    """Refuse a span that ends before it starts; 00:00 ends the day."""
    if opens and closes and closes != hours.MIDNIGHT and closes <= opens:
        raise ValidationError({"closes": "The closing time must be after the opening time."})
