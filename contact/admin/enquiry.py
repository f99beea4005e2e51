"""The inbox: the list of enquiries, the search in it, and the exports."""

from collections import Counter
from datetime import datetime, time

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_http_methods, require_POST

from clinic_site.editing.base import ModelAdmin
from clinic_site.editing.publishable import STATE
from clinic_site.editing.widgets import DateInput
from contact.admin import enquiry_filters as filters
from contact.admin import enquiry_words as words
from contact.admin.enquiry_page import EnquiryPage
from contact.admin.person_page import PersonPage
from contact.inbox import exports
from contact.inbox.actions import person
from contact.models import Delivery, Enquiry

WORST_FIRST = (
    Delivery.State.REFUSED,
    Delivery.State.WAITING,
    Delivery.State.SENDING,
    Delivery.State.ACCEPTED,
    Delivery.State.STOPPED,
)
LIST = "admin:contact_enquiry_changelist"


class KeysFirst(Paginator):
    """Finds a page's keys before its rows: joining all rows before a late page takes seconds."""

    def _get_page(self, rows, *args, **options):
        keys = list(rows.values_list("pk", flat=True))
        return super()._get_page(self.object_list.filter(pk__in=keys), *args, **options)


class BreachForm(forms.Form):
    """The first and the last day of a breach, as far as is known."""

    start = forms.DateField(label="First day", widget=DateInput)
    end = forms.DateField(label="Last day", widget=DateInput)

    def clean(self):
        data = super().clean()
        if "start" in data and "end" in data and data["end"] < data["start"]:
            self.add_error("end", "The last day comes before the first.")
        return data

    def moments(self):
        """Return the first and the last moment of the days (aware)."""
        ends = ((self.cleaned_data["start"], time.min), (self.cleaned_data["end"], time.max))
        return [timezone.make_aware(datetime.combine(*end)) for end in ends]


@admin.register(Enquiry)
class EnquiryAdmin(EnquiryPage, PersonPage, ModelAdmin):
    """What patients asked; nobody adds, rewrites or deletes it, people act on it."""

    list_display = ("who", "age", "reach", "standing", "about", "notices")
    list_display_links = ("who",)
    list_filter = (filters.ListFilter, filters.WhoseFilter, filters.NoticesFilter)
    list_select_related = ("service", "taken_by")
    list_per_page = 50
    paginator = KeysFirst
    show_full_result_count = False  # a count of all rows that nobody asked for
    actions = ("export",)
    view_on_site = False

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_export_permission(self, request):
        return request.user.has_perm("contact.export_enquiry")

    def has_breach_permission(self, request):
        return request.user.has_perm("contact.report_breach")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("search/", wrap(self.search_view), name="contact_enquiry_search"),
            path("breach/", wrap(self.breach_view), name="contact_enquiry_breach"),
        ]
        return own + self.page_urls() + self.person_urls() + super().get_urls()

    def get_queryset(self, request):
        deliveries = Prefetch("deliveries", Delivery.objects.only("enquiry", "state"))
        rows = super().get_queryset(request).visible_to(request.user)
        return rows.prefetch_related(deliveries)

    def get_search_results(self, request, queryset, search_term):
        """Ignore what stands in the address: the search is a filter, and its words are kept."""
        return queryset, False

    def changelist_view(self, request, extra_context=None):
        if "q" in request.GET:  # never kept in the links of the page
            return redirect(LIST)
        context = {
            "search_term": filters.kept_search(request),
            "may_report_breach": self.has_breach_permission(request),
        }
        response = super().changelist_view(request, context | (extra_context or {}))
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist and request.GET.get("list") == "set-aside":
            self.mark_as_listed(changelist.result_list)
        return response

    def mark_as_listed(self, rows):
        """Write down that somebody could have rescued these: from then on their time runs."""
        unlisted = [row.pk for row in rows if row.listed_at is None]
        Enquiry.objects.filter(pk__in=unlisted, listed_at=None).update(listed_at=timezone.now())

    @method_decorator(require_POST)
    def search_view(self, request):
        """Keep what is searched in the session and show the list that it chooses."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = filters.SearchForm(request.POST)
        term = form.cleaned_data["term"] if form.is_valid() else ""
        if not term:
            filters.forget_search(request)
            return redirect(LIST)
        filters.keep_search(request, term)
        return redirect(f"{reverse(LIST)}?list={filters.FOUND}")

    @admin.action(description="Export as CSV", permissions=["export"])
    def export(self, request, queryset):
        return exports.enquiries_csv(queryset, request.user)

    @method_decorator(require_http_methods(["GET", "POST"]))
    def breach_view(self, request):
        """Ask for the days, and give the report of what was there and who had access."""
        if not self.has_breach_permission(request):
            raise PermissionDenied
        form = BreachForm(request.POST) if request.method == "POST" else BreachForm()
        if form.is_valid():
            return exports.breach_csv(*form.moments(), request.user)
        context = {"title": "Report after a breach", "form": form}
        return self.answer(request, "admin/contact/enquiry/breach.html", context)

    @admin.display(description="Who asks")
    def who(self, enquiry):
        name = enquiry.name or ("Erased" if enquiry.erased_at else "No name")
        return format_html("{} <small>{}</small>", name, enquiry.reference)

    @admin.display(description="Came in", ordering="received_at")
    def age(self, enquiry):
        now = timezone.now()
        kind, word = words.urgency(enquiry, now)
        text = ", ".join(filter(None, (words.age(enquiry, now), word)))
        return format_html(STATE, kind, text) if kind else text

    @admin.display(description="Reach them")
    def reach(self, enquiry):
        """Phone and email as links, and whether a message may be left."""
        links = []
        if phone := enquiry.phone:
            links.append((phone.as_rfc3966, words.phone_text(phone)))
        if enquiry.email:
            links.append((words.mailto(enquiry), enquiry.email))
        html = format_html_join("", '<a class="reach" href="{}">{}</a>', links)
        kind, text = words.leave_message(enquiry)
        return html + format_html(STATE, kind, text) if kind else html

    @admin.display(description="State", ordering="state")
    def standing(self, enquiry):
        """The state as a word with its mark, and below it who has taken the enquiry."""
        if enquiry.erased_at:
            return format_html(STATE, "archived", "Erased")
        because = enquiry.get_closed_because_display()
        text = enquiry.get_state_display() + (f": {because.lower()}" if because else "")
        holder = f"Taken by {person(enquiry.taken_by)}" if enquiry.taken_by else ""
        if enquiry.is_open and not holder:
            holder = "Nobody has it"
        return format_html(STATE + "<small>{}</small>", enquiry.state, text, holder)

    @admin.display(description="Service")
    def about(self, enquiry):
        return enquiry.service or "No service chosen"

    @admin.display(description="Notices by email")
    def notices(self, enquiry):
        """How its deliveries stand, each state in words; nobody to send to is an error."""
        counts = Counter(delivery.state for delivery in enquiry.deliveries.all())
        if not counts and enquiry.is_set_aside:
            return "None: set aside"
        if not counts:
            return format_html(STATE, "error", "Nobody to send it to")
        found = [state for state in WORST_FIRST if state in counts]
        text = ", ".join(
            f"{state.label} ({counts[state]})" if len(found) > 1 else state.label for state in found
        )
        return format_html(STATE, found[0].value, text)
