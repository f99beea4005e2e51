"""Whether a form was opened by its sender, when, and whether the same text came before."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner, b62_decode

MAX_AGE = 24 * 60 * 60  # seconds a form may stay open
signer = TimestampSigner(salt="contact.enquiry")


def new_submission():
    """Return a fresh key with the moment it was made, signed, for the form's hidden field."""
    return signer.sign(secrets.token_hex(16))


@dataclass(frozen=True)
class Submission:
    """A form that was sent: its key, and the seconds since it was opened."""

    key: str
    seconds: float


def read_submission(signed):
    """Return the Submission inside, or None when it is forged or older than MAX_AGE."""
    try:
        key = signer.unsign(signed, max_age=MAX_AGE)
    except (BadSignature, SignatureExpired):
        return None
    opened_at = b62_decode(signed.split(signer.sep)[-2])
    return Submission(key, max(0, time.time() - opened_at))


def typed_hash(typed):
    """Return what stands for everything somebody typed: two who typed the same are one."""
    return submission_key("", typed)


def submission_key(key, typed):
    """Return the key under which an enquiry is stored once.

    The same form with the same text is one enquiry, however often it is sent; with another text
    it is a new one, so that what somebody adds after going back is not lost.

    Args:
        key: that of the Submission.
        typed: the cleaned data as a dict.
    """
    text = repr(sorted((name, str(value)) for name, value in typed.items()))
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()[:32]


def is_foreign(request):
    """Say whether another site sent this form, by the two headers only a browser sets.

    Sec-Fetch-Site knows better: a privacy setting may make the Origin of our own page "null".
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "cross-site"
    origin = request.headers.get("Origin")
    return bool(origin) and origin.partition("//")[2] != request.get_host()
