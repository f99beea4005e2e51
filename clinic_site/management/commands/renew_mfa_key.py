"""Re-encrypts the secrets of second factors, after a new key was put first in MFA_KEY."""

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from clinic_site.accounts.encryption import rotate_keys


class Command(BaseCommand):
    help = "Encrypt the secrets of all second factors with the first key of MFA_KEY."

    def handle(self, *args, **options):
        try:
            count = rotate_keys()
        except InvalidToken:
            raise CommandError(
                "No key in MFA_KEY fits some of the secrets, so nothing was changed. Put the old "
                "key after the new one: MFA_KEY=new,old",
                returncode=2,
            ) from None
        self.stdout.write(f"{count} secrets encrypted with the first key. Remove the others.")
