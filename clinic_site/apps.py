"""The app of the whole site: its admin site, the Site row, and the cache table."""

from importlib import import_module
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.core.management import call_command
from django.db.models.signals import post_migrate

# What public pages print: a change to one of these empties the page cache.
PUBLIC_CONTENT = (
    *("blog.Post", "blog.Source", "blog.Topic"),
    *("clinic_site.Image", "clinic_site.Page"),
    *("contact.Clinic", "contact.ClinicFact", "contact.FirstVisitStep"),
    "redirects.Redirect",
    *("contact.Location", "contact.MapStreet", "contact.SpecialDay", "contact.WeeklyHours"),
    *("services.Fee", "services.Practitioner", "services.Rostering"),
    *("services.Service", "services.ServiceQuestion"),
)


def update_site(**kwargs):
    """Set the Site row from SITE_URL, so that sitemap and feed never print a Host header."""
    from django.contrib.sites.models import Site

    host = urlsplit(settings.SITE_URL).netloc
    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": host, "name": host})


def create_cache_table(using, **kwargs):
    """Create the table of CACHES, unless it exists: no migration does that."""
    call_command("createcachetable", database=using, verbosity=0)


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"
    default = True
    verbose_name = "Pages and images"

    def ready(self):
        apps.get_app_config("auth").verbose_name = "Staff accounts"
        post_migrate.connect(update_site, sender=self)
        post_migrate.connect(create_cache_table, sender=self)
        # Their checks and signals need settings and models, so they load here.
        import_module("clinic_site.web.checks")
        import_module("clinic_site.accounts.factors")
        import_module("clinic_site.web.content_version").watch(map(apps.get_model, PUBLIC_CONTENT))


class ClinicAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "clinic_site.admin_site.ClinicAdminSite"
