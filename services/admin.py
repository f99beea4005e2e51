"""Services with their fees and questions, and the people who provide them, in the admin."""

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets

from clinic_site.admin_base import ModelAdmin, ReviewableAdmin, StackedInline, TabularInline
from clinic_site.bin_admin import BinMixin
from clinic_site.preview import PreviewMixin
from services.models import Fee, Practitioner, Rostering, Service, ServiceQuestion


class FeeInline(TabularInline):
    model = Fee
    fields = ("name", "minutes", "price", "visits", "effective_on", "order")


class QuestionInline(StackedInline):
    model = ServiceQuestion
    fields = ("question", "answer", "order")
    verbose_name = "question"
    verbose_name_plural = "Questions patients ask"


@admin.register(Service)
class ServiceAdmin(ReviewableAdmin):
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "joint", "body")}),
        (
            "For the patient",
            {"fields": ("who_it_suits", "who_it_does_not_suit", "what_to_expect", "risks")},
        ),
        ("When to seek urgent care", {"fields": ("urgent_care",)}),
        ("Who stands behind it", {"fields": ReviewableAdmin.standing}),
        ("Who provides it", {"fields": ("rostered_act", "practitioners")}),
        (
            "Publishing",
            {"fields": ("status", ReviewableAdmin.moments, "on_site", "order")},
        ),
        ReviewableAdmin.search_engines,
    )
    inlines = (FeeInline, QuestionInline)
    list_display = ("title", "state", "joint", "rostered_act", "order", "updated_at")
    list_filter = (*ReviewableAdmin.list_filter, "joint", "practitioners")


class RosteringInline(TabularInline):
    model = Rostering
    fields = ("act",)
    verbose_name = "rostered act"
    verbose_name_plural = "Rostered acts"


@admin.register(Practitioner)
class PractitionerAdmin(BinMixin, PreviewMixin, ModelAdmin):
    """Who treats patients; the register's facts and the account are the owner's to change."""

    registration = (
        "name",
        "slug",
        "college",
        "registration_class",
        "degrees",
        "registration_number",
        "register_url",
        "verified_on",
    )
    practice = ("accepts_new_patients", "booking_url", "enquiry_address", "account")
    showing = ("is_active", "order", "is_sample")
    fieldsets = (
        ("As on the public register", {"fields": registration}),
        ("For patients", {"fields": ("summary", "biography", "languages", "portrait")}),
        ("Visits and enquiries", {"fields": practice}),
        ("On the site", {"fields": showing}),
    )
    inlines = (RosteringInline,)
    prepopulated_fields = {"slug": ["name"]}
    list_display = ("name", "title_in_words", "verified_on", "accepts_new_patients", "is_active")
    list_filter = ("is_active", "college", "accepts_new_patients", "is_sample")
    search_fields = ("name", "summary", "languages", "registration_number")

    def is_on_site(self, obj):
        return obj.is_active and obj.trashed_at is None

    def get_readonly_fields(self, request, obj=None):
        """Leave the texts to those who may not change a registration."""
        if request.user.has_perm("services.change_registration"):
            return super().get_readonly_fields(request, obj)
        texts = self.fieldsets[1][1]["fields"]
        return [name for name in flatten_fieldsets(self.fieldsets) if name not in texts]
