"""The deploy check that somebody gets the enquiries."""

from django.core.checks import Error, Warning, register
from django.db import Error as DatabaseError

from contact.models import Clinic

SAMPLE_ENDING = ".example"  # of the sample's addresses: reserved, no mail ever arrives there


@register("clinic", deploy=True)
def check_recipients(app_configs, **kwargs):
    """Check that at least one real address gets every enquiry."""
    try:
        addresses = Clinic.objects.current().notification_addresses()
    except DatabaseError as error:
        words = f"Cannot check who gets the enquiries ({type(error).__name__})."
        return [Warning(words, "Run manage.py migrate first.", id="contact.W001")]
    if any(not address.endswith(SAMPLE_ENDING) for address in addresses):
        return []
    hint = "In the admin, open Clinic and add who gets enquiry emails."
    return [Error("Nobody gets the enquiries.", hint, id="contact.E001")]
