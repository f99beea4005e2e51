"""The clinic's facts for every template, read at most once a second in each process."""

import time
from functools import cache as once

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from contact.models import Clinic, Location


def shown_path(request):
    """Return the page's path for links that lead away from it; a sent page keeps its token."""
    match = request.resolver_match
    if match and match.view_name == "contact:sent":
        return reverse("contact:enquiry")
    return request.path


class KeptFacts:
    """The main Location (or None) and the Clinic, kept for settings.FACTS_KEPT_SECONDS.

    Every page prints them, and what is worked out from them (the map, the week) lives as long as
    these rows do. Two threads may read at once; both get true rows.
    """

    rows, read_at = None, 0

    def read(self):
        now = time.monotonic()
        if self.rows is None or now - self.read_at >= settings.FACTS_KEPT_SECONDS:
            location = Location.objects.main()
            self.rows = location, location.clinic if location else Clinic.objects.current()
            self.read_at = now
        return self.rows


kept = KeptFacts()


def clinic_facts(request):
    """Return `location` (the main one, or None), `clinic`, and the page's own addresses.

    Nothing is read until a template prints one.
    """
    rows = once(kept.read)
    location = SimpleLazyObject(lambda: rows()[0])
    clinic = SimpleLazyObject(lambda: rows()[1])
    path = shown_path(request)
    return {
        "location": location,
        "clinic": clinic,
        "site_url": settings.SITE_URL,
        "shown_path": path,
        "canonical_url": settings.SITE_URL + path,
    }
