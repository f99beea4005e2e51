"""The building's own app: standing pages, images, and the Site row kept at SITE_URL."""

from importlib import import_module
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate

# What public pages print: a change to one of these empties the page cache.
PUBLIC_CONTENT = (
    *("blog.Post", "blog.Source", "blog.Topic"),
    *("clinic_site.Image", "clinic_site.Page"),
    *("contact.Clinic", "contact.ClinicFact", "contact.FirstVisitStep"),
    *("contact.Location", "contact.MapStreet", "contact.SpecialDay", "contact.WeeklyHours"),
    *("services.Fee", "services.Practitioner", "services.Rostering"),
    *("services.Service", "services.ServiceQuestion"),
)


def keep_site_row(**kwargs):
    """Set the Site row from SITE_URL, so that sitemap and feed never print a Host header."""
    from django.contrib.sites.models import Site

    host = urlsplit(settings.SITE_URL).netloc
    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": host, "name": host})


def make_cache_table(using, **kwargs):
    """Make the table of CACHES, which no migration does; it stays when it is there."""
    call_command("createcachetable", database=using, verbosity=0)


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"
    verbose_name = "Pages and pictures"

    def ready(self):
        post_migrate.connect(keep_site_row, sender=self)
        post_migrate.connect(make_cache_table, sender=self)
        # Loaded late: their checks and signals need settings and models.
        import_module("clinic_site.web.checks")
        import_module("clinic_site.accounts.permissions")
        import_module("clinic_site.accounts.sessions")
        import_module("clinic_site.web.content_version").watch(map(apps.get_model, PUBLIC_CONTENT))
