"""Enquiries and their deliveries, to read."""

from collections import Counter

from django.contrib import admin
from django.db.models import Prefetch
from django.utils.html import format_html

from clinic_site.admin_base import STATE, ModelAdmin, TabularInline
from contact.models import Delivery, Enquiry

WORST_FIRST = (
    Delivery.State.REFUSED,
    Delivery.State.WAITING,
    Delivery.State.SENDING,
    Delivery.State.ACCEPTED,
)


class ReadOnly:
    """What nobody changes by hand: it is what happened."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class DeliveryInline(ReadOnly, TabularInline):
    model = Delivery
    fields = ("address", "state", "attempts", "next_attempt_at", "accepted_at", "last_error")
    readonly_fields = fields
    verbose_name_plural = "Notices by email"


@admin.register(Enquiry)
class EnquiryAdmin(ReadOnly, ModelAdmin):
    """What patients asked, to read; a name never enters an address, so search is by reference."""

    fieldsets = (
        (
            "Who asks",
            {
                "fields": (
                    ("name", "for_whom"),
                    ("phone_link", "email_link"),
                    ("way", "may_leave"),
                    ("times", "language"),
                )
            },
        ),
        ("What about", {"fields": ("message", ("service", "practitioner"), "page")}),
        ("When", {"fields": (("received_at", "answer_by"), "reference")}),
    )
    readonly_fields = ("for_whom", "phone_link", "email_link", "way", "may_leave")
    inlines = (DeliveryInline,)
    list_display = ("received_at", "reference", "name", "way", "service", "notices")
    list_display_links = ("received_at", "reference")
    list_filter = ("received_at", "deliveries__state")
    list_select_related = ("service",)
    search_fields = ("reference",)
    search_help_text = "Search by reference, like K7WQ2M."
    view_on_site = False

    def get_queryset(self, request):
        deliveries = Prefetch("deliveries", Delivery.objects.only("enquiry", "state"))
        return super().get_queryset(request).prefetch_related(deliveries)

    @admin.display(description="Whom it is for")
    def for_whom(self, enquiry):
        return "Someone else" if enquiry.is_for_someone_else else "Themselves"

    @admin.display(description="Phone")
    def phone_link(self, enquiry):
        if phone := enquiry.phone:
            return format_html('<a href="{}">{}</a>', phone.as_rfc3966, phone.as_national)
        return self.get_empty_value_display()

    @admin.display(description="Email")
    def email_link(self, enquiry):
        if email := enquiry.email:
            return format_html('<a href="mailto:{0}">{0}</a>', email)
        return self.get_empty_value_display()

    @admin.display(description="Way to answer")
    def way(self, enquiry):
        """The way the patient prefers, or the only one they gave."""
        if enquiry.preferred_way:
            return enquiry.get_preferred_way_display()
        return "Phone" if enquiry.phone else "Email"

    @admin.display(description="May leave a message")
    def may_leave(self, enquiry):
        return enquiry.leave_message_text

    @admin.display(description="Notices by email")
    def notices(self, enquiry):
        """How its deliveries stand, each state in words; nobody to send to is an error."""
        counts = Counter(delivery.state for delivery in enquiry.deliveries.all())
        if not counts:
            return format_html(STATE, "error", "Nobody to send it to")
        found = [state for state in WORST_FIRST if state in counts]
        words = ", ".join(
            f"{state.label} ({counts[state]})" if len(found) > 1 else state.label for state in found
        )
        return format_html(STATE, found[0].value, words)
