"""Services, their fees, and the questions that patients ask about them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.publishing.review import Reviewable, ReviewableQuerySet
from clinic_site.richtext.field import SHORT, ProseField
from services.colleges import RosteredAct
from services.models.practitioner import Practitioner


class ServiceQuerySet(ReviewableQuerySet):
    def for_cards(self):
        return self.published().only("title", "slug", "summary", "joint", "order", "updated_at")

    def for_detail(self):
        return self.published().select_related("share_image", "reviewer")

    def without_providers(self):
        """Keep published services with a rostered act for which no active person is rostered."""
        rostered = Practitioner.objects.active().filter(
            services=models.OuterRef("pk"), rosterings__act=models.OuterRef("rostered_act")
        )
        return self.published().exclude(rostered_act="").filter(~models.Exists(rostered))


class Service(Reviewable):
    """A service that patients can book."""

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
        max_length=10, choices=Joint, default=Joint.SHOULDER, help_text="Chooses the illustration."
    )
    who_it_suits = ProseField(extensions=SHORT, blank=True)
    who_it_does_not_suit = ProseField(extensions=SHORT, blank=True)
    what_to_expect = ProseField(extensions=SHORT, blank=True)
    risks = ProseField(extensions=SHORT, blank=True)
    urgent_care = models.TextField(
        "when to seek urgent care", blank=True, help_text="Put an empty line between paragraphs."
    )
    rostered_act = models.CharField(
        max_length=30,
        choices=RosteredAct,
        blank=True,
        help_text="The page shows only practitioners who are rostered for this act.",
    )
    practitioners = models.ManyToManyField(Practitioner, blank=True, related_name="services")
    order = models.PositiveSmallIntegerField(default=0)

    history_parts = ("fees", "questions")
    clinical_parts = {"questions": ("question", "answer")}

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["order", "title"]

    def get_absolute_url(self):
        return reverse("services:service_detail", args=[self.slug])

    def providers(self, practitioners=None):
        """Return the active people who may provide this service, rostered for it where needed.

        A preview passes the chosen practitioners, which are not saved yet.
        """
        chosen = self.practitioners.all() if practitioners is None else practitioners
        return (
            Practitioner.objects.for_cards().filter(pk__in=chosen).rostered_for(self.rostered_act)
        )


def newest_in_force(fees):
    """Return the newest price in force today of each kind of visit, in the given order."""
    fees = [fee for fee in fees if fee.effective_on <= timezone.localdate()]
    newest = {
        (fee.service_id, fee.name, fee.minutes, fee.visits): fee
        for fee in sorted(fees, key=lambda fee: fee.effective_on)
    }
    return [fee for fee in fees if fee in newest.values()]


class FeeQuerySet(models.QuerySet):
    def current(self):
        """Keep the newest prices in force today of published services."""
        newest = newest_in_force(self.model.objects.order_by())
        return self.filter(
            pk__in=[fee.pk for fee in newest], service__in=Service.objects.published()
        ).select_related("service")


class Fee(models.Model):
    """The price of one kind of visit."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="fees")
    name = models.CharField(max_length=120, help_text="For example, First visit.")
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

    def clean(self):
        """Let a changed price start today, unless its date was changed too."""
        stored = Fee.objects.filter(pk=self.pk).first() if self.pk else None
        if stored and stored.price != self.price and stored.effective_on == self.effective_on:
            self.effective_on = max(self.effective_on, timezone.localdate())

    @property
    def is_package(self):
        return self.visits > 1


class ServiceQuestion(models.Model):
    """A question that patients ask about a service, with the answer."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="questions")
    question = models.CharField(max_length=200)
    answer = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.question
