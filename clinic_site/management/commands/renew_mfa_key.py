"""Encrypts the second factor's secrets anew, after a new key was put first in MFA_KEY."""

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from clinic_site.accounts.encryption import renew


class Command(BaseCommand):
    help = "Encrypt all secrets of the second factor with the first key of MFA_KEY."

    def handle(self, *args, **options):
        try:
            count = renew()
        except InvalidToken:
            raise CommandError(
                "Some secrets fit no key of MFA_KEY, so nothing was changed. Put the key of "
                "before behind the new one: MFA_KEY=new,old",
                returncode=2,
            ) from None
        self.stdout.write(f"{count} encrypted with the first key. The others may go.")
