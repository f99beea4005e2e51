"""Registers the contact room and keeps the error pages' facts up to date."""

from django.apps import AppConfig


class ContactConfig(AppConfig):
    name = "contact"
    verbose_name = "Clinic and enquiries"

    def ready(self):
        from contact import checks, kept_facts  # noqa: F401  the checks register themselves

        kept_facts.connect()
