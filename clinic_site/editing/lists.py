"""What every list of the admin shares: its search, and the whole list for any odd address."""

from copy import copy

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import QueryDict
from django.utils.http import urlencode

from clinic_site.richtext.html import MOST_KEY_DIGITS
from clinic_site.web.folding import fold_for_search

# What Django's filters and the drill-down by date send after the name of a field.
LOOKUPS = ("", "exact", "isnull", "id__exact", "year", "month", "day")
PICKER = ("CKEditor", "CKEditorFuncNum", "_popup")  # a list in the window of another page
UNREADABLE = (
    *(ArithmeticError, DataError, IncorrectLookupParameters),
    *(SuspiciousOperation, TypeError, ValueError),
)


class List(ChangeList):
    """A list that shows all of itself if a filter, a lookup or a number in its address is wrong."""

    def __init__(self, request, *args, **kwargs):
        try:
            super().__init__(request, *args, **kwargs)
        except UNREADABLE:
            picker = {name: request.GET[name] for name in PICKER if name in request.GET}
            request = copy(request)
            request.GET = QueryDict(urlencode(picker))
            super().__init__(request, *args, **kwargs)

    def get_filters(self, request):
        """Refuse what no database takes, and the lookups of others, such as title__regex."""
        if has_no_meaning(request.GET):
            raise IncorrectLookupParameters
        own = {self.date_hierarchy}
        for one in self.list_filter:
            own.add(one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one))
        for lookup in self.get_filters_params():
            name, _, rest = lookup.partition("__")
            if name not in own or rest not in LOOKUPS:
                raise IncorrectLookupParameters
        return super().get_filters(request)


def has_no_meaning(query):
    """Say whether an address has a NUL or a huge number."""
    return any(
        "\0" in text or (text.lstrip("+-").isdecimal() and len(text) > MOST_KEY_DIGITS)
        for name, texts in query.lists()
        for text in (name, *texts)
    )


def folded_search(model_admin, request, queryset, term):
    """Search a ModelAdmin's search_fields, as its get_search_results()."""
    return with_words(queryset, model_admin.get_search_fields(request), term), False


def with_words(queryset, fields, term):
    """Keep the objects that have each word of a term in one of the fields, folded."""
    words = fold_for_search(term).split()
    if not words:
        return queryset
    rows = queryset.order_by().values_list("pk", *fields)
    folded = ((pk, fold_for_search(" ".join(map(str, texts)))) for pk, *texts in rows)
    return queryset.filter(pk__in=[pk for pk, text in folded if all(one in text for one in words)])
