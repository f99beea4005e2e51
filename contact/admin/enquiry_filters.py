"""The lists of the inbox, whose an enquiry is, which notices are not out; and the search."""

import re
from datetime import timedelta

from django import forms
from django.contrib import admin
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone

from contact.inbox.actions import LISTS
from contact.models import Delivery

FOUND = "found"  # the list that holds what was searched for
SESSION_KEY = "enquiry_search"
KEPT = timedelta(minutes=30)  # how long the session keeps a search: it may be a patient's name
FEWEST_DIGITS = 4


class SearchForm(forms.Form):
    term = forms.CharField(max_length=100, required=False)


def keep_search(request, term):
    """Keep what is searched in the session alone: an address would go to logs and history."""
    request.session[SESSION_KEY] = [term, timezone.now().timestamp()]


def forget_search(request):
    request.session.pop(SESSION_KEY, None)


def kept_search(request):
    """Return what the person searches for, or "" for nothing or for long ago."""
    term, kept_at = request.session.get(SESSION_KEY, ["", 0])
    if term and timezone.now().timestamp() - kept_at > KEPT.total_seconds():
        forget_search(request)
        return ""
    return term


def search(rows, term):
    """Keep the rows with that reference, email, phone digits, or each word in the name."""
    named = Q()
    for word in term.split():
        named &= Q(name__icontains=word)
    found = named | Q(reference__iexact=term) | Q(email__icontains=term)
    digits = re.sub(r"\D", "", term)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\W\d_]", term):
        found |= Q(phone_text__contains=digits)
    # As text, like tel:+1-905-555-0111: the field would take a part of a number for a whole one.
    digits_text = Replace(Cast("phone", CharField()), Value("-"), Value(""))
    return rows.alias(phone_text=digits_text).filter(found)


class Choice(admin.SimpleListFilter):
    """A row of links, of which one is always chosen; the first is the default."""

    template = "admin/contact/enquiry/filter.html"

    def value(self):
        value = super().value()
        return value if value in dict(self.lookup_choices) else self.lookup_choices[0][0]

    def choices(self, changelist):
        for number, (value, label) in enumerate(self.lookup_choices):
            wanted = {self.parameter_name: value if number else None}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(wanted),
                "display": label,
            }


class ListFilter(Choice):
    title = "list"
    parameter_name = "list"

    def lookups(self, request, model_admin):
        found = [(FOUND, "Search result")] if kept_search(request) else []
        return [(key, name) for key, (name, _) in LISTS.items()] + found

    def queryset(self, request, queryset):
        if self.value() == FOUND:
            return search(queryset, kept_search(request))
        return LISTS[self.value()][1](queryset, timezone.now())


class WhoseFilter(Choice):
    title = "whose"
    parameter_name = "whose"

    def lookups(self, request, model_admin):
        return [("all", "Everybody’s"), ("mine", "Mine"), ("nobody", "Nobody’s")]

    def queryset(self, request, queryset):
        if self.value() == "mine":
            return queryset.filter(taken_by=request.user)
        if self.value() == "nobody":
            return queryset.filter(taken_by=None)
        return queryset


class NoticesFilter(Choice):
    title = "notices"
    parameter_name = "notices"

    def lookups(self, request, model_admin):
        return [("all", "Any notice"), ("not-out", "Notice not handed over")]

    def queryset(self, request, queryset):
        if self.value() == "not-out":
            notices = Delivery.objects.filter(enquiry=OuterRef("pk"))
            return queryset.filter(Exists(notices.open()) | ~Exists(notices))
        return queryset
