"""Form keys: whether a form is ours, when it was opened, and whether it was sent before.

The submission key is a hash of the form's signed key and of what was typed. So the same form with
the same text makes one enquiry however often it is sent, and somebody who goes back and adds a line
makes a second one: the line is not lost."""

import hashlib
import secrets
import time
from typing import NamedTuple

from django.core.signing import BadSignature, TimestampSigner

MAX_AGE = 24 * 60 * 60  # seconds a form may stay open
NO_HASTE = 60 * 60  # seconds that count as passed for a form that is shown again
signer = TimestampSigner(salt="contact.enquiry")


class Submission(NamedTuple):
    """The key of a form that was sent, and the seconds since it was opened; None if forged."""

    key: str
    seconds: float | None


def sign_submission(opened_at):
    return signer.sign_object({"key": secrets.token_hex(16), "opened_at": opened_at})


def new_submission():
    """Return a fresh key with the time, signed, for the form's hidden field."""
    return sign_submission(time.time())


def next_submission(signed):
    """Return a fresh key for a form that is shown again; a forged key stays forged."""
    before = read_submission(signed, max_age=None)
    is_forged = before is None or before.seconds is None
    return sign_submission(None if is_forged else time.time() - NO_HASTE)


def read_submission(signed, max_age=MAX_AGE):
    """Return the Submission, or None when its signature is forged or too old."""
    try:
        found = signer.unsign_object(signed, max_age=max_age)
    except BadSignature:
        return None
    opened_at = found["opened_at"]
    seconds = None if opened_at is None else max(0, time.time() - opened_at)
    return Submission(found["key"], seconds)


def submission_key(key, typed):
    """Return the idempotency key of an enquiry from the form's key and the cleaned data.

    The same form with another text is a new enquiry, so that nothing that a patient adds after
    going back is lost. With "" for the form's key, this is a hash of the text alone.
    """
    text = repr(sorted((name, str(value)) for name, value in typed.items()))
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()[:32]


def is_foreign(request):
    """Say whether another site sent this form, by two headers that only a browser sets.

    Sec-Fetch-Site comes first: a privacy setting may make the Origin of our own page "null".
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "cross-site"
    origin = request.headers.get("Origin")
    return bool(origin) and origin.partition("//")[2] != request.get_host()
