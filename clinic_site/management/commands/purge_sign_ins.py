"""Deletes what past sign-ins left, such as expired sessions."""

from django.core.management.base import BaseCommand

from clinic_site.accounts.retention import purge


class Command(BaseCommand):
    help = "Delete expired sessions, wrong passwords and cache rows."

    def handle(self, *args, **options):
        self.stdout.write(f"{purge()} expired sessions, wrong passwords and cache rows deleted.")
