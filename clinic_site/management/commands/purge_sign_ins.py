"""Deletes what past sign-ins left, like ended sessions; the sender does it once a day."""

from django.core.management.base import BaseCommand

from clinic_site.accounts.retention import purge


class Command(BaseCommand):
    help = "Delete ended sessions, wrong passwords that count no more, and used-up cache rows."

    def handle(self, *args, **options):
        self.stdout.write(f"{purge()} traces of sign-ins deleted.")
