"""Encrypts the secrets of second factors, and sessions, with keys outside the database."""

import json
import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from clinic_site.web.error_pages import error_page

logger = logging.getLogger(__name__)


def cipher():
    """Return a cipher that encrypts with the first of MFA_KEYS and decrypts with any of them."""
    return MultiFernet([Fernet(key) for key in settings.MFA_KEYS])


def encrypt(text):
    return cipher().encrypt(text.encode()).decode()


def decrypt(text):
    """Return a secret, or raise an ImmediateHttpResponse with an error page if no key fits."""
    try:
        return cipher().decrypt(text).decode()
    except InvalidToken:
        logger.error("MFA_KEY does not fit the secrets in the database: restore the old key.")
        raise ImmediateHttpResponse(error_page("account/no_key.html", 503)) from None


class EncryptedSerializer:
    """Encrypts sessions, which hold a new second factor's secret while it is set up."""

    def dumps(self, session):
        return cipher().encrypt(json.dumps(session).encode())

    def loads(self, data):
        return json.loads(cipher().decrypt(data))


@transaction.atomic
def rotate_keys():
    """Encrypt every secret with the first key; return the number, or raise InvalidToken."""
    new, changed = cipher(), []
    for authenticator in Authenticator.objects.select_for_update():
        data = authenticator.data
        for name in {"secret", "seed"} & data.keys():
            data[name] = new.rotate(data[name]).decode()
            changed.append(authenticator)
    Authenticator.objects.bulk_update(changed, ["data"])
    return len(changed)
