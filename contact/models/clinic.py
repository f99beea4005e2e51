"""The clinic: its name and headline, its links, who gets enquiry emails and what they include."""

from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from clinic_site.history.version import Versioned
from clinic_site.web.lists import split_languages

MOST_FACTS = 4  # that fit on the home page

# The social networks in the footer: field, name, icon.
NETWORKS = (
    ("linkedin_url", "LinkedIn", "linkedin"),
    ("facebook_url", "Facebook", "facebook"),
    ("pinterest_url", "Pinterest", "pinterest"),
    ("youtube_url", "YouTube", "youtube"),
    ("x_url", "X", "x-social"),
    ("instagram_url", "Instagram", "instagram"),
)


class ClinicQuerySet(models.QuerySet):
    def current(self):
        """Return the clinic, or an unsaved one before anybody has entered it."""
        return self.first() or self.model(name="The clinic")


class Clinic(Versioned):
    """The clinic, a single object."""

    history_parts = ("facts", "first_visit_steps", "recipients")

    class MailDetail(models.TextChoices):
        MINIMAL = "minimal", "Minimal: reference and a link"
        CONTACT = "contact", "Contact: adds name, contact details and times"
        FULL = "full", "Full: adds service and message"

    name = models.CharField(max_length=80)
    kind = models.CharField(
        "type of clinic",
        max_length=40,
        default="Physiotherapy",
        help_text="Shown at the end of each page's title.",
    )
    promise_line = models.CharField(
        "headline",
        max_length=60,
        blank=True,
        help_text="The large line at the top of the home page.",
    )
    tagline = models.CharField(
        max_length=200, blank=True, help_text="The sentence below the headline."
    )
    languages = models.CharField(
        max_length=200,
        blank=True,
        help_text="The languages you answer in. For example, English, Cantonese.",
    )
    booking_name = models.CharField(
        "booking service", max_length=60, blank=True, help_text="For example, Jane."
    )
    booking_url = models.URLField(
        "booking page", blank=True, help_text="The link is shown above the enquiry form."
    )
    linkedin_url = models.URLField("LinkedIn", blank=True)
    facebook_url = models.URLField("Facebook", blank=True)
    pinterest_url = models.URLField("Pinterest", blank=True)
    youtube_url = models.URLField("YouTube", blank=True)
    x_url = models.URLField("X", blank=True)
    instagram_url = models.URLField("Instagram", blank=True)
    mail_detail = models.CharField(
        "what the enquiry email includes",
        max_length=10,
        choices=MailDetail,
        default=MailDetail.CONTACT,
        help_text=(
            "Other people may be able to read email on its way. Ontario's privacy commissioner "
            "advises clinics to encrypt it or to include as little as possible. A patient's "
            "consent alone is not enough."
        ),
    )
    answer_within_hours = models.PositiveSmallIntegerField(
        "answer within (hours)",
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Only the hours when you are open count. Patients see the day and time.",
    )
    sends_acknowledgement = models.BooleanField(
        "send patients a confirmation email",
        default=False,
        help_text=(
            "Patients who enter an email address get their reference, the time by which you will "
            "answer, and your phone number, but not what they wrote. Only a few are sent each "
            "hour, because anyone can type somebody else's address."
        ),
    )
    own_enquiries_only = models.BooleanField(
        "physiotherapists see their own enquiries only",
        default=False,
        help_text=(
            "They see enquiries that are assigned to them, that ask for them by name, or that "
            "nobody is assigned to. Front desk and owners see all enquiries."
        ),
    )
    retention_days = models.PositiveSmallIntegerField(
        "keep closed enquiries (days)", default=90, help_text="After that they are erased."
    )
    backup_days = models.PositiveSmallIntegerField(
        "keep backups (days)",
        default=30,
        help_text="Not longer than closed enquiries. The privacy page states both.",
    )
    is_sample = models.BooleanField(
        "this is sample content",
        default=False,
        help_text="Untick this once the details are yours. Until then, pages call it a sample.",
    )

    objects = ClinicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "clinic"

    def __str__(self):
        return self.name

    def clean(self):
        if self.booking_url and not self.booking_name:
            raise ValidationError(
                {"booking_name": "Enter the name of the booking service, for example Jane."}
            )
        if (self.backup_days or 0) > (self.retention_days or 0):
            raise ValidationError(
                {"backup_days": "Backups can’t be kept longer than closed enquiries."}
            )

    @cached_property
    def shown_facts(self):
        return self.facts.all()[:MOST_FACTS] if self.pk else []

    @cached_property
    def shown_steps(self):
        return self.first_visit_steps.all() if self.pk else []

    def notification_addresses(self, practitioner=None):
        """Return the addresses that get the email about an enquiry, each once."""
        addresses = self.addresses(Recipient.Kind.ENQUIRIES)
        if practitioner and practitioner.enquiry_address:
            addresses.append(practitioner.enquiry_address)
        return list({address.lower(): address for address in addresses}.values())

    def addresses(self, kind):
        """Return the recipients' addresses of one Recipient.Kind."""
        recipients = Recipient.objects.filter(clinic=self.pk, kind=kind)
        return list(recipients.values_list("address", flat=True))

    @property
    def social_links(self):
        links = [(getattr(self, field), name, icon) for field, name, icon in NETWORKS]
        return [link for link in links if link[0]]

    @property
    def language_names(self):
        return split_languages(self.languages)


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
    """A step of the first visit."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="first_visit_steps")
    title = models.CharField(max_length=60)
    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.title


class Recipient(models.Model):
    """An address that gets emails about enquiries."""

    class Kind(models.TextChoices):
        ENQUIRIES = "enquiries", "Every enquiry"
        OVERDUE = "overdue", "Overdue enquiries only"

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="recipients")
    address = models.EmailField()
    kind = models.CharField("gets", max_length=9, choices=Kind, default=Kind.ENQUIRIES)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "address", "kind"], name="each_recipient_once"
            )
        ]

    def __str__(self):
        return self.address
