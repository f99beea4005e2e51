"""The site that a scenario measures, in a place of its own."""

import os

from django.core.management import call_command

from clinic_site import sample_content


def make_site():
    """Make tables, static files and the sample clinic for measuring inside this process."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sample_content.load()


def database_settings():
    """Return the environment that gives a site in processes of its own the scenario's database."""
    url = os.environ["DATABASE_URL"]
    return {"DATABASE_URL": url} if url else {}
