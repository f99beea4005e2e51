"""Whether a form was opened by its sender, when, and whether the same text came before."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner, b62_decode

MAX_AGE = 24 * 60 * 60  # seconds a form may stay open
KEY_LENGTH = 32  # what the column has room for; the rest of a marked key has 100 random bits
signer = TimestampSigner(salt="contact.enquiry")


# How a key begins when its form came back to be sent again.
OLD, FORGED = "old-", "forged-"


def new_submission(mark=""):
    """Return a fresh key with the moment it was made, signed, for the form's hidden field."""
    return signer.sign(f"{mark}{secrets.token_hex(16)}"[:KEY_LENGTH])


def next_submission(signed):
    """Return a fresh key for a form that comes back with its text; it remembers why."""
    try:
        mark = FORGED if signer.unsign(signed).startswith(FORGED) else OLD
    except BadSignature:
        mark = FORGED
    return new_submission(mark)


@dataclass(frozen=True)
class Submission:
    """A form that was sent.

    Attributes:
        key: that of the form.
        seconds: since it was opened; since a day at least where it had come back because it was
            old, and None where its key had been forged or left out.
    """

    key: str
    seconds: float | None


def read_submission(signed):
    """Return the Submission inside, or None when it is forged or older than MAX_AGE."""
    try:
        key = signer.unsign(signed, max_age=MAX_AGE)
    except (BadSignature, SignatureExpired):
        return None
    if key.startswith(FORGED):
        return Submission(key, None)
    opened_at = b62_decode(signed.split(signer.sep)[-2])
    before = MAX_AGE if key.startswith(OLD) else 0  # who has only to press Send is no program
    return Submission(key, before + max(0, time.time() - opened_at))


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
