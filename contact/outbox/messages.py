"""The emails about an enquiry: notification, reminder when it is late, and acknowledgement."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from clinic_site.web.dates import day_and_time
from clinic_site.web.mail import ascii_address, is_mailable
from clinic_site.web.phones import phone_text
from contact.models.clinic import Clinic
from contact.models.delivery import Delivery
from contact.models.location import Location

LEAVE_MESSAGE = {True: "Yes", False: "No", None: "Not answered"}


def facts(enquiry, detail):
    """Return what the notification lists, as (label, text) pairs.

    Args:
        enquiry: the Enquiry.
        detail: a value of Clinic.MailDetail; `minimal` lists nothing about the patient.
    """
    if detail == Clinic.MailDetail.MINIMAL:
        return []
    pairs = [
        ("Name", enquiry.name),
        ("Phone", phone_text(enquiry.phone)),
        ("OK to leave a message", LEAVE_MESSAGE[enquiry.may_leave_message] * bool(enquiry.phone)),
        ("Email", enquiry.email),
        ("Prefers", enquiry.get_preferred_way_display()),
        ("Asking for", "someone else" if enquiry.is_for_someone_else else ""),
        ("Good times", enquiry.times),
        ("Language", enquiry.language),
    ]
    if detail == Clinic.MailDetail.FULL:
        pairs += [
            ("Service", str(enquiry.service or "")),
            ("Would like to see", str(enquiry.practitioner or "")),
            ("Page wanted in another format", enquiry.page),
            ("Message", enquiry.message),
        ]
    return [(label, text) for label, text in pairs if text]


def promised_answer(enquiry):
    """Return the promised time of the answer in the location's time zone, or ""."""
    location = Location.objects.first()
    if not location or not enquiry.answer_by:
        return ""
    return day_and_time(enquiry.answer_by.astimezone(location.zone))


def message_of(delivery, connection=None):
    """Return the message of one Delivery, by its kind.

    No subject contains a name or a health word, and From is always the clinic's own domain.
    """
    enquiry = delivery.enquiry
    message = BUILDERS[delivery.kind](enquiry, Clinic.objects.current())
    message.to = [ascii_address(delivery.address)]
    message.extra_headers["Message-ID"] = delivery.message_id
    message.connection = connection
    return message


def staff_url(enquiry):
    return settings.SITE_URL + reverse("admin:contact_enquiry_change", args=[enquiry.pk])


def notification(enquiry, clinic):
    """Tell staff about the enquiry, in text and HTML, with as much of it as the clinic chose.

    The patient is in Reply-To only where the clinic's setting shows their address at all.
    """
    shown = facts(enquiry, clinic.mail_detail)
    context = {
        "answer_by": promised_answer(enquiry),
        "enquiry": enquiry,
        "facts": shown,
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
    """Tell staff that the promised answer is late; nothing about the patient."""
    return EmailMultiAlternatives(
        subject=f"Late: website enquiry {enquiry.reference}",
        body=f"We promised the patient an answer by {promised_answer(enquiry)}. Nobody has marked "
        f"this enquiry as answered.\n\nOpen the enquiry: {staff_url(enquiry)}\n",
    )


def acknowledgement(enquiry, clinic):
    """Tell the patient that we have it: fixed text, no promotion, nothing of what was typed."""
    context = {
        "answer_by": promised_answer(enquiry),
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
    Delivery.Kind.NOTIFICATION: notification,
    Delivery.Kind.OVERDUE: reminder,
    Delivery.Kind.ACKNOWLEDGEMENT: acknowledgement,
}
