"""The daily mail about enquiries that were set aside, so that a person looks at them."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from contact.models import Clinic, Enquiry, SenderHeartbeat

EVERY = timedelta(days=1)


def send_digest(now):
    """Tell the clinic how many set-aside enquiries nobody has looked at; once a day at most.

    Args:
        now: an aware moment.

    Returns:
        Whether a mail went out.

    Raises:
        Exception: the mail server's; the next call tries again.
    """
    waiting = Enquiry.objects.set_aside().filter(listed_at=None).count()
    recipients = Clinic.objects.current().notice_addresses()
    last = SenderHeartbeat.objects.digest_at()
    if not waiting or not recipients or (last and now - last < EVERY):
        return False
    url = settings.SITE_URL + reverse("admin:contact_enquiry_changelist") + "?list=set-aside"
    words = "1 enquiry was" if waiting == 1 else f"{waiting} enquiries were"
    EmailMessage(
        subject="Website enquiries set aside",
        body=f"{words} set aside as likely spam, and nobody has looked yet.\n\n"
        "If one is from a patient, rescue it: its notice goes out then.\n\n"
        f"Look here: {url}\n",
        to=recipients,
    ).send()
    SenderHeartbeat.objects.digest_sent(now)
    return True
