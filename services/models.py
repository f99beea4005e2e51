"""What the clinic offers and who provides it: services, practitioners, fees, questions."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.prose import SHORT, ProseField
from clinic_site.publishing import Publishable, PublishableQuerySet
from services.colleges import (
    College,
    RegistrationClass,
    RosteredAct,
    title_in_words,
    titled_name,
)


class PractitionerQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def for_cards(self):
        return self.active().select_related("portrait")

    def rostered_for(self, act):
        """Keep those who may provide a service with this rostered act ("" keeps everyone)."""
        return self.filter(rosterings__act=act) if act else self

    def for_detail(self):
        return self.for_cards().prefetch_related(
            models.Prefetch("services", Service.objects.for_cards())
        )


class Practitioner(models.Model):
    """Somebody who treats patients, named as on the public register."""

    name = models.CharField(
        max_length=120,
        help_text="As on the public register, without a title: the site adds it in order.",
    )
    slug = models.SlugField("address", max_length=120, unique=True)
    college = models.CharField(max_length=20, choices=College, default=College.PHYSIOTHERAPISTS)
    registration_class = models.CharField(
        max_length=12, choices=RegistrationClass, default=RegistrationClass.INDEPENDENT
    )
    degrees = models.CharField(max_length=80, blank=True, help_text="Like MScPT.")
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
    portrait = models.ForeignKey(
        "clinic_site.Image", models.PROTECT, null=True, blank=True, related_name="+"
    )
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

    class Meta:
        ordering = ["order", "name"]
        permissions = [
            ("change_registration", "Can change practitioners' registration, account and visits")
        ]

    def __str__(self):
        return self.titled_name

    def get_absolute_url(self):
        return reverse("services:practitioner_detail", args=[self.slug])

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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "act"], name="one_rostering_per_act")
        ]

    def __str__(self):
        return self.get_act_display()


class ServiceQuerySet(PublishableQuerySet):
    def for_cards(self):
        return self.published().only("title", "slug", "summary", "joint", "order", "updated_at")

    def for_detail(self):
        return self.published().select_related("share_image").prefetch_related("questions")


class Service(Publishable):
    """Something a patient can come for."""

    class Joint(models.TextChoices):
        SHOULDER = "shoulder", "Shoulder"
        ELBOW = "elbow", "Elbow"
        WRIST = "wrist", "Wrist"
        NECK = "neck", "Neck"
        SPINE = "spine", "Spine"
        HIP = "hip", "Hip"
        KNEE = "knee", "Knee"
        ANKLE = "ankle", "Ankle"

    joint = models.CharField(
        max_length=10, choices=Joint, default=Joint.SHOULDER, help_text="Chooses the drawing."
    )
    who_it_suits = ProseField(extensions=SHORT, blank=True)
    who_it_does_not_suit = ProseField(extensions=SHORT, blank=True)
    what_to_expect = ProseField(extensions=SHORT, blank=True)
    risks = ProseField(extensions=SHORT, blank=True)
    urgent_care = models.TextField(
        "when to seek urgent care", blank=True, help_text="Leave an empty line between paragraphs."
    )
    rostered_act = models.CharField(
        max_length=30,
        choices=RosteredAct,
        blank=True,
        help_text="Only practitioners rostered for it are shown with the service.",
    )
    practitioners = models.ManyToManyField(Practitioner, blank=True, related_name="services")
    order = models.PositiveSmallIntegerField(default=0)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["order", "title"]

    def get_absolute_url(self):
        return reverse("services:service_detail", args=[self.slug])

    def providers(self):
        """Return who may provide this service: shown people, rostered where that is needed."""
        return self.practitioners.for_cards().rostered_for(self.rostered_act)


class FeeQuerySet(models.QuerySet):
    def current(self):
        """Keep the newest price of each name that is in force today, of published services."""
        in_force = self.model.objects.filter(effective_on__lte=timezone.localdate())
        newer = in_force.filter(
            service=models.OuterRef("service"),
            name=models.OuterRef("name"),
            effective_on__gt=models.OuterRef("effective_on"),
        )
        return self.filter(
            ~models.Exists(newer),
            effective_on__lte=timezone.localdate(),
            service__in=Service.objects.published(),
        ).select_related("service")


class Fee(models.Model):
    """What a kind of visit costs."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="fees")
    name = models.CharField(max_length=120, help_text="Like First visit.")
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    price = models.DecimalField(
        "price in CAD", max_digits=7, decimal_places=2, validators=[MinValueValidator(0)]
    )
    visits = models.PositiveSmallIntegerField(
        "number of visits", default=1, validators=[MinValueValidator(1)]
    )
    effective_on = models.DateField("in force from", default=timezone.localdate)
    order = models.PositiveSmallIntegerField(default=0)

    objects = FeeQuerySet.as_manager()

    class Meta:
        ordering = ["service__order", "service__title", "order", "pk"]

    def __str__(self):
        return f"{self.service}: {self.name}"

    @property
    def is_package(self):
        return self.visits > 1


class ServiceQuestion(models.Model):
    """A question patients ask about a service, with the clinic's answer."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="questions")
    question = models.CharField(max_length=200)
    answer = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.question
