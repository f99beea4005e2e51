"""Deliveries: the emails about an enquiry, one for each address, and the sender's heartbeat."""

from django.db import models
from django.utils import timezone

from clinic_site.web.mail import new_message_id


class DeliveryQuerySet(models.QuerySet):
    def bulk_create(self, objs, **kwargs):
        """Create deliveries with Message-IDs, as save() does."""
        objs = list(objs)
        for delivery in objs:
            delivery.message_id = delivery.message_id or new_message_id()
        return super().bulk_create(objs, **kwargs)

    def create_missing(self, enquiry, addresses, kind="notification"):
        """Create a delivery for each address without one, except where staff stopped sending.

        Another process may do the same.
        """
        known = self.filter(models.Q(kind=kind) | models.Q(state="stopped"), enquiry=enquiry)
        known = {address.lower() for address in known.values_list("address", flat=True)}
        deliveries = [
            Delivery(enquiry=enquiry, address=address, kind=kind)
            for address in addresses
            if address.lower() not in known
        ]
        self.bulk_create(deliveries, ignore_conflicts=True)

    def except_stopped(self):
        """Keep the deliveries to addresses for which staff stopped no email of the enquiry."""
        stopped = Delivery.objects.filter(
            enquiry=models.OuterRef("enquiry"),
            address__iexact=models.OuterRef("address"),
            state="stopped",
        )
        return self.filter(~models.Exists(stopped))

    def open(self):
        """Keep the deliveries that are still to be sent."""
        return self.exclude(state__in=[self.model.State.ACCEPTED, self.model.State.STOPPED])

    def to_staff(self):
        return self.exclude(kind=self.model.Kind.ACKNOWLEDGEMENT)

    def to_recipients(self):
        """Keep those that go to the recipients under Clinic, and not where staff chose to."""
        return self.to_staff().filter(is_by_hand=False)

    def accepted_within(self, now, span):
        return self.filter(accepted_at__gt=now - span, accepted_at__lte=now)

    def last_accepted_at(self):
        return self.aggregate(moment=models.Max("accepted_at"))["moment"]


class Delivery(models.Model):
    """One mail about an enquiry to one address."""

    class Kind(models.TextChoices):
        NOTIFICATION = "notification", "Enquiry email"
        OVERDUE = "overdue", "Reminder that the answer is late"
        ACKNOWLEDGEMENT = "acknowledgement", "Confirmation to the patient"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be sent"
        SENDING = "sending", "Sending"
        ACCEPTED = "accepted", "Sent"
        REFUSED = "refused", "Rejected, still trying"
        STOPPED = "stopped", "Stopped by staff"

    enquiry = models.ForeignKey("contact.Enquiry", models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.NOTIFICATION)
    address = models.EmailField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    waits_for_server = models.BooleanField(default=False)
    is_by_hand = models.BooleanField("to an address that staff chose", default=False)
    last_error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=200)
    accepted_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["enquiry", "address", "kind"], name="one_delivery_per_address"
            )
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self):
        return f"{self.enquiry} to {self.address}"

    def save(self, **kwargs):
        self.message_id = self.message_id or new_message_id()
        super().save(**kwargs)

    def send_again(self, now):
        """Make it due at `now`, with a new Message-ID if it may have been sent already."""
        if self.state in (self.State.ACCEPTED, self.State.SENDING):
            self.message_id = new_message_id()
        self.state, self.next_attempt_at, self.leased_until = self.State.WAITING, now, None
        self.save()


class SenderHeartbeatQuerySet(models.QuerySet):
    def current(self):
        """Return the heartbeat, without moments if the sender has never worked."""
        return self.first() or self.model()

    def beat(self):
        self.update_or_create(pk=1, defaults={"seen_at": timezone.now()})

    def server_failed(self, now):
        """Count a failure of the mail server, and return how many came in a row."""
        return self.count("server_failures", now, failed_at=now)

    def message_postponed(self, now):
        """Count a temporary refusal of a message (4xx), and return how many came in a row."""
        return self.count("postponed", now)

    def count(self, field, now, **values):
        self.update_or_create(
            pk=1,
            defaults={field: models.F(field) + 1, **values},
            create_defaults={"seen_at": now, field: 1, **values},
        )
        return getattr(self.current(), field)

    def failing(self):
        """Keep the heartbeat while the mail server's last answer was a failure."""
        return self.filter(models.Q(server_failures__gt=0) | models.Q(postponed__gt=0))

    def server_answered(self):
        self.update(server_failures=0, postponed=0)

    def digest_sent(self, now):
        self.update_or_create(
            pk=1, defaults={"digest_at": now}, create_defaults={"seen_at": now, "digest_at": now}
        )


class SenderHeartbeat(models.Model):
    """A single object: when the mail sender last worked, and how its server is doing."""

    seen_at = models.DateTimeField()
    server_failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    postponed = models.PositiveIntegerField(default=0)
    digest_at = models.DateTimeField(null=True)

    objects = SenderHeartbeatQuerySet.as_manager()

    def __str__(self):
        return f"{self.seen_at}"
