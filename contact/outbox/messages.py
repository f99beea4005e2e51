"""The emails about an enquiry: notification, reminder when it is late, and acknowledgement.

What a patient typed is mailed as typed, without control characters. Each delivery has one
Message-ID for all its tries, so a mail program recognises a second copy."""

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

# The subject, before the reference, and the template.
MESSAGES = {
    Delivery.Kind.NOTIFICATION: ("Website enquiry", "email/enquiry.txt"),
    Delivery.Kind.OVERDUE: ("Late: website enquiry", "email/late_enquiry.txt"),
    Delivery.Kind.ACKNOWLEDGEMENT: ("We have your request", "email/acknowledgement.txt"),
}
LEAVE_MESSAGE = {True: "Yes", False: "No", None: "Not answered"}


def facts(enquiry, detail):
    """Return the (label, text) pairs in the enquiry email, by a value of Clinic.MailDetail."""
    if detail == Clinic.MailDetail.MINIMAL:
        return []
    pairs = [
        ("Name", enquiry.name),
        ("Phone", phone_text(enquiry.phone)),
        ("Phone, as typed", enquiry.phone_note),
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


def message_of(delivery, clinic, connection=None):
    """Return the message of one Delivery of the clinic.

    No subject contains a name or a health word, and From is always the clinic's own domain. The
    patient is in Reply-To only if the clinic chose to include their address.
    """
    enquiry, location = delivery.enquiry, Location.objects.first()
    has_time = location and enquiry.answer_by
    context = {
        "answer_by": day_and_time(enquiry.answer_by.astimezone(location.zone)) if has_time else "",
        "clinic": clinic,
        "enquiry": enquiry,
        "facts": facts(enquiry, clinic.mail_detail),
        "location": location,
        "patient_url": settings.SITE_URL + enquiry.get_absolute_url(),
        "url": settings.SITE_URL + reverse("admin:contact_enquiry_change", args=[enquiry.pk]),
    }
    subject, template = MESSAGES[delivery.kind]
    message = EmailMultiAlternatives(
        f"{subject} {enquiry.reference}",
        render_to_string(template, context),
        to=[ascii_address(delivery.address)],
        headers={"Message-ID": delivery.message_id},
        connection=connection,
    )
    if delivery.kind == Delivery.Kind.ACKNOWLEDGEMENT:
        message.extra_headers["Auto-Submitted"] = "auto-replied"
    if delivery.kind == Delivery.Kind.NOTIFICATION:
        if enquiry.is_cancelled:
            message.subject = f"Cancelled: website enquiry {enquiry.reference}"
        if context["facts"] and is_mailable(enquiry.email):
            message.reply_to = [ascii_address(enquiry.email)]
        message.attach_alternative(render_to_string("email/enquiry.html", context), "text/html")
    return message
