"""Takes an enquiry in: what it is scored by, whether it is set aside, who gets a notice."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from clinic_site.web.client_address import client_address
from contact.intake import spam
from contact.intake.submissions import typed_hash
from contact.models import Delivery, Enquiry, Location

HOUR, DAY, USUAL_DAYS = timedelta(hours=1), timedelta(days=1), 14
RECEIPTS_AN_HOUR, RECEIPTS_A_CLIENT = 60, 3


def network_of(request):
    """Return what stands for the network of a request for one day, "" for an unknown one.

    A private address is most likely a proxy's, and says nothing about the patient. The day is in
    the key, so that nobody's visits of several days can be joined.
    """
    address = client_address(request)
    if not address or not address.is_global:
        return ""
    key = f"{settings.SECRET_KEY} {timezone.now():%Y-%m-%d}"
    return spam.network_hash(str(address), key.encode())


def message_hash(message):
    """Return what stands for a message when copies are counted, "" for an empty one."""
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
    usual = others.filter(is_set_aside=False, received_at__gt=now - DAY * USUAL_DAYS).count()
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
    """Say whether a receipt may go to an address that anybody could have typed.

    One a day to an address, three an hour for a client, sixty an hour in all.
    """
    now = timezone.now()
    receipts = Delivery.objects.filter(kind=Delivery.Kind.ACKNOWLEDGEMENT)
    last_hour = receipts.filter(enquiry__received_at__gt=now - HOUR)
    return (
        not receipts.filter(address__iexact=address, enquiry__received_at__gt=now - DAY).exists()
        and last_hour.count() < RECEIPTS_AN_HOUR
        and last_hour.filter(enquiry__network_hash=network).count() < RECEIPTS_A_CLIENT
    )


def receive(request, form, clinic):
    """Store a valid form, with its deliveries unless it is set aside, and return the Enquiry.

    Who goes back and sends the same words again from a fresh form gets the page of before.
    """
    same = typed_hash(form.typed)
    if before := Enquiry.objects.same_as(same, timezone.now() - DAY).first():
        return before
    location = Location.objects.main()
    network = network_of(request)
    message = message_hash(form.typed["message"])
    assessment = spam.assess(form.typed, signals(form, message, network))
    typed = form.typed | {
        "typed_hash": same,
        "answer_by": location.answer_by if location else None,
        "is_set_aside": assessment.is_set_aside,
        "spam_score": assessment.score,
        "spam_reasons": "\n".join(assessment.reasons),
        "form_key": form.submission.key,
        "message_hash": message,
        "network_hash": network,
    }
    if assessment.is_set_aside:
        return Enquiry.objects.take(typed, form.submission_key, [])
    email, receipt_to = typed["email"], ""
    if clinic.sends_acknowledgement and email and may_acknowledge(email, network):
        receipt_to = email
    addresses = clinic.notice_addresses(typed["practitioner"])
    return Enquiry.objects.take(typed, form.submission_key, addresses, receipt_to)
