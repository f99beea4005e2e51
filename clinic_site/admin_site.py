"""The editing room's front door: its name, and its models in the order staff think of them."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig

# What the front page and the sidebar show, in this order; a model listed nowhere comes last.
SECTIONS = (
    ("Enquiries", ("contact.enquiry",)),
    ("Articles", ("blog.post", "blog.topic")),
    ("Services and team", ("services.service", "services.practitioner")),
    ("Clinic", ("contact.clinic", "contact.location")),
    ("Pages and pictures", ("clinic_site.page", "clinic_site.image")),
    ("Staff accounts", ("auth.user", "auth.group")),
)


def section(name, models):
    return {"name": name, "app_label": name.lower().replace(" ", "-"), "models": models}


class ClinicAdminSite(AdminSite):
    """Django's admin under the clinic's own name."""

    index_title = "What would you like to work on?"
    enable_nav_sidebar = False  # the sections stand beside every page instead

    def each_context(self, request):
        # Imported late: this module is read before any model may be.
        from contact.models import Clinic

        name = Clinic.objects.current().name
        return super().each_context(request) | {"site_header": name, "site_title": name}

    def index(self, request, extra_context=None):
        """Show first whether enquiries reach people, to those who may read them."""
        context = extra_context or {}
        if request.user.has_perm("contact.view_enquiry"):
            from contact.service_state import service_state

            context |= {"service_state": service_state()}
        return super().index(request, context)

    def get_app_list(self, request, app_label=None):
        """Return the models a person may see, by SECTIONS instead of by app.

        Args:
            request: whose user's permissions count.
            app_label: of one app's own page, which keeps Django's list.
        """
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {
            model["model"]._meta.label_lower: model for app in apps for model in app["models"]
        }
        sections = [
            section(name, [models.pop(label) for label in labels if label in models])
            for name, labels in SECTIONS
        ]
        sections.append(section("More", list(models.values())))
        return [one for one in sections if one["models"]]


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic_site.admin_site.ClinicAdminSite"
