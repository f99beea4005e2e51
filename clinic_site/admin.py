"""Standing pages and staff accounts in the admin."""

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sites.admin import Site
from django.urls import resolve

import clinic_site.editing.images  # noqa: F401  registers the image library
import clinic_site.editing.redirects  # noqa: F401  registers redirects
from clinic_site.accounts.factors import remove_factors, with_factor
from clinic_site.accounts.forms import StaffPasswordForm
from clinic_site.accounts.sessions import sign_out_everywhere
from clinic_site.editing.base import ModelAdmin
from clinic_site.editing.publishable import PublishableAdmin, PublishableForm
from clinic_site.models import Page
from services.compliance.admin import CheckedForm, ChecksMixin

# Pages that the site needs: it has a link or a template for each.
NEEDED_PAGES = ("fees", "privacy")
PAGE_VIEWS = ("page_detail", *NEEDED_PAGES)

# The apps whose permissions a role may have.
APPS = ("auth", "blog", "cabinet", "clinic_site", "contact", "redirects", "services")

# The Site follows SITE_URL after each migrate. People manage their own passkeys and apps.
admin.site.unregister([Site, User, Group, EmailAddress, Authenticator])


class PageForm(CheckedForm, PublishableForm):
    def clean_slug(self):
        slug = super().clean_slug()
        if slug and resolve(f"/{slug}/").url_name not in PAGE_VIEWS:
            raise forms.ValidationError("The site uses this address itself. Choose another.")
        return slug


@admin.register(Page)
class PageAdmin(ChecksMixin, PublishableAdmin):
    form = PageForm
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "body")}),
        ("Publishing", {"fields": ("status", PublishableAdmin.moments, "on_site", "order")}),
        PublishableAdmin.search_engines,
    )
    list_display = ("title", "state", "slug", "order", "updated_at")

    def is_needed(self, page):
        return page is not None and page.slug in NEEDED_PAGES

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "slug") if self.is_needed(obj) else fields

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not self.is_needed(obj)


@admin.register(User)
class StaffAdmin(ModelAdmin, UserAdmin):
    """Staff accounts. Roles (groups) decide what people may do."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff")}),
        ("Role", {"fields": ("groups", "is_superuser")}),
        ("Activity", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login",
                    "has_second_step")  # fmt: skip
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    view_on_site = False
    actions = ("end_sessions", "remove_second_step")
    change_password_form = StaffPasswordForm
    add_form = UserCreationForm  # asks for a password: nobody signs in without one
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    help_texts = {
        "username": "What this person types to sign in. Letters, digits and @ . + - _ only.",
        "is_active": "Untick this when somebody leaves. Their name stays in the history.",
        "is_staff": "Whether this person can sign in here.",
        "groups": "What this person may see and change. With several roles, they may do all of it.",
        "is_superuser": "May do everything, whatever the role.",
    }

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, help_texts=self.help_texts, **kwargs)

    def get_queryset(self, request):
        return with_factor(super().get_queryset(request))

    @admin.display(description="Second step", boolean=True, ordering="has_factor")
    def has_second_step(self, user):
        return user.has_factor

    def act_on(self, request, users, act, words):
        """Do something to the chosen accounts, except those above the person's own."""
        chosen = [user for user in users if not self.is_above(request, user)]
        for user in chosen:
            act(user)
            self.log_change(request, user, words)
        names = ", ".join(user.get_username() for user in chosen)
        messages.success(
            request,
            f"{words}: {names or 'no one. You can’t change accounts that can do more than yours'}.",
        )

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def end_sessions(self, request, users):
        self.act_on(request, users, sign_out_everywhere, "Signed out everywhere")

    @admin.action(description="Remove the second step (lost phone or key)", permissions=["change"])
    def remove_second_step(self, request, users):
        self.act_on(request, users, remove_factors, "Second step removed, signed out everywhere")

    def is_above(self, request, user):
        """Return whether an account is above the person's own, who then may not change it."""
        return user is not None and user.is_superuser and not request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        return may and not self.is_above(request, obj)

    def has_delete_permission(self, request, obj=None):
        may = super().has_delete_permission(request, obj)
        return may and not self.is_above(request, obj)

    def save_model(self, request, obj, form, change):
        obj.is_staff |= not change  # new accounts are for people who work here
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request, obj=None):
        """Let only superusers make superusers."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")


@admin.register(Group)
class RoleAdmin(ModelAdmin, GroupAdmin):
    """A role, with its permissions."""

    filter_horizontal = ()
    view_on_site = False

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        permissions = Permission.objects.select_related("content_type")
        kwargs["queryset"] = permissions.filter(content_type__app_label__in=APPS)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
