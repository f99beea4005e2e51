"""Enquiries and their deliveries: what a patient asked, and where each notice of it stands."""

import secrets
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from services.models import Practitioner, Service

# Which text of templates/contact/_privacy_notice.html was shown; change both together.
NOTICE_VERSION = "2026-11"

# No 0, O, 1, I, L: a reference is read out on the phone.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference():
    return "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(6))


def new_token():
    """Return 128 random bits for the patient's own page."""
    return secrets.token_urlsafe(16)


def new_message_id():
    """Return a Message-ID of our own domain, fixed for all attempts of one delivery."""
    return make_msgid(domain=urlsplit(settings.SITE_URL).hostname)


class EnquiryQuerySet(models.QuerySet):
    def take(self, typed, submission_key, addresses):
        """Store an enquiry and its deliveries in one transaction, once for each submission key.

        Args:
            typed: a dict of the model's fields.
            submission_key: what makes a second sending of the same form the same enquiry.
            addresses: the email addresses that get a notice.

        Returns:
            The Enquiry, new or the one stored before.
        """
        with transaction.atomic():
            enquiry, is_new = self.get_or_create(submission_key=submission_key, defaults=typed)
            if is_new:
                Delivery.objects.bulk_create(
                    Delivery(enquiry=enquiry, address=address) for address in addresses
                )
        return enquiry

    def without_deliveries(self):
        """Keep those that go to nobody: there was no recipient when they came in."""
        return self.filter(deliveries=None)


class Enquiry(models.Model):
    """What one patient asked, once."""

    class PreferredWay(models.TextChoices):
        PHONE = "phone", "Phone"
        EMAIL = "email", "Email"

    reference = models.CharField(max_length=6, unique=True, default=new_reference)
    token = models.CharField(max_length=22, unique=True, default=new_token)
    submission_key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    phone = PhoneNumberField(blank=True)
    email = models.EmailField(blank=True)
    preferred_way = models.CharField(max_length=5, choices=PreferredWay, blank=True)
    may_leave_message = models.BooleanField(null=True)
    is_for_someone_else = models.BooleanField(default=False)
    times = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=40, blank=True)
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True)
    practitioner = models.ForeignKey(Practitioner, models.SET_NULL, null=True, blank=True)
    page = models.CharField("page asked for in another format", max_length=200, blank=True)
    message = models.TextField(blank=True)
    notice_version = models.CharField(max_length=10, default=NOTICE_VERSION, editable=False)
    answer_by = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "enquiries"

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("contact:sent", args=[self.token])

    @property
    def leave_message_text(self):
        return {True: "Yes", False: "No", None: "Not said"}[self.may_leave_message]


class DeliveryQuerySet(models.QuerySet):
    def open(self):
        """Keep those the mail server has not taken yet."""
        return self.exclude(state=self.model.State.ACCEPTED)

    def last_accepted_at(self):
        """Return when the mail server last took a notice, or None."""
        return self.aggregate(moment=models.Max("accepted_at"))["moment"]


class Delivery(models.Model):
    """One notice of an enquiry to one address."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        ACCEPTED = "accepted", "Handed to the mail server"
        REFUSED = "refused", "Refused by the mail server, still tried"

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="deliveries")
    address = models.EmailField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    waits_for_server = models.BooleanField(default=False)
    last_error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=200, default=new_message_id)
    accepted_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["enquiry", "address"], name="one_delivery_per_address")
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self):
        return f"{self.enquiry} to {self.address}"


class SenderHeartbeatQuerySet(models.QuerySet):
    def beat(self):
        self.update_or_create(pk=1, defaults={"seen_at": timezone.now()})

    def seen_at(self):
        """Return when the sender last worked, or None for never."""
        return self.values_list("seen_at", flat=True).first()


class SenderHeartbeat(models.Model):
    """The one row in which the mail sender says that it is alive."""

    seen_at = models.DateTimeField()

    objects = SenderHeartbeatQuerySet.as_manager()

    def __str__(self):
        return f"{self.seen_at}"
