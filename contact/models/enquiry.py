"""Enquiries: what a patient asked, where it stands, and who did what with it."""

import secrets
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from clinic_site.history.version import person_name
from contact.models.clinic import Clinic
from contact.models.delivery import Delivery
from services.models import Practitioner, Service

# Which text of templates/contact/_privacy_notice.html was shown; change both together.
NOTICE_VERSION = "2026-11"

OPEN_STATES = ("new", "seen")
REFERENCE_TRIES = 5
SET_ASIDE_KEPT = timedelta(days=30)  # counted from when somebody could have rescued it

# No 0, O, 1, I, L: a reference is read out on the phone.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference():
    return "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(6))


def new_token():
    """Return 128 random bits for the patient's own page."""
    return secrets.token_urlsafe(16)


class EnquiryQuerySet(models.QuerySet):
    def take(self, typed, submission_key, addresses, receipt_to=""):
        """Store an enquiry and its deliveries in one transaction, once for each submission key.

        Args:
            typed: a dict of the model's fields.
            submission_key: what makes a second sending of the same form the same enquiry.
            addresses: the email addresses that get a notice.
            receipt_to: the patient's address for an acknowledgement, or "" for none.

        Returns:
            The Enquiry, new or the one stored before.
        """
        for _ in range(REFERENCE_TRIES):
            # An IntegrityError without such a row is a reference or token drawn twice.
            with suppress(IntegrityError):
                return self._take_once(typed, submission_key, addresses, receipt_to)
        raise OperationalError("no free reference")

    def _take_once(self, typed, submission_key, addresses, receipt_to):
        with transaction.atomic():
            enquiry, is_new = self.get_or_create(submission_key=submission_key, defaults=typed)
            if is_new:
                kinds = [(address, Delivery.Kind.NOTICE) for address in addresses]
                if receipt_to:
                    kinds.append((receipt_to, Delivery.Kind.ACKNOWLEDGEMENT))
                Delivery.objects.bulk_create(
                    Delivery(enquiry=enquiry, address=address, kind=kind) for address, kind in kinds
                )
        return enquiry

    def same_as(self, typed_hash, since):
        """Keep the unanswered ones that came in after `since` with the very same words."""
        return self.filter(
            typed_hash=typed_hash, received_at__gt=since, state__in=OPEN_STATES, erased_at=None
        )

    def visible_to(self, user):
        """Keep those a member of staff may see: all, or what the clinic's choice leaves of them.

        That is what the person took on, what asks for them by name, and what is nobody's: not
        taken, and asking for nobody who could take it.
        """
        clinic = Clinic.objects.current()
        if not clinic.own_enquiries_only or user.has_perm("contact.view_every_enquiry"):
            return self
        theirs = models.Q(taken_by=user) | models.Q(practitioner__account=user)
        return self.filter(theirs | models.Q(taken_by=None, practitioner__account=None))

    def of_person(self, enquiry):
        """Keep what came from the same address or phone as an enquiry, itself among them."""
        same = models.Q(pk=enquiry.pk)
        if enquiry.email:
            same |= models.Q(email__iexact=enquiry.email)
        if enquiry.phone:
            same |= models.Q(phone=enquiry.phone)
        return self.filter(same, erased_at=None)

    def untouched_since(self, moment):
        """Keep the open ones that came in before a moment (aware) and had no human act after it."""
        acts = EnquiryEvent.objects.filter(enquiry=models.OuterRef("pk"), at__gte=moment)
        return self.open().filter(
            ~models.Exists(acts.exclude(kind=EnquiryEvent.Kind.OPENED)), received_at__lt=moment
        )

    def inbox(self):
        """Keep what people at the clinic work on: neither set aside nor emptied."""
        return self.filter(is_set_aside=False, erased_at=None)

    def set_aside(self):
        return self.filter(is_set_aside=True, erased_at=None)

    def open(self):
        """Keep those that nobody has answered or closed yet."""
        return self.inbox().filter(state__in=OPEN_STATES)

    def overdue(self, now):
        """Keep the open ones whose promised answer is late at `now` (aware)."""
        return self.open().filter(answer_by__lt=now)

    def purgeable(self, now):
        """Keep those whose time is over at `now`.

        Closed ones after the clinic's days; set-aside ones 30 days after somebody opened the list
        with them on it. Never one that is open, held, or still on its way to somebody.
        """
        closed_before = now - timedelta(days=Clinic.objects.current().retention_days)
        closed = models.Q(
            is_set_aside=False, state=Enquiry.State.CLOSED, closed_at__lt=closed_before
        )
        set_aside = models.Q(is_set_aside=True, listed_at__lt=now - SET_ASIDE_KEPT)
        on_its_way = Delivery.objects.to_staff().open().filter(enquiry=models.OuterRef("pk"))
        return self.filter(
            closed | set_aside, ~models.Exists(on_its_way), erased_at=None, is_held=False
        )

    def erase(self, now):
        """Empty what the rows hold of a person; that something came in, and when, stays.

        Returns:
            How many rows were emptied.
        """
        with transaction.atomic():
            rows = list(self.select_for_update().values_list("pk", flat=True))
            EnquiryEvent.objects.filter(enquiry__in=rows).update(words="")
            # A receipt's address is the patient's own.
            Delivery.objects.filter(enquiry__in=rows, kind=Delivery.Kind.ACKNOWLEDGEMENT).delete()
            return Enquiry.objects.filter(pk__in=rows).update(
                name="",
                phone="",
                email="",
                preferred_way="",
                may_leave_message=None,
                is_for_someone_else=False,
                times="",
                language="",
                service=None,
                practitioner=None,
                page="",
                message="",
                spam_reasons="",
                form_key="",
                typed_hash="",
                message_hash="",
                network_hash="",
                erased_at=now,
            )

    def cancel(self, now):
        """Close the open ones at their patient's wish; their notices go out once more to say so.

        Returns:
            How many were open.
        """
        with transaction.atomic():
            unanswered = self.filter(state__in=OPEN_STATES).select_for_update()
            rows = list(unanswered.values_list("pk", flat=True))
            Enquiry.objects.filter(pk__in=rows).update(
                state=Enquiry.State.CLOSED,
                closed_because=Enquiry.ClosedBecause.CANCELLED,
                closed_at=now,
            )
            EnquiryEvent.objects.bulk_create(
                EnquiryEvent.of(pk, EnquiryEvent.Kind.CANCELLED) for pk in rows
            )
            notices = Delivery.objects.filter(enquiry__in=rows, kind=Delivery.Kind.NOTICE)
            for delivery in notices.select_for_update():  # the sender may mark one now
                delivery.send_again(now)
        return len(rows)

    def to_escalate(self, now):
        """Keep the overdue ones that nobody was reminded of yet."""
        reminders = Delivery.objects.filter(
            enquiry=models.OuterRef("pk"), kind=Delivery.Kind.OVERDUE
        )
        return self.overdue(now).filter(~models.Exists(reminders))

    def without_notice(self):
        """Keep those that should go to somebody at the clinic and go to nobody."""
        notices = Delivery.objects.filter(enquiry=models.OuterRef("pk"), kind=Delivery.Kind.NOTICE)
        return self.inbox().filter(~models.Exists(notices))


