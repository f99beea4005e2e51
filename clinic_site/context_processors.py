"""The clinic's facts for every template; nothing is read until a template prints one."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from contact.models import Clinic, Location


def clinic_facts(request):
    """Return `location` (the main one, or None), `clinic`, `site_url` and `canonical_url`."""
    location = SimpleLazyObject(Location.objects.main)
    clinic = SimpleLazyObject(lambda: location.clinic if location else Clinic.objects.current())
    return {
        "location": location,
        "clinic": clinic,
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + request.path,
    }
