"""The clinic with its short facts, first-visit steps and recipients."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse

from clinic_site.editing.base import ModelAdmin, StackedInline, TabularInline
from contact.models import Clinic, ClinicFact, FirstVisitStep, Recipient

MOST_FACTS = 4  # that fit on the home page


class FactInline(TabularInline):
    model = ClinicFact
    fields = ("label", "detail", "order")
    max_num = MOST_FACTS
    verbose_name_plural = f"Short facts on the home page (at most {MOST_FACTS})"

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, validate_max=True, **kwargs)


class FirstVisitStepInline(StackedInline):
    model = FirstVisitStep
    fields = ("title", "text", "order")
    verbose_name_plural = "How the first visit goes"


class RecipientInline(TabularInline):
    model = Recipient
    fields = ("address", "kind")
    verbose_name_plural = "Recipients of enquiry emails"


@admin.register(Clinic)
class ClinicAdmin(ModelAdmin):
    """The clinic, a single object: its list redirects to the form."""

    fieldsets = (
        (None, {"fields": ("name", "kind", "promise_line", "tagline", "languages", "is_sample")}),
        ("Online booking", {"fields": ("booking_name", "booking_url")}),
        (
            "Enquiries",
            {
                "fields": (
                    "answer_within_hours",
                    "mail_detail",
                    "sends_acknowledgement",
                    "own_enquiries_only",
                    "retention_days",
                    "backup_days",
                )
            },
        ),
        (
            "Social networks",
            {
                "fields": (
                    "linkedin_url",
                    "facebook_url",
                    "pinterest_url",
                    "youtube_url",
                    "x_url",
                    "instagram_url",
                ),
                "description": "Networks without a link are not shown.",
                "classes": ("collapse",),
            },
        ),
    )
    inlines = (FactInline, FirstVisitStepInline, RecipientInline)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Clinic.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        clinic = Clinic.objects.first()
        if clinic and self.has_view_or_change_permission(request):
            return redirect("admin:contact_clinic_change", clinic.pk)
        return super().changelist_view(request, extra_context)

    def view_on_site(self, obj):
        return reverse("home")
