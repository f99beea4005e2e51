"""Mail about an enquiry: the notice, the reminder when it is late, the patient's receipt."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from clinic_site.web.dates import day_and_time
from clinic_site.web.mail import ascii_address, is_mailable
from contact.models.clinic import Clinic
from contact.models.delivery import Delivery
from contact.models.location import Location


def lines(enquiry, detail):
    """Return what the notice lists, as (label, text) pairs.

    Args:
        enquiry: the Enquiry.
        detail: a value of Clinic.MailDetail; `minimal` lists nothing about the patient.
    """
    if detail == Clinic.MailDetail.MINIMAL:
        return []
    pairs = [
        ("Name", enquiry.name),
        ("Phone", enquiry.phone.as_international if enquiry.phone else ""),
        ("May we leave a message?", enquiry.leave_message_text if enquiry.phone else ""),
        ("Email", enquiry.email),
        ("Prefers", enquiry.get_preferred_way_display()),
        ("Asks for", "someone else" if enquiry.is_for_someone_else else ""),
        ("Good times", enquiry.times),
        ("Language", enquiry.language),
    ]
    if detail == Clinic.MailDetail.FULL:
        pairs += [
            ("Service", str(enquiry.service or "")),
            ("With", str(enquiry.practitioner or "")),
            ("Page in another format", enquiry.page),
            ("Message", enquiry.message),
        ]
    return [(label, text) for label, text in pairs if text]


def told(enquiry):
    """Return what the patient was told: the promised moment in the location's time, or ""."""
    location = Location.objects.first()
    if not location or not enquiry.answer_by:
        return ""
    return day_and_time(enquiry.answer_by.astimezone(location.zone))


def message_of(delivery, connection=None):
    """Return the message of one Delivery, by its kind.

    No subject has a name or a health word, and From is always the clinic's own domain.
    """
    enquiry = delivery.enquiry
    message = BUILDERS[delivery.kind](enquiry, Clinic.objects.current())
    message.to = [ascii_address(delivery.address)]
    message.extra_headers["Message-ID"] = delivery.message_id
    message.connection = connection
    return message


def staff_url(enquiry):
    return settings.SITE_URL + reverse("admin:contact_enquiry_change", args=[enquiry.pk])


def notice(enquiry, clinic):
    """Tell of the enquiry, in text and HTML, with as much of it as the clinic chose.

    The patient stands in Reply-To only where the clinic's setting shows their address at all.
    """
    shown = lines(enquiry, clinic.mail_detail)
    context = {
        "answer_by": told(enquiry),
        "enquiry": enquiry,
        "lines": shown,
        "url": staff_url(enquiry),
    }
    what = "Cancelled: website" if enquiry.is_cancelled else "Website"
    message = EmailMultiAlternatives(
        subject=f"{what} enquiry {enquiry.reference}",
        body=render_to_string("email/enquiry.txt", context),
        reply_to=[ascii_address(enquiry.email)] if shown and is_mailable(enquiry.email) else None,
    )
    message.attach_alternative(render_to_string("email/enquiry.html", context), "text/html")
    return message


def reminder(enquiry, clinic):
    """Say that the promised answer is late; nothing about the patient."""
    return EmailMultiAlternatives(
        subject=f"Late: website enquiry {enquiry.reference}",
        body=f"The patient was told: an answer by {told(enquiry)}. Nobody has marked this enquiry "
        f"as answered.\n\nOpen it: {staff_url(enquiry)}\n",
    )


def acknowledgement(enquiry, clinic):
    """Tell the patient that it came in: fixed words, no promotion, nothing of what was typed."""
    context = {
        "answer_by": told(enquiry),
        "clinic": clinic,
        "enquiry": enquiry,
        "location": Location.objects.first(),
        "url": settings.SITE_URL + enquiry.get_absolute_url(),
    }
    return EmailMultiAlternatives(
        subject=f"We have your request {enquiry.reference}",
        body=render_to_string("email/acknowledgement.txt", context),
        headers={"Auto-Submitted": "auto-replied"},
    )


BUILDERS = {
    Delivery.Kind.NOTICE: notice,
    Delivery.Kind.OVERDUE: reminder,
    Delivery.Kind.ACKNOWLEDGEMENT: acknowledgement,
}
