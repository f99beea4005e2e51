"""Removes a person's second factor, for who has lost passkey, phone and recovery codes."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from clinic_site.accounts.factors import remove_factors


class Command(BaseCommand):
    help = "Remove the second factor of one person and sign them out everywhere."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *args, username, **options):
        user = get_user_model().objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(
                f"There is no account {username}. The admin lists them under Staff accounts, "
                "Users; give the username, not the email address.",
                returncode=2,
            )
        remove_factors(user)
        self.stdout.write(
            f"{user.get_username()} has no second factor, is signed out everywhere, and is asked "
            "to set one up at the next sign-in."
        )
