"""Receives an enquiry: scores it, quarantines likely spam, and chooses who gets an email.

The enquiry and its deliveries are stored in one transaction, before the patient sees the thank-you
page. The request sends no mail, so a slow mail server never slows the site. Networks are counted by
a hash that changes every day, so that no address is stored."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from clinic_site.web.client_address import client_address
from contact.intake import spam
from contact.intake.submissions import submission_key
from contact.models import Delivery, Enquiry, Location, SpamWord

HOUR, DAY, USUAL_DAYS, MARKED_DAYS = timedelta(hours=1), timedelta(days=1), 14, 90
COMPARED = 500  # messages, so that a flood of spam makes no enquiry slow


def client_network_hash(request):
    """Return a hash of a request's network, or "" if it is unknown.

    A private address is most likely a proxy's. The day is in the key, so that the hashes of two
    days cannot be compared.
    """
    address = client_address(request)
    if not address or not address.is_global:
        return ""
    key = f"{settings.SECRET_KEY} {timezone.now():%Y-%m-%d}"
    return spam.network_hash(address, key.encode())


def signals(form, sketch, network):
    """Return the spam.Signals of a valid form, with its message's sketch and its network's hash."""
    now = timezone.now()
    others = Enquiry.objects.exclude(submission_key=form.submission_key)
    texts = others.exclude(message_sketch="").order_by("-received_at")
    sketches = texts.values_list("message_sketch", flat=True)
    same, near = spam.count_copies(sketch, sketches.filter(received_at__gt=now - DAY)[:COMPARED])
    marked = sketches.filter(received_at__gt=now - DAY * MARKED_DAYS).marked_as_spam()[:COMPARED]
    last_hour = others.filter(received_at__gt=now - HOUR)
    usual = others.filter(is_quarantined=False, received_at__gt=now - DAY * USUAL_DAYS).count()
    return spam.Signals(
        honeypot=form.cleaned_data["leave_empty"],
        seconds_since_render=form.submission.seconds,
        is_key_reused=others.filter(form_key=form.submission.key).exists(),
        same_message_count=same,
        near_copy_count=near,
        marked_copy_count=spam.count_copies(sketch, marked)[1],
        from_network_count=last_hour.filter(network_hash=network).count() if network else 0,
        site_count=last_hour.filter(is_quarantined=False).count(),
        usual_hourly=usual / (USUAL_DAYS * 24),
        learned=SpamWord.objects.weights(Enquiry(**form.typed).typed_text),
    )


def may_acknowledge(address, network):
    """Say whether an acknowledgement may go to an address that anybody could have typed.

    The limit is one a day to an address, three an hour for a network, and sixty an hour in all.
    """
    now = timezone.now()
    sent = Delivery.objects.filter(kind=Delivery.Kind.ACKNOWLEDGEMENT)
    last_hour = sent.filter(enquiry__received_at__gt=now - HOUR)
    return (
        not sent.filter(address__iexact=address, enquiry__received_at__gt=now - DAY).exists()
        and last_hour.count() < 60
        and last_hour.filter(enquiry__network_hash=network).count() < 3
    )


def receive(request, form, clinic):
    """Store a valid form, with its deliveries unless it is quarantined, and return the Enquiry.

    The same text from a fresh form within a day returns the enquiry that is already stored.
    """
    same = submission_key("", form.typed)
    if before := Enquiry.objects.same_as(same, timezone.now() - DAY).first():
        return before
    location = Location.objects.main()
    network = client_network_hash(request)
    sketch = spam.sketch(form.typed["message"])
    assessment = spam.assess(form.typed, signals(form, sketch, network))
    values = form.typed | {
        "typed_hash": same,
        "answer_by": location.answer_by if location else None,
        "is_quarantined": assessment.is_quarantined,
        "spam_score": assessment.score,
        "spam_reasons": "\n".join(assessment.reasons),
        "form_key": form.submission.key,
        "message_sketch": sketch,
        "network_hash": network,
    }
    if assessment.is_quarantined:
        return Enquiry.objects.create_once(values, form.submission_key, [])
    email = values["email"] if clinic.sends_acknowledgement else ""
    acknowledge_to = email if email and may_acknowledge(email, network) else ""
    addresses = clinic.notification_addresses(values["practitioner"])
    return Enquiry.objects.create_once(values, form.submission_key, addresses, acknowledge_to)
