"""The choices above the inbox: its lists, whom an enquiry is assigned to, and unsent emails."""

from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contact.inbox.lists import LISTS
from contact.models import Delivery

FOUND = "found"  # the list of search results
SESSION_KEY = "enquiry_search"
SEARCH_SECONDS = 30 * 60  # that the session keeps a search term: it may be a patient's name


def store_search(request, term):
    """Store a search in the session only: a page address ends up in logs and in the history."""
    request.session.pop(SESSION_KEY, None)
    if term:
        request.session[SESSION_KEY] = [term, timezone.now().timestamp()]


def stored_search(request):
    """Return the search term of the session, or "" for none or an old one."""
    term, stored_at = request.session.get(SESSION_KEY, ["", 0])
    return term if timezone.now().timestamp() - stored_at <= SEARCH_SECONDS else ""


class Choice(admin.SimpleListFilter):
    """A row of links of which one is always selected; the first is the default."""

    template = "admin/contact/enquiry/filter.html"

    def value(self):
        value = super().value()
        return value if value in dict(self.lookup_choices) else self.lookup_choices[0][0]

    def choices(self, changelist):
        for value, label in self.lookup_choices:
            params = changelist.params | {self.parameter_name: value}
            yield {
                "selected": self.value() == value,
                "query_string": f"?{urlencode(params)}",
                "display": label,
            }


class ListFilter(Choice):
    title = "list"
    parameter_name = "list"

    def lookups(self, request, model_admin):
        found = [(FOUND, "Search results")] if stored_search(request) else []
        return [(key, name) for key, (name, _) in LISTS.items()] + found

    def queryset(self, request, queryset):
        if self.value() == FOUND:
            return queryset.search(stored_search(request))
        return LISTS[self.value()][1](queryset, timezone.now())


class AssignedFilter(Choice):
    title = "assigned to"
    parameter_name = "assigned"

    def lookups(self, request, model_admin):
        return [("all", "Everyone"), ("me", "Assigned to me"), ("nobody", "Not assigned")]

    def queryset(self, request, queryset):
        wanted = {"me": {"assigned_to": request.user}, "nobody": {"assigned_to": None}}
        return queryset.filter(**wanted.get(self.value(), {}))


class EmailsFilter(Choice):
    title = "emails"
    parameter_name = "emails"

    def lookups(self, request, model_admin):
        return [("all", "Any email status"), ("not-sent", "Email not sent")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        deliveries = Delivery.objects.filter(enquiry=OuterRef("pk"))
        return queryset.filter(Exists(deliveries.open()) | ~Exists(deliveries))
