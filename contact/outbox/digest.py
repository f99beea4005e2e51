"""The daily mail about likely spam, so that a person checks it."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from contact.models import Clinic, Enquiry, SenderHeartbeat


def send_digest(now):
    """Mail the clinic how many enquiries are likely spam to check, once a day at most.

    Returns whether a mail was sent. If the mail server fails, the next call tries again.
    """
    count = Enquiry.objects.unchecked().count()
    recipients = Clinic.objects.current().notification_addresses()
    last = SenderHeartbeat.objects.current().digest_at
    # A date ahead of now comes from a clock that was wrong.
    if not count or not recipients or (last and abs(now - last) < timedelta(days=1)):
        return False
    url = settings.SITE_URL + reverse("admin:contact_enquiry_changelist") + "?list=spam"
    text = render_to_string("email/spam_digest.txt", {"count": count, "url": url})
    EmailMessage("Website enquiries in Spam", text, to=recipients).send()
    SenderHeartbeat.objects.digest_sent(now)
    return True
