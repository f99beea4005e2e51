"""The editing room's front door: its name, and its models in the order staff think of them."""

from functools import wraps

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import Http404
from django.urls import path

# What the front page and the sidebar show, in this order; a model listed nowhere comes last.
SECTIONS = (
    ("Enquiries", ("contact.enquiry",)),
    ("Articles", ("blog.post", "blog.topic")),
    ("Services and team", ("services.service", "services.practitioner", "services.flaggedphrase")),
    ("Clinic", ("contact.clinic", "contact.location")),
    ("Pages and pictures", ("clinic_site.page", "clinic_site.image", "redirects.redirect")),
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
        from clinic_site.editing.drafts import SAVED_DRAFTS
        from contact.models import Clinic

        name = Clinic.objects.current().name
        return super().each_context(request) | {
            "site_header": name,
            "site_title": name,
            "saved_drafts": request.session.pop(SAVED_DRAFTS, []),
        }

    def has_permission(self, request):
        from clinic_site.accounts.permissions import has_staff_access

        return has_staff_access(request)

    def admin_view(self, view, cacheable=False):
        """Guard a view, and make what it saves one version of each thing, by who is signed in."""
        from clinic_site.history.version import saving

        @wraps(view)
        def recorded(request, *args, **kwargs):
            with saving(request.user):
                return view(request, *args, **kwargs)

        return super().admin_view(recorded, cacheable)

    def login(self, request, extra_context=None):
        from clinic_site.accounts.permissions import redirect_to_sign_in

        return redirect_to_sign_in(request)

    def logout(self, request, extra_context=None):
        from allauth.account.views import logout

        return logout(request)

    def index(self, request, extra_context=None):
        """Show first whether enquiries reach people and wait, and what else needs who looks."""
        from clinic_site.dashboard import first_steps, needs_of

        context = extra_context or {}
        context |= {"needs": needs_of(request.user), "first_steps": first_steps(request.user)}
        if request.user.has_perm("contact.view_enquiry"):
            from contact.inbox.actions import counts
            from contact.outbox.health import service_state

            context |= {"service_state": service_state(), "inbox_counts": counts(request.user)}
        return super().index(request, context)

    def get_urls(self):
        from clinic_site.editing.page_picker import own_pages
        from clinic_site.styleguide import styleguide

        # Before Django's own, which leads any staff account to any row's page.
        guarded = path(
            "r/<path:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        picker = path("own-pages/", self.admin_view(own_pages), name="own_pages")
        guide = path("styleguide/", self.admin_view(styleguide), name="styleguide")
        return [guarded, picker, guide, *super().get_urls()]

    def view_on_site(self, request, content_type_id, object_id):
        """Lead to a row's page those who may see the row in the admin, where that has the link."""
        from django.contrib.contenttypes.models import ContentType
        from django.contrib.contenttypes.views import shortcut

        pk = content_type_id if content_type_id.isdecimal() else None
        kind = ContentType.objects.filter(pk=pk).first()
        model = kind and kind.model_class()
        if not model or not self.is_registered(model):
            raise Http404
        model_admin = self.get_model_admin(model)
        if not model_admin.view_on_site or not model_admin.has_view_permission(request):
            raise Http404
        return shortcut(request, content_type_id, object_id)

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
