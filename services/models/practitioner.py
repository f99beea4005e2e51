"""Practitioners, named as on the public register, and the acts they are rostered for."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.history.version import Versioned
from clinic_site.images.library import ImageForeignKey
from clinic_site.publishing.trash import Trashable, TrashQuerySet
from clinic_site.richtext.field import SHORT, ProseField
from clinic_site.web.lists import split_languages
from clinic_site.web.redirects import PublicPage
from services.colleges import (
    IN_WORDS,
    TITLE_CHOICES,
    College,
    RegistrationClass,
    RosteredAct,
    degrees_fault,
    name_fault,
    title_fault,
    titled_name,
    usual_title,
)

VERIFY_EVERY = timedelta(days=365)


class PractitionerQuerySet(TrashQuerySet):
    def active(self):
        return self.not_trashed().filter(is_active=True)

    on_site = active

    def register_check_due(self):
        """Keep active people whose entry was not compared with the register for a year."""
        last = timezone.localdate() - VERIFY_EVERY
        never = models.Q(verified_on=None)
        shown = self.active().filter(is_sample=False).exclude(college=College.NONE)
        return shown.filter(never | models.Q(verified_on__lte=last))

    def for_cards(self):
        return self.active().select_related("portrait")

    def colleges(self):
        """Return the colleges of these people, or of the whole team when there are none."""
        theirs = set(self.values_list("college", flat=True)) - {College.NONE}
        team = Practitioner.objects.active()
        return theirs or set(team.values_list("college", flat=True)) - {College.NONE}

    def rostered_for(self, act):
        """Keep those rostered for an act; without an act, keep everybody."""
        return self.filter(rosterings__act=act) if act else self


class Practitioner(PublicPage, Trashable, Versioned):
    """A person who treats patients, named as on the public register."""

    titled_by = "name"
    history_parts = ("rosterings",)

    name = models.CharField(
        max_length=120,
        help_text="As on the public register, without a title. The site adds the title.",
    )
    slug = models.SlugField("page address (URL)", max_length=120, unique=True)
    college = models.CharField(max_length=20, choices=College, default=College.PHYSIOTHERAPISTS)
    registration_class = models.CharField(
        max_length=12, choices=RegistrationClass, default=RegistrationClass.INDEPENDENT
    )
    protected_title = models.CharField(
        max_length=30,
        blank=True,
        choices=TITLE_CHOICES,
        help_text="Choose the title that you use. If you choose none, the site prints PT, "
        "Physiotherapist Resident or RMT.",
    )
    degrees = models.CharField(max_length=80, blank=True, help_text="For example, MScPT.")
    registration_number = models.CharField(max_length=20, blank=True)
    register_url = models.URLField("link to the public register", blank=True)
    verified_on = models.DateField(
        "register checked on",
        null=True,
        blank=True,
        help_text="When somebody last compared this entry with the public register.",
    )
    summary = models.CharField(max_length=200, blank=True)
    biography = ProseField(extensions=SHORT, blank=True)
    languages = models.CharField(
        max_length=200, blank=True, help_text="For example, English, Cantonese."
    )
    portrait = ImageForeignKey()
    accepts_new_patients = models.BooleanField(default=True)
    booking_url = models.URLField("booking page", blank=True)
    enquiry_address = models.EmailField(
        "email for enquiries",
        blank=True,
        help_text="Gets a copy of enquiries that ask for this person.",
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
        "sample content",
        default=False,
        help_text="Untick this once it is a real person. Until then, the page says that it is "
        "a sample.",
    )
    order = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]
        permissions = [
            ("change_registration", "Can change practitioners' registration, account and visits"),
            ("enter_review", "Can enter a review by hand"),
        ]

    def __str__(self):
        return self.titled_name

    def get_absolute_url(self):
        return reverse("services:practitioner_detail", args=[self.slug])

    def clean(self):
        registration = self.college, self.registration_class
        faults = {
            "name": name_fault(self.name),
            "degrees": degrees_fault(self.degrees),
            "protected_title": title_fault(self.protected_title, *registration),
        }
        errors = {field: fault for field, fault in faults.items() if fault}
        if self.verified_on and self.verified_on > timezone.localdate():
            errors["verified_on"] = "Choose today or an earlier date."
        is_registrant = self.has_college and not self.is_sample
        if self.is_active and is_registrant and not self.registration_number:
            errors["registration_number"] = (
                "Enter the number from the public register, or untick “Shown on the site”."
            )
        if errors:
            raise ValidationError(errors)

    @property
    def url(self):
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def title(self):
        """The protected title: the chosen one, or the usual one of the college and class."""
        return self.protected_title or usual_title(self.college, self.registration_class)

    @property
    def titled_name(self):
        return titled_name(self.name, self.title, self.degrees)

    @property
    def title_in_words(self):
        return IN_WORDS.get(self.title, self.title)

    @property
    def language_names(self):
        return split_languages(self.languages)

    @property
    def initials(self):
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def has_college(self):
        return self.college != College.NONE


class Rostering(models.Model):
    """An act that a practitioner is rostered for."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="rosterings")
    act = models.CharField(max_length=30, choices=RosteredAct)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "act"], name="one_rostering_per_act")
        ]

    def __str__(self):
        return self.get_act_display()
