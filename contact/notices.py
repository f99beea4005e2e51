"""The notice that tells the clinic of an enquiry; how much it says is the clinic's choice."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from clinic_site.moments import day_and_time
from contact.models.clinic import Clinic
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


def notice(delivery, connection=None):
    """Return the message of one Delivery, in text and HTML.

    The subject has no name and no health word; From is always the clinic's own domain, and the
    patient stands in Reply-To only where the clinic's setting shows their address at all.
    """
    enquiry = delivery.enquiry
    clinic = Clinic.objects.current()
    shown = lines(enquiry, clinic.mail_detail)
    location = Location.objects.first()
    local = location and enquiry.answer_by and enquiry.answer_by.astimezone(location.zone)
    context = {
        "clinic": clinic,
        "answer_by": day_and_time(local) if local else "",
        "enquiry": enquiry,
        "lines": shown,
        "url": settings.SITE_URL + reverse("admin:contact_enquiry_change", args=[enquiry.pk]),
    }
    message = EmailMultiAlternatives(
        subject=f"{'Cancelled: website' if enquiry.is_cancelled else 'Website'} enquiry "
        f"{enquiry.reference}",
        body=render_to_string("email/enquiry.txt", context),
        to=[delivery.address],
        reply_to=[enquiry.email] if enquiry.email and shown else None,
        headers={"Message-ID": delivery.message_id},
        connection=connection,
    )
    message.attach_alternative(render_to_string("email/enquiry.html", context), "text/html")
    return message
