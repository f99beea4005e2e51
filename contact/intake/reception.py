"""Receives an enquiry: scores it, quarantines likely spam, and chooses who gets an email."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from clinic_site.web.client_address import client_address
from contact.intake import spam
from contact.intake.submissions import typed_hash
from contact.models import Delivery, Enquiry, Location

HOUR, DAY, USUAL_DAYS = timedelta(hours=1), timedelta(days=1), 14
# How many acknowledgements may go out in an hour, in all and for one network.
ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS_OF_NETWORK = 60, 3


def client_network_hash(request):
    """Return a hash that stands for a request's network for one day, or "" for an unknown one.

    A private address is most likely a proxy's, and says nothing about the patient. The day is in
    the key, so that nobody's visits on several days can be joined.
    """
    address = client_address(request)
    if not address or not address.is_global:
        return ""
    key = f"{settings.SECRET_KEY} {timezone.now():%Y-%m-%d}"
    return spam.network_hash(address, key.encode())


def message_hash(message):
    """Return a hash by which copies of a message are counted, or "" for an empty one."""
    text = spam.normalised(message)
    return hashlib.sha256(text.encode()).hexdigest()[:32] if text else ""


def signals(form, message, network):
    """Return the spam.Signals of a valid form.

    Args:
        message, network: the hashes of its message and its network, each may be "".
    """
    now = timezone.now()
    others = Enquiry.objects.exclude(submission_key=form.submission_key)
    last_hour = others.filter(received_at__gt=now - HOUR)
    last_day = others.filter(received_at__gt=now - DAY)
    usual = others.filter(is_quarantined=False, received_at__gt=now - DAY * USUAL_DAYS).count()
    return spam.Signals(
        honeypot=form.cleaned_data["leave_empty"],
        seconds_since_render=form.submission.seconds,
        is_key_reused=others.filter(form_key=form.submission.key).exists(),
        same_message_count=last_day.filter(message_hash=message).count() if message else 0,
        from_network_count=last_hour.filter(network_hash=network).count() if network else 0,
        site_count=last_hour.count(),
        usual_hourly=usual / (USUAL_DAYS * 24),
    )


def may_acknowledge(address, network):
    """Say whether a mail may go to an address that anybody could have typed.

    One a day to an address, three an hour for a network, sixty an hour in all.
    """
    now = timezone.now()
    sent = Delivery.objects.filter(kind=Delivery.Kind.ACKNOWLEDGEMENT)
    last_hour = sent.filter(enquiry__received_at__gt=now - HOUR)
    return (
        not sent.filter(address__iexact=address, enquiry__received_at__gt=now - DAY).exists()
        and last_hour.count() < ACKNOWLEDGEMENTS
        and last_hour.filter(enquiry__network_hash=network).count() < ACKNOWLEDGEMENTS_OF_NETWORK
    )


def receive(request, form, clinic):
    """Store a valid form, with its deliveries unless it is quarantined, and return the Enquiry.

    The same text from a fresh form within a day is the enquiry that is there already.
    """
    same = typed_hash(form.typed)
    if before := Enquiry.objects.same_as(same, timezone.now() - DAY).first():
        return before
    location = Location.objects.main()
    network = client_network_hash(request)
    message = message_hash(form.typed["message"])
    assessment = spam.assess(form.typed, signals(form, message, network))
    typed = form.typed | {
        "typed_hash": same,
        "answer_by": location.answer_by if location else None,
        "is_quarantined": assessment.is_quarantined,
        "spam_score": assessment.score,
        "spam_reasons": "\n".join(assessment.reasons),
        "form_key": form.submission.key,
        "message_hash": message,
        "network_hash": network,
    }
    if assessment.is_quarantined:
        return Enquiry.objects.create_once(typed, form.submission_key, [])
    email, acknowledge_to = typed["email"], ""
    if clinic.sends_acknowledgement and email and may_acknowledge(email, network):
        acknowledge_to = email
    addresses = clinic.notification_addresses(typed["practitioner"])
    return Enquiry.objects.create_once(typed, form.submission_key, addresses, acknowledge_to)
