"""Registers the contact app, its deploy checks and its signals."""

from django.apps import AppConfig


class ContactConfig(AppConfig):
    name = "contact"
    verbose_name = "Clinic and enquiries"

    def ready(self):
        from contact import checks, signals  # noqa: F401  the checks register themselves

        signals.connect()
