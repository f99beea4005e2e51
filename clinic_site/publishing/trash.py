"""The bin: deleted objects leave the site at once and can be restored for 30 days."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

TRASH_PERIOD = timedelta(days=30)


class TrashQuerySet(models.QuerySet):
    def not_trashed(self):
        """Leave out objects in the bin."""
        return self.filter(trashed_at=None)

    def choosable(self, chosen):
        """Keep objects outside the bin, and those with the keys `chosen` already."""
        return self.filter(models.Q(trashed_at=None) | models.Q(pk__in=chosen))

    def in_trash(self):
        return self.exclude(trashed_at=None)

    def overdue(self, now):
        """Keep objects whose time in the bin is over at `now` (aware)."""
        return self.filter(trashed_at__lt=now - TRASH_PERIOD)


class Trashable(models.Model):
    """An object that goes to the bin before it is deleted.

    The bin is a mark on the object, so links to it still work after it is restored.
    """

    trashed_at = models.DateTimeField("in the bin since", null=True, editable=False)

    class Meta:
        abstract = True

    def move_to_trash(self):
        self.trashed_at = timezone.now()
        self.save()

    def restore_from_trash(self):
        self.trashed_at = None
        self.save()
