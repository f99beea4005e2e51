"""The clinic's facts for every template, read at most once a second in each process."""

import time
from functools import cache as once
from typing import NamedTuple

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


class Facts(NamedTuple):
    """The main Location (or None), the Clinic, and by name what templates printed of them alone."""

    location: Location | None
    clinic: Clinic
    parts: dict


class KeptFacts:
    """Facts, kept for settings.FACTS_KEPT_SECONDS.

    Every page prints them, and what is worked out from them (the map, the week, the header) lives
    as long as these rows do. Two threads may read at once; both get true rows.
    """

    facts, read_at = None, 0

    def read(self):
        now = time.monotonic()
        if self.facts is None or now - self.read_at >= settings.FACTS_KEPT_SECONDS:
            location = Location.objects.main()
            clinic = location.clinic if location else Clinic.objects.current()
            self.facts, self.read_at = Facts(location, clinic, {}), now
        return self.facts


kept = KeptFacts()


def clinic_facts(request):
    """Return `location` (the main one, or None), `clinic`, `parts`, and the page's own addresses.

    Nothing is read until a template prints one.
    """
    facts = once(kept.read)
    path = shown_path(request)
    return {
        "location": SimpleLazyObject(lambda: facts().location),
        "clinic": SimpleLazyObject(lambda: facts().clinic),
        "parts": SimpleLazyObject(lambda: facts().parts),
        "site_url": settings.SITE_URL,
        "shown_path": path,
        "canonical_url": settings.SITE_URL + path,
    }