class Enquiry(models.Model):
    """What one patient asked, once."""

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
        NO_REPLY = "no_reply", "No reply"
        CANCELLED = "cancelled", "Cancelled by the patient"
        SPAM = "spam", "Spam"
        OTHER = "other", "Other"

    reference = models.CharField(max_length=6, unique=True)
    token = models.CharField(max_length=22, unique=True)
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

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    closed_because = models.CharField(max_length=14, choices=ClosedBecause, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="enquiries"
    )
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_held = models.BooleanField("kept from the purge", default=False)
    erased_at = models.DateTimeField(null=True)

    is_set_aside = models.BooleanField("set aside as spam", default=False)
    spam_score = models.PositiveSmallIntegerField(default=0)
    spam_reasons = models.TextField(blank=True)
    listed_at = models.DateTimeField("shown in the list of set-aside ones", null=True)
    form_key = models.CharField(max_length=32, blank=True)
    typed_hash = models.CharField(max_length=32, blank=True)
    message_hash = models.CharField(max_length=32, blank=True)
    network_hash = models.CharField(max_length=32, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        verbose_name_plural = "enquiries"
        permissions = [
            ("view_every_enquiry", "Can see every enquiry, whatever the clinic chose"),
            ("export_enquiry", "Can export enquiries"),
            ("report_breach", "Can make the report after a breach"),
            ("erase_enquiry", "Can erase what an enquiry holds"),
        ]
        indexes = [
            models.Index(fields=["-received_at"]),
            models.Index(fields=["state", "answer_by"]),
            models.Index(fields=["typed_hash", "received_at"]),
            models.Index(fields=["message_hash", "received_at"]),
            models.Index(fields=["network_hash", "received_at"]),
        ]

    def __str__(self):
        return self.reference

    def save(self, **kwargs):
        self.reference = self.reference or new_reference()
        self.token = self.token or new_token()
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("contact:sent", args=[self.token])

    @property
    def is_open(self):
        return self.state in OPEN_STATES

    def is_late(self, now):
        """Say whether the promised answer is overdue at `now` (aware)."""
        return self.is_open and self.answer_by is not None and self.answer_by < now

    @property
    def is_cancelled(self):
        return self.closed_because == self.ClosedBecause.CANCELLED

    @property
    def leave_message_text(self):
        return {True: "Yes", False: "No", None: "Not said"}[self.may_leave_message]


class EnquiryEventQuerySet(models.QuerySet):
    def write_all(self, enquiries, kind, by, words=""):
        """Write the same event for each of many enquiries, by one statement however many.

        Args:
            enquiries: a queryset of them.
            by: the user.

        Returns:
            A queryset of the new events.
        """
        event = self.model.of(None, kind, by, words)
        enquiry, *fields = [field for field in event._meta.fields if not field.primary_key]
        values = {field: getattr(event, field.attname) for field in fields}
        chosen = enquiries.order_by().values_list(
            "pk", *(models.Value(value, field) for field, value in values.items())
        )
        select, params = chosen.query.sql_with_params()
        quote = connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in (enquiry, *fields))
        with connection.cursor() as cursor:
            table = quote(event._meta.db_table)
            cursor.execute(f"INSERT INTO {table} ({columns}) {select}", params)
        return self.filter(kind=kind, by=by, at=event.at)


