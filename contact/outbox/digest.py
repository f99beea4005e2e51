"""The daily mail about likely spam, so that a person checks it."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from contact.models import Clinic, Enquiry, SenderHeartbeat

EVERY = timedelta(days=1)


def send_digest(now):
    """Tell the clinic how many enquiries look like spam and are not checked; once a day at most.

    Returns:
        Whether a mail was sent.

    Raises:
        Exception: the mail server's; the next call tries again.
    """
    count = Enquiry.objects.unchecked().count()
    recipients = Clinic.objects.current().notification_addresses()
    last = SenderHeartbeat.objects.current().digest_at
    if not count or not recipients or (last and now - last < EVERY):
        return False
    url = settings.SITE_URL + reverse("admin:contact_enquiry_changelist") + "?list=spam"
    found = "1 enquiry looks" if count == 1 else f"{count} enquiries look"
    EmailMessage(
        subject="Website enquiries in Spam",
        body=f"{found} like spam. Please check that none is from a patient.\n\n"
        "If one is, open it and press “Not spam”. We will then send you the usual email.\n\n"
        f"Check them here: {url}\n",
        to=recipients,
    ).send()
    SenderHeartbeat.objects.digest_sent(now)
    return True
