"""Erases enquiries whose retention period is over; run_daily does the same."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from contact.models import Enquiry


class Command(BaseCommand):
    help = "Erase closed enquiries after the clinic's days, and spam 30 days after it was checked."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")

    def handle(self, *args, dry_run, **options):
        now = timezone.now()
        purgeable = Enquiry.objects.purgeable(now)
        if dry_run:
            self.stdout.write(f"{purgeable.count()} enquiries would be erased.")
        else:
            self.stdout.write(f"{purgeable.erase(now)} enquiries erased.")
