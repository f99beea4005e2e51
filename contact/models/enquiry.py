"""Enquiries, and the events that record who did what with them."""

import secrets
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from phonenumber_field.modelfields import PhoneNumberField

from clinic_site.history.version import person_name
from clinic_site.web.phones import LONGEST
from contact.models.clinic import Clinic
from contact.models.delivery import Delivery
from contact.models.search_text import search_text, search_words

# The version of templates/contact/_privacy_notice.html that was shown; change both together.
NOTICE_VERSION = "2026-11"

OPEN_STATES = ("new", "seen")
REFERENCE_TRIES = 5
ERASED_AT_ONCE = 200
QUARANTINE = timedelta(days=30)  # counted from when a person checked it

# No 0, O, 1, I, L: a reference is read out on the phone.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class EnquiryQuerySet(models.QuerySet):
    def create_once(self, typed, submission_key, addresses, acknowledge_to=""):
        """Store an enquiry and its deliveries in one transaction, and return the Enquiry.

        The submission key is the idempotency key: with the same one, it returns the stored Enquiry.
        The addresses get an enquiry email, and `acknowledge_to` is the patient's address or "".
        """
        emails = [(address, Delivery.Kind.NOTIFICATION) for address in addresses]
        if acknowledge_to:
            emails.append((acknowledge_to, Delivery.Kind.ACKNOWLEDGEMENT))
        for _ in range(REFERENCE_TRIES):
            # An IntegrityError that remains is a reference or token drawn twice: draw again.
            with suppress(IntegrityError), transaction.atomic():
                enquiry, is_new = self.get_or_create(submission_key=submission_key, defaults=typed)
                if is_new:
                    Delivery.objects.bulk_create(
                        Delivery(enquiry=enquiry, address=address, kind=kind)
                        for address, kind in emails
                    )
                return enquiry
        raise OperationalError("no free reference")

    def update(self, **values):
        """Update, and the search column with what it is made of."""
        if "search_text" in values or not values.keys() & SearchTextField.made_of:
            return super().update(**values)
        keys = list(self.values_list("pk", flat=True))
        count = super().update(**values)
        for enquiry in self.model._base_manager.filter(pk__in=keys):
            enquiry.save(update_fields=["search_text"])
        return count

    update.alters_data = True

    def search(self, term):
        """Keep the enquiries with the words of a term, in any order, or with its reference.

        The words are parts of the name, the email address or the phone number.
        """
        words = search_words(term)
        named = models.Q(*(models.Q(search_text__contains=word) for word in words))
        found = models.Q(reference__iexact=term.strip())
        return self.filter(found | named if words else found)

    def same_as(self, typed_hash, since):
        """Keep the open enquiries received after `since` with exactly the same text."""
        return self.filter(
            typed_hash=typed_hash, received_at__gt=since, state__in=OPEN_STATES, erased_at=None
        )

    def visible_to(self, user):
        """Keep the enquiries that a user may see: all, or their own if the clinic chose that.

        Their own are assigned to them or ask for them by name; or they are not assigned, and ask
        for nobody who has an account.
        """
        clinic = Clinic.objects.current()
        if not clinic.own_enquiries_only or user.has_perm("contact.view_every_enquiry"):
            return self
        return self.filter(
            models.Q(assigned_to=user)
            | models.Q(practitioner__account=user)
            | models.Q(assigned_to=None, practitioner__account=None)
        )

    def of_person(self, enquiry):
        """Keep an enquiry, and others with the same email address or phone number."""
        same = models.Q(pk=enquiry.pk)
        if enquiry.email:
            same |= models.Q(email__iexact=enquiry.email)
        if enquiry.phone:
            same |= models.Q(phone=enquiry.phone)
        return self.filter(same, erased_at=None)

    def marked_as_spam(self):
        """Keep those that staff closed as spam, or left in quarantine when they checked it."""
        checked = models.Q(is_quarantined=True, checked_at__isnull=False)
        return self.filter(checked | models.Q(closed_because="spam"))

    def inbox(self):
        """Keep the enquiries that staff work on."""
        return self.filter(is_quarantined=False, erased_at=None)

    def quarantined(self):
        return self.filter(is_quarantined=True, erased_at=None)

    def unchecked(self):
        """Keep likely spam that no person has checked yet."""
        return self.quarantined().filter(checked_at=None)

    def open(self):
        """Keep the enquiries that nobody has answered or closed yet."""
        return self.inbox().filter(state__in=OPEN_STATES)

    def overdue(self, now):
        """Keep the open enquiries whose answer is late."""
        return self.open().filter(answer_by__lt=now)

    def without_reply_since(self, moment):
        """Keep the open enquiries received before a moment on which nobody has acted since."""
        events = EnquiryEvent.objects.filter(enquiry=models.OuterRef("pk"), at__gte=moment)
        actions = events.exclude(kind=EnquiryEvent.Kind.OPENED)
        return self.open().filter(~models.Exists(actions), received_at__lt=moment)

    def to_escalate(self, now):
        """Keep the overdue enquiries for which no reminder was created."""
        return self.overdue(now).exclude(deliveries__kind=Delivery.Kind.OVERDUE)

    def without_notification(self):
        """Keep the enquiries in the inbox that have no enquiry email."""
        return self.inbox().exclude(deliveries__kind=Delivery.Kind.NOTIFICATION)

    def to_notify(self, addresses):
        """Keep those without enquiry email, and those whose open one lacks a recipient of now.

        The recipients are `addresses` and the practitioner's own.
        """
        emails = Delivery.objects.filter(
            enquiry=models.OuterRef("pk"), kind=Delivery.Kind.NOTIFICATION
        )
        own = models.OuterRef("practitioner__enquiry_address")
        lacks = models.Q(practitioner__enquiry_address__gt="")
        lacks &= ~models.Exists(emails.filter(address__iexact=own))
        for address in addresses:
            lacks |= ~models.Exists(emails.filter(address__iexact=address))
        is_open = models.Exists(emails.open())
        return self.inbox().filter(~models.Exists(emails) | models.Q(is_open) & lacks)

    def purgeable(self, now):
        """Keep the enquiries whose retention period is over.

        That is the clinic's days for closed ones, and 30 days after a person checked likely spam;
        an enquiry that is held, or has an unsent email to staff, stays.
        """
        closed_before = now - timedelta(days=Clinic.objects.current().retention_days)
        closed = models.Q(is_quarantined=False, state="closed", closed_at__lt=closed_before)
        spam = models.Q(is_quarantined=True, checked_at__lt=now - QUARANTINE)
        unsent = Delivery.objects.to_staff().open().filter(enquiry=models.OuterRef("pk"))
        return self.filter(closed | spam, ~models.Exists(unsent), erased_at=None, is_held=False)

    def erase(self, now):
        """Empty everything personal but not the reference, dates and events; return how many.

        A few in each transaction, so that no new enquiry waits for all of them.
        """
        keys = list(self.values_list("pk", flat=True))
        starts = range(0, len(keys), ERASED_AT_ONCE)
        slices = (keys[start : start + ERASED_AT_ONCE] for start in starts)
        return sum(self.filter(pk__in=some).erase_slice(now) for some in slices)

    @transaction.atomic
    def erase_slice(self, now):
        keys = list(self.select_for_update().values_list("pk", flat=True))
        EnquiryEvent.objects.filter(enquiry__in=keys).update(detail="")
        # An acknowledgement's address is the patient's own.
        Delivery.objects.filter(enquiry__in=keys, kind=Delivery.Kind.ACKNOWLEDGEMENT).delete()
        return Enquiry.objects.filter(pk__in=keys).update(
            **dict.fromkeys(Enquiry.PERSONAL_TEXTS, ""),
            may_leave_message=None,
            is_for_someone_else=False,
            service=None,
            practitioner=None,
            erased_at=now,
        )


