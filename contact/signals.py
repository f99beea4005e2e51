"""Draws the map and stores the facts of the error pages when the clinic's facts are saved."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from clinic_site.web.error_pages import store_clinic_facts
from contact.models import Clinic, Location, MapStreet


def store_facts():
    location = Location.objects.select_related("clinic").first()
    if location:
        store_clinic_facts(
            {
                "name": location.clinic.name,
                "phone": location.phone_text,
                "phone_link": location.phone_link,
                "address": location.address_line,
            }
        )


def store_facts_after_commit(**kwargs):
    transaction.on_commit(store_facts)


def draw_map(instance, **kwargs):
    key = instance.location_id if isinstance(instance, MapStreet) else instance.pk
    for location in Location.objects.filter(pk=key):
        location.draw_map()


def connect():
    for signal in (post_save, post_delete):
        signal.connect(store_facts_after_commit, sender=Clinic)
        signal.connect(store_facts_after_commit, sender=Location)
        signal.connect(draw_map, sender=MapStreet)
    post_save.connect(draw_map, sender=Location)
