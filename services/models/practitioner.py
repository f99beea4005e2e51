"""Who treats patients, named as on the public register, and the acts they are rostered for."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.history.records import Records
from clinic_site.images.library import PictureKey
from clinic_site.publishing.trash import Trashable, TrashQuerySet
from clinic_site.richtext.field import SHORT, ProseField
from clinic_site.web.redirects import PublicPage
from services.colleges import (
    College,
    RegistrationClass,
    RosteredAct,
    title_in_words,
    titled_name,
    validate_degrees,
    validate_name,
)

VERIFY_EVERY = timedelta(days=365)


class PractitionerQuerySet(TrashQuerySet):
    def active(self):
        return self.not_trashed().filter(is_active=True)

    on_site = active

    def register_check_due(self):
        """Keep those shown whose entry nobody has compared with the register for a year."""
        last = timezone.localdate() - VERIFY_EVERY
        never = models.Q(verified_on=None)
        shown = self.active().filter(is_sample=False).exclude(college=College.NONE)
        return shown.filter(never | models.Q(verified_on__lte=last))

    def for_cards(self):
        return self.active().select_related("portrait")

    def colleges(self):
        """Return whose rules bind what is written for these people; the whole team's for nobody."""
        theirs = set(self.values_list("college", flat=True)) - {College.NONE}
        team = Practitioner.objects.active()
        return theirs or set(team.values_list("college", flat=True)) - {College.NONE}

    def rostered_for(self, act):
        """Keep those who may provide a service with this rostered act ("" keeps everyone)."""
        return self.filter(rosterings__act=act) if act else self


class Practitioner(PublicPage, Trashable):
    """Somebody who treats patients, named as on the public register."""

    titled_by = "name"

    name = models.CharField(
        max_length=120,
        validators=[validate_name],
        help_text="As on the public register, without a title: the site adds it in order.",
    )
    slug = models.SlugField("address", max_length=120, unique=True)
    college = models.CharField(max_length=20, choices=College, default=College.PHYSIOTHERAPISTS)
    registration_class = models.CharField(
        max_length=12, choices=RegistrationClass, default=RegistrationClass.INDEPENDENT
    )
    degrees = models.CharField(
        max_length=80, blank=True, validators=[validate_degrees], help_text="Like MScPT."
    )
    registration_number = models.CharField(max_length=20, blank=True)
    register_url = models.URLField("link to the public register", blank=True)
    verified_on = models.DateField(
        "register checked on",
        null=True,
        blank=True,
        help_text="The day somebody last compared this entry with the public register.",
    )
    summary = models.CharField(max_length=200, blank=True)
    biography = ProseField(extensions=SHORT, blank=True)
    languages = models.CharField(max_length=200, blank=True, help_text="Like English, Cantonese.")
    portrait = PictureKey()
    accepts_new_patients = models.BooleanField(default=True)
    booking_url = models.URLField("own booking page", blank=True)
    enquiry_address = models.EmailField(
        blank=True, help_text="Gets the enquiries that name this person, besides the clinic's."
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="practitioner",
    )
    is_active = models.BooleanField("shown on the site", default=True)
    is_sample = models.BooleanField(
        "this is sample content",
        default=False,
        help_text="Untick it once this is a real person. The site says so while it is ticked.",
    )
    order = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PractitionerQuerySet.as_manager()
    history = Records()

    class Meta:
        ordering = ["order", "name"]
        permissions = [
            ("change_registration", "Can change practitioners' registration, account and visits"),
            ("enter_review", "Can enter by hand who checked a text, and when"),
        ]

    def __str__(self):
        return self.titled_name

    def get_absolute_url(self):
        return reverse("services:practitioner_detail", args=[self.slug])

    def clean(self):
        if self.verified_on and self.verified_on > timezone.localdate():
            raise ValidationError({"verified_on": "Choose today or a day before."})
        is_registrant = self.has_college and not self.is_sample
        if self.is_active and is_registrant and not self.registration_number:
            raise ValidationError(
                {"registration_number": "Enter it from the public register, or untick “shown”."}
            )

    @property
    def url(self):
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def titled_name(self):
        return titled_name(self.name, self.college, self.registration_class, self.degrees)

    @property
    def title_in_words(self):
        return title_in_words(self.college, self.registration_class)

    @property
    def language_names(self):
        return [name.strip() for name in self.languages.split(",") if name.strip()]

    @property
    def initials(self):
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def has_college(self):
        return self.college != College.NONE


class Rostering(models.Model):
    """One act a practitioner is on their college's roster for."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="rosterings")
    act = models.CharField(max_length=30, choices=RosteredAct)

    history = Records(part_of="practitioner")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "act"], name="one_rostering_per_act")
        ]

    def __str__(self):
        return self.get_act_display()
