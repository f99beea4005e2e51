"""What every list of the admin shares: its search, and its answer to addresses it cannot read."""

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import HttpResponseRedirect

from clinic_site.web.folding import fold_for_search

# What Django's filters and the drill-down by date send after the name of a field.
LOOKUPS = ("", "exact", "isnull", "id__exact", "year", "month", "day")
MOST_DIGITS = 18  # of a number in an address: PostgreSQL and SQLite count in 64 bits
UNREADABLE = (ArithmeticError, DataError, SuspiciousOperation, TypeError, ValueError)


def has_no_meaning(query):
    """Say whether an address has a NUL or a huge number, which no database takes."""
    return any(
        "\0" in text or (text.lstrip("+-").isdecimal() and len(text) > MOST_DIGITS)
        for name, texts in query.lists()
        for text in (name, *texts)
    )


class ListMixin:
    """A list that folds accents in its search, and shows itself for any odd address."""

    def changelist_view(self, request, extra_context=None):
        """Redirect to the whole list if something in the address is wrong."""
        is_wrong_again = ERROR_FLAG in request.GET and len(request.GET) > 1
        if is_wrong_again or has_no_meaning(request.GET):
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request):
        """Let Django redirect for every value that it cannot read, not for most of them."""
        try:
            return super().get_changelist_instance(request)
        except UNREADABLE as error:
            raise IncorrectLookupParameters(error) from error

    def lookup_allowed(self, lookup, value, request):
        """Allow the lookups of the list's own filters: others, like title__regex, may fail."""
        name, _, rest = lookup.partition("__")
        filters = [
            one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one)
            for one in (*self.get_list_filter(request), self.date_hierarchy)
        ]
        is_own = name in filters and rest in LOOKUPS
        return is_own and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request, queryset, search_term):
        """Keep the objects whose search_fields have all words; see fold_for_search()."""
        words = fold_for_search(search_term).split()
        if not words:
            return queryset, False
        rows = queryset.order_by().values_list("pk", *self.get_search_fields(request))
        folded = ((pk, fold_for_search(" ".join(map(str, texts)))) for pk, *texts in rows)
        found = [pk for pk, text in folded if all(word in text for word in words)]
        return queryset.filter(pk__in=found), False