class EnquiryEvent(models.Model):
    """Something a person did with an enquiry; nobody changes it afterwards."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened its page"
        SAW = "saw", "Marked it as seen"
        TOOK = "took", "Took it on"
        NOTED = "noted", "Noted"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed it"
        REOPENED = "reopened", "Opened it again"
        HELD = "held", "Kept it from the purge"
        RELEASED = "released", "Released it to the purge"
        RESENT = "resent", "Sent the notice again"
        STOPPED = "stopped", "Stopped sending"
        RESCUED = "rescued", "Rescued it from the set-aside ones"
        CANCELLED = "cancelled", "Cancelled by the patient"
        EXPORTED = "exported", "Exported it"
        ERASED = "erased", "Erased its content"

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    by_name = models.CharField("who, when it happened", max_length=310, blank=True)
    at = models.DateTimeField(default=timezone.now)
    words = models.TextField(blank=True)

    objects = EnquiryEventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return self.get_kind_display()

    @classmethod
    def of(cls, enquiry_id, kind, by=None, words=""):
        """Return a new event that still names who did it when the account is gone.

        Args:
            by: the user, or None for the patient.
        """
        return cls(
            enquiry_id=enquiry_id,
            kind=kind,
            by=by,
            by_name=person_name(by) if by else "",
            words=words,
        )
