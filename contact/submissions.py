"""Whether a form was opened by its sender, when, and whether the same text came before."""

import hashlib
import secrets

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

MAX_AGE = 24 * 60 * 60  # seconds a form may stay open
signer = TimestampSigner(salt="contact.enquiry")


def new_submission():
    """Return a fresh key with the moment it was made, signed, for the form's hidden field."""
    return signer.sign(secrets.token_hex(16))


def read_submission(signed):
    """Return the key inside, or None when it is forged or older than MAX_AGE."""
    try:
        return signer.unsign(signed, max_age=MAX_AGE)
    except (BadSignature, SignatureExpired):
        return None


def submission_key(key, typed):
    """Return the key under which an enquiry is stored once.

    The same form with the same text is one enquiry, however often it is sent; with another text
    it is a new one, so that what somebody adds after going back is not lost.

    Args:
        key: what read_submission returned.
        typed: the cleaned data as a dict.
    """
    text = repr(sorted((name, str(value)) for name, value in typed.items()))
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()[:32]


def is_foreign(request):
    """Say whether another site sent this form, by the two headers only a browser sets."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = request.headers.get("Origin")
    return bool(origin) and origin.partition("//")[2] != request.get_host()
