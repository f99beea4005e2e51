"""Removes a person's second factor, after they lost their passkey, phone and recovery codes."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from clinic_site.accounts.factors import remove_factors


class Command(BaseCommand):
    help = "Remove one person's second factor and sign them out everywhere."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *args, username, **options):
        user = get_user_model().objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(
                f"There is no account {username}. Give the username, as under Staff accounts in "
                "the admin, not the email address.",
                returncode=2,
            )
        remove_factors(user)
        self.stdout.write(
            f"{user.get_username()} is signed out everywhere, and sets up a new second factor at "
            "the next sign-in."
        )
