"""The admin site: its name, its dashboard, and its models in the order staff think of them."""

from allauth.account.adapter import get_adapter
from allauth.account.views import logout
from allauth.decorators import rate_limit
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.http import Http404
from django.urls import path

from clinic_site.accounts.permissions import has_staff_access, redirect_to_sign_in
from contact.models import Clinic

# The order on the dashboard and in the sidebar; a model that is not listed comes last.
SECTIONS = (
    ("Enquiries", ("contact.enquiry",)),
    ("Articles", ("blog.post", "blog.topic")),
    ("Services and team", ("services.service", "services.practitioner", "services.flaggedphrase")),
    ("Clinic", ("contact.clinic", "contact.location")),
    ("Pages and images", ("clinic_site.page", "clinic_site.image", "redirects.redirect")),
    ("Staff accounts", ("auth.user", "auth.group")),
)


def section(name, models):
    return {"name": name, "app_label": name.lower().replace(" ", "-"), "models": models}


class ClinicAdminSite(AdminSite):
    """Django's admin under the clinic's name.

    The functions that import our own admin code do so late: that code registers models with this
    site, which must exist by then.
    """

    index_title = "Dashboard"
    enable_nav_sidebar = False  # the sections stand beside every page instead

    def each_context(self, request):
        from clinic_site.editing.drafts import SAVED_DRAFTS

        name = Clinic.objects.current().name
        return super().each_context(request) | {
            "site_header": name,
            "site_title": name,
            "saved_drafts": request.session.pop(SAVED_DRAFTS, []),
        }

    def has_permission(self, request):
        return has_staff_access(request)

    def login(self, request, extra_context=None):
        return redirect_to_sign_in(request)

    def logout(self, request, extra_context=None):
        return logout(request)

    def password_change(self, request, extra_context=None):
        """Limit attempts, which a computer left alone invites, and mail the person on success."""
        limited = rate_limit(action="change_password")(super().password_change)
        response = limited(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            get_adapter().notify(request.user, "Your password was changed.")
        return response

    def index(self, request, extra_context=None):
        from clinic_site.dashboard import dashboard_context

        return super().index(request, (extra_context or {}) | dashboard_context(request.user))

    def get_urls(self):
        from clinic_site.dashboard import remove_sample
        from clinic_site.editing.page_picker import own_pages
        from clinic_site.styleguide import styleguide

        on_site = "r/<path:content_type_id>/<path:object_id>/"  # before Django's own, see below
        return [
            path(on_site, self.admin_view(self.view_on_site), name="view_on_site"),
            path("own-pages/", self.admin_view(own_pages), name="own_pages"),
            path("styleguide/", self.admin_view(styleguide), name="styleguide"),
            path("remove-sample/", self.admin_view(remove_sample), name="remove_sample"),
            *super().get_urls(),
        ]

    def view_on_site(self, request, content_type_id, object_id):
        """Redirect staff who may see an object to its page; Django's view does so for any staff."""
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
        """Return the models that a user may see, by SECTIONS; an app's own page keeps Django's."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {one["model"]._meta.label_lower: one for app in apps for one in app["models"]}
        sections = [
            section(name, [models.pop(label) for label in labels if label in models])
            for name, labels in SECTIONS
        ]
        sections.append(section("More", list(models.values())))
        return [one for one in sections if one["models"]]
