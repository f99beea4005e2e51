"""Registers the contact room and keeps the error pages' facts up to date."""

from django.apps import AppConfig


class ContactConfig(AppConfig):
    name = "contact"
    verbose_name = "Clinic and enquiries"

    def ready(self):
        from contact import kept_facts

        kept_facts.connect()