class SearchTextField(models.TextField):
    """The column that staff search in; each save makes it anew from the enquiry."""

    made_of = frozenset({"name", "email", "phone", "phone_note"})

    def __init__(self, **kwargs):
        super().__init__(**{"blank": True, "default": "", "editable": False} | kwargs)

    def pre_save(self, enquiry, add):
        phone = enquiry._meta.get_field("phone").get_prep_value(enquiry.phone)
        words = f"{enquiry.name} {enquiry.email} {enquiry.phone_note}"
        enquiry.search_text = search_text(words, phone or "")
        return enquiry.search_text


class Enquiry(models.Model):
    """One request of one patient."""

    class PreferredWay(models.TextChoices):
        PHONE = "phone", "Phone"
        EMAIL = "email", "Email"

    class State(models.TextChoices):
        NEW = "new", "New"
        SEEN = "seen", "Seen"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    class ClosedBecause(models.TextChoices):
        BOOKED = "booked", "Booked"
        MOVED_TO_CHART = "moved_to_chart", "Moved to chart"
        NO_REPLY = "no_reply", "Patient didn’t reply"
        CANCELLED = "cancelled", "Cancelled by the patient"
        SPAM = "spam", "Spam"
        OTHER = "other", "Other"

    reference = models.CharField(max_length=6, unique=True)
    token = models.CharField(max_length=22, unique=True)
    submission_key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    phone = PhoneNumberField(blank=True)
    # What was typed as the phone number, if it says more than that or no number is in it.
    phone_note = models.CharField("phone, as typed", max_length=LONGEST, blank=True)
    email = models.EmailField(blank=True)
    preferred_way = models.CharField(max_length=5, choices=PreferredWay, blank=True)
    may_leave_message = models.BooleanField(null=True)
    is_for_someone_else = models.BooleanField(default=False)
    times = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=40, blank=True)
    service = models.ForeignKey("services.Service", models.SET_NULL, null=True, blank=True)
    practitioner = models.ForeignKey(
        "services.Practitioner", models.SET_NULL, null=True, blank=True
    )
    page = models.CharField("page asked for in another format", max_length=200, blank=True)
    message = models.TextField(blank=True)
    notice_version = models.CharField(max_length=10, default=NOTICE_VERSION, editable=False)
    answer_by = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    closed_because = models.CharField(max_length=14, choices=ClosedBecause, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="enquiries"
    )
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_held = models.BooleanField("keep it longer", default=False)
    erased_at = models.DateTimeField(null=True)

    is_quarantined = models.BooleanField("likely spam", default=False)
    spam_score = models.PositiveSmallIntegerField(default=0)
    spam_reasons = models.TextField(blank=True)
    checked_at = models.DateTimeField("checked by a person", null=True)
    form_key = models.CharField(max_length=32, blank=True)
    typed_hash = models.CharField(max_length=32, blank=True)
    message_sketch = models.CharField(max_length=256, blank=True)
    network_hash = models.CharField(max_length=32, blank=True)

    search_text = SearchTextField()

    objects = EnquiryQuerySet.as_manager()

    # The purge empties the hashes too: somebody could compare them with a guess.
    PERSONAL_TEXTS = (
        *("name", "phone", "phone_note", "email", "preferred_way", "times", "language", "page"),
        *("message", "spam_reasons", "form_key", "typed_hash", "message_sketch", "network_hash"),
        "search_text",
    )

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "enquiries"
        permissions = [
            ("view_every_enquiry", "Can see every enquiry, whatever the clinic chose"),
            ("export_enquiry", "Can export enquiries"),
            ("report_breach", "Can download the privacy breach report"),
            ("erase_enquiry", "Can erase what an enquiry contains"),
        ]
        indexes = [
            models.Index(fields=["-received_at"]),
            models.Index(fields=["state", "answer_by"]),
            models.Index(fields=["typed_hash", "received_at"]),
            models.Index(fields=["network_hash", "received_at"]),
        ]

    def __str__(self):
        return self.reference

    def save(self, **kwargs):
        self.reference = self.reference or get_random_string(6, REFERENCE_LETTERS)
        # 128 bits: it opens the patient's page
        self.token = self.token or secrets.token_urlsafe(16)
        if (names := kwargs.get("update_fields")) and SearchTextField.made_of & {*names}:
            kwargs["update_fields"] = {*names, "search_text"}
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("contact:sent", args=[self.token])

    @property
    def typed_text(self):
        """What the spam model reads."""
        return f"{self.message}\n{self.times}"

    @property
    def is_open(self):
        return self.state in OPEN_STATES

    def is_late(self, now):
        return self.is_open and self.answer_by is not None and self.answer_by < now

    @property
    def is_cancelled(self):
        return self.closed_because == self.ClosedBecause.CANCELLED


class EnquiryEvent(models.Model):
    """Something a person did with an enquiry; it never changes afterwards."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened this page"
        SEEN = "seen", "Marked as seen"
        ASSIGNED = "assigned", "Assigned to themselves"
        NOTED = "noted", "Added a note"
        ANSWERED = "answered", "Marked as answered"
        CLOSED = "closed", "Closed"
        REOPENED = "reopened", "Reopened"
        HELD = "held", "Kept longer"
        RELEASED = "released", "Stopped keeping longer"
        RESENT = "resent", "Sent the email again"
        STOPPED = "stopped", "Stopped sending"
        NOT_SPAM = "not_spam", "Marked as not spam"
        CANCELLED = "cancelled", "Cancelled by the patient"
        EXPORTED = "exported", "Exported"
        ERASED = "erased", "Erased"

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    by_name = models.CharField("who, when it happened", max_length=310, blank=True)
    at = models.DateTimeField(default=timezone.now)
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return self.get_kind_display()

    @classmethod
    def of(cls, enquiry_id, kind, by=None, detail=""):
        """Return a new event by a user, or by the patient (None), with their name."""
        name = person_name(by) if by else ""
        return cls(enquiry_id=enquiry_id, kind=kind, by=by, by_name=name, detail=detail)
