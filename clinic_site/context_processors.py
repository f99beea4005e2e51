"""The clinic's facts in every template."""

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from contact.models import Clinic, Location


def shown_path(request):
    """Return the page's path for links on it; a sent page does not give its token away."""
    match = request.resolver_match
    if match and match.view_name == "contact:sent":
        return reverse("contact:enquiry")
    return request.path


def clinic_facts(request):
    """Return the main `location`, `clinic` (each read when printed) and the page's addresses."""
    location = SimpleLazyObject(Location.objects.main)
    path = shown_path(request)
    return {
        "location": location,
        "clinic": SimpleLazyObject(
            lambda: location.clinic if location else Clinic.objects.current()
        ),
        "site_url": settings.SITE_URL,
        "shown_path": path,
        "canonical_url": settings.SITE_URL + path,
    }
