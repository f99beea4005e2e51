"""Whether there is somebody to send enquiries to: a clinic without is no state but an error."""

from django.core.checks import Error, Warning, register
from django.db import Error as DatabaseError

from contact.models import Clinic

SAMPLE_ENDING = ".example"  # of the sample's addresses: reserved, no mail ever arrives there


@register("clinic", deploy=True)
def check_recipients(app_configs, **kwargs):
    """At least one address that exists gets the notice of every enquiry."""
    try:
        addresses = Clinic.objects.current().notice_addresses()
    except DatabaseError as error:
        words = f"Whether somebody gets enquiries cannot be told ({type(error).__name__})."
        return [Warning(words, "Run manage.py migrate first.", id="contact.W001")]
    if any(not address.endswith(SAMPLE_ENDING) for address in addresses):
        return []
    hint = "Enter who gets mail about enquiries in the admin, under Clinic."
    return [Error("Nobody would get an enquiry.", hint, id="contact.E001")]
