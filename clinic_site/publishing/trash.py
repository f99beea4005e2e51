"""The bin: what staff delete leaves the site at once and is kept, whole, for some days."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

TRASH_PERIOD = timedelta(days=30)


class TrashQuerySet(models.QuerySet):
    def not_trashed(self):
        """Leave out what lies in the bin."""
        return self.filter(trashed_at=None)

    def choosable(self, held):
        """Keep what may be chosen in a form whose row has those with the keys `held` already."""
        return self.filter(models.Q(trashed_at=None) | models.Q(pk__in=held))

    def in_trash(self):
        return self.exclude(trashed_at=None)

    def overdue(self, now):
        """Keep what lay in the bin for its whole time at `now` (aware)."""
        return self.filter(trashed_at__lt=now - TRASH_PERIOD)


class Trashable(models.Model):
    """A row that goes to the bin before it is gone, with all that belongs to it in its place.

    A mark on the row, not a row that is made again from its history: what points at it (an
    enquiry's service, an article's related services) still does when it is brought back.
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
