"""The inbox in the admin: the list of enquiries, its search, and the exports."""

from collections import Counter
from datetime import datetime, time

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from clinic_site.editing.base import ModelAdmin
from clinic_site.editing.widgets import STATE, DateInput
from clinic_site.web.phones import phone_text
from contact.admin import enquiry_filters as filters
from contact.admin import enquiry_text as text
from contact.admin.enquiry_page import LIST, EnquiryPage, requires
from contact.admin.person_page import PersonPage
from contact.inbox import exports
from contact.inbox.actions import colleague
from contact.inbox.lists import SPAM
from contact.models import Delivery, Enquiry

WORST_FIRST = (
    Delivery.State.REFUSED,
    Delivery.State.WAITING,
    Delivery.State.SENDING,
    Delivery.State.ACCEPTED,
    Delivery.State.STOPPED,
)


class KeysFirstPaginator(Paginator):
    """Finds the keys of a page first: joining all rows before a late page takes seconds."""

    def page(self, number):
        page = super().page(number)
        keys = list(page.object_list.values_list("pk", flat=True))
        page.object_list = self.object_list.filter(pk__in=keys)
        return page


class SearchForm(forms.Form):
    term = forms.CharField(max_length=100, required=False)


class BreachForm(forms.Form):
    """The first and the last known day of a privacy breach."""

    start = forms.DateField(label="First day", widget=DateInput)
    end = forms.DateField(label="Last day", widget=DateInput)

    def clean(self):
        data = super().clean()
        if "start" in data and "end" in data and data["end"] < data["start"]:
            self.add_error("end", "The last day must not be before the first day.")
        return data

    def period(self):
        """Return the first and the last moment of the days."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        moments = datetime.combine(start, time.min), datetime.combine(end, time.max)
        return map(timezone.make_aware, moments)


@admin.register(Enquiry)
class EnquiryAdmin(EnquiryPage, PersonPage, ModelAdmin):
    """The inbox: staff act on enquiries, but can't add, edit or delete one."""

    list_display = ("who", "age", "reach", "status", "about", "emails")
    list_display_links = ("who",)
    list_filter = (filters.ListFilter, filters.AssignedFilter, filters.EmailsFilter)
    list_select_related = ("service", "assigned_to")
    list_per_page = 50
    paginator = KeysFirstPaginator
    show_full_result_count = False  # it would count all rows on every search
    actions = ("export", "mark_checked")
    view_on_site = False

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_export_permission(self, request):
        return request.user.has_perm("contact.export_enquiry")

    def get_urls(self):
        views = (
            ("search", "search/", self.search_view),
            ("breach", "breach/", self.breach_view),
            ("act", "<int:pk>/act/<slug:name>/", self.action_view),
            ("erase", "<int:pk>/erase/", self.erase_view),
            ("person", "<int:pk>/person/", self.person_view),
        )
        paths = [
            path(route, self.admin_site.admin_view(view), name=f"contact_enquiry_{name}")
            for name, route, view in views
        ]
        return paths + super().get_urls()

    def get_queryset(self, request):
        deliveries = Prefetch("deliveries", Delivery.objects.only("enquiry", "state"))
        enquiries = super().get_queryset(request).visible_to(request.user)
        return enquiries.prefetch_related(deliveries)

    def get_actions(self, request):
        actions = super().get_actions(request)
        if request.GET.get("list") != SPAM:
            actions.pop("mark_checked", None)
        return actions

    def changelist_view(self, request, extra_context=None):
        if "q" in request.GET:  # a name must not stay in the page address
            return redirect(LIST)
        is_spam = request.GET.get("list") == SPAM
        context = {
            "search_term": filters.stored_search(request),
            "has_unchecked": is_spam and self.get_queryset(request).unchecked().exists(),
        }
        return super().changelist_view(request, context)

    @method_decorator([require_POST, requires("contact.view_enquiry")])
    def search_view(self, request):
        """Store the search in the session and show the list of what it finds."""
        form = SearchForm(request.POST)
        term = form.cleaned_data["term"] if form.is_valid() else ""
        filters.store_search(request, term)
        return redirect(f"{reverse(LIST)}?list={filters.FOUND}" if term else LIST)

    @admin.action(description="Export as CSV", permissions=["export"])
    def export(self, request, queryset):
        return exports.enquiries_csv(queryset, request.user)

    @admin.action(description="Mark as checked", permissions=["change"])
    def mark_checked(self, request, queryset):
        """Start the 30 days after which likely spam is erased."""
        count = queryset.unchecked().update(checked_at=timezone.now())
        self.message_user(request, f"{count} checked. Likely spam is erased 30 days later.")

    @method_decorator(requires("contact.report_breach"))
    def breach_view(self, request):
        """Ask for the days, then download the report."""
        form = BreachForm(request.POST or None)
        if form.is_valid():
            return exports.breach_csv(*form.period(), request.user)
        return self.render(request, "breach", {"title": "Privacy breach report", "form": form})

    @admin.display(description="From")
    def who(self, enquiry):
        name = enquiry.name or ("Erased" if enquiry.erased_at else "No name")
        return format_html("<bdi>{}</bdi> <small>{}</small>", name, enquiry.reference)

    @admin.display(description="Received", ordering="received_at")
    def age(self, enquiry):
        now = timezone.now()
        kind, word = text.urgency(enquiry, now)
        words = ", ".join(filter(None, (text.describe_age(enquiry, now), word)))
        return format_html(STATE, kind, words) if kind else words

    @admin.display(description="Contact")
    def reach(self, enquiry):
        """Phone and email as links, and whether a message may be left."""
        links = []
        if enquiry.phone:
            links.append((enquiry.phone.as_rfc3966, phone_text(enquiry.phone)))
        if enquiry.email:
            links.append((text.mailto(enquiry), enquiry.email))
        html = format_html_join("", '<a class="contact-link" href="{}">{}</a>', links)
        kind, words = text.leave_message(enquiry)
        return html + format_html(STATE, kind, words) if kind else html

    @admin.display(description="Status", ordering="state")
    def status(self, enquiry):
        """The state with its mark, and below it the assignee."""
        if enquiry.erased_at:
            return format_html(STATE, "archived", "Erased")
        reason = enquiry.get_closed_because_display()
        words = enquiry.get_state_display() + (f": {reason.lower()}" if reason else "")
        assignee = "Not assigned" if enquiry.is_open else ""
        if enquiry.assigned_to:
            assignee = f"Assigned to {colleague(enquiry.assigned_to)}"
        return format_html(STATE + "<small>{}</small>", enquiry.state, words, assignee)

    @admin.display(description="Service")
    def about(self, enquiry):
        return enquiry.service or "No service chosen"

    @admin.display(description="Emails to staff")
    def emails(self, enquiry):
        """The states of its emails, the worst first; no email at all is an error."""
        counts = Counter(delivery.state for delivery in enquiry.deliveries.all())
        if not counts and enquiry.is_quarantined:
            return "None, likely spam"
        if not counts:
            return format_html(STATE, "error", "No recipient")
        states = [state for state in WORST_FIRST if state in counts]
        texts = [f"{state.label} ({counts[state]})" for state in states]
        words = ", ".join(texts) if len(states) > 1 else states[0].label
        return format_html(STATE, states[0].value, words)
