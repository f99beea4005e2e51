"""Keeps the facts an error page shows in a file, each time the clinic's rows are saved."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from clinic_site.web.error_pages import store_clinic_facts
from contact.models import Clinic, Location


def keep():
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


def keep_after_commit(**kwargs):
    transaction.on_commit(keep)


def connect():
    for model in (Clinic, Location):
        for signal in (post_save, post_delete):
            signal.connect(keep_after_commit, sender=model, dispatch_uid=f"keep {model} {signal}")
