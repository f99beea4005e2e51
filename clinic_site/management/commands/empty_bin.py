"""Deletes for good what has lain in the bin for its time; the sender does it once a day."""

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import ProtectedError
from django.utils import timezone

from clinic_site.publishing.trash import Trashable


class Command(BaseCommand):
    help = "Delete for good what has lain in the bin for 30 days."

    def handle(self, *args, **options):
        now, gone = timezone.now(), 0
        for model in apps.get_models():
            if issubclass(model, Trashable):
                for row in model.objects.overdue(now):
                    gone += self.delete(row)
        self.stdout.write(f"{gone} deleted from the bin.")

    def delete(self, row):
        """Delete a row, unless another still needs it, like an article its author."""
        try:
            row.delete()
        except ProtectedError:
            return False
        return True
