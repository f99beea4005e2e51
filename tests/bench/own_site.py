"""The site of a scenario that measures inside its own process."""

from django.core.management import call_command

from clinic_site import sample_content


def make_site():
    """Make the tables, the static files and the sample clinic in the scenario's own VAR_DIR."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sample_content.load()
