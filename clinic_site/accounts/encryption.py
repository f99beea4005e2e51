"""The vault: secrets of the second factor, encrypted with a key that is not in the database."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from clinic_site.web.error_pages import error_page

logger = logging.getLogger(__name__)


def cipher():
    """Return what encrypts with the first of MFA_KEYS and decrypts with each."""
    return MultiFernet([Fernet(key) for key in settings.MFA_KEYS])


def encrypt(text):
    return cipher().encrypt(text.encode()).decode()


def decrypt(text):
    """Return a secret.

    Raises:
        ImmediateHttpResponse: none of the keys fits; a page that says so, and a log line.
    """
    try:
        return cipher().decrypt(text).decode()
    except InvalidToken:
        logger.error("MFA_KEY does not fit the secrets in the database: set the key of before.")
        raise ImmediateHttpResponse(error_page("account/no_key.html", 503)) from None


@transaction.atomic
def renew():
    """Encrypt every secret anew with the first key.

    Returns:
        How many authenticators have one.

    Raises:
        InvalidToken: none of the keys fits one of them; nothing is changed.
    """
    fresh, changed = cipher(), []
    for authenticator in Authenticator.objects.select_for_update():
        data = authenticator.data
        for name in {"secret", "seed"} & data.keys():
            data[name] = fresh.rotate(data[name]).decode()
            changed.append(authenticator)
    Authenticator.objects.bulk_update(changed, ["data"])
    return len(changed)
