"""The page picker in the text editor's link window: finds our pages by title."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from clinic_site.editing.lists import with_words
from clinic_site.editing.pages import may
from clinic_site.publishing.trash import Trashable
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.usage import models_with
from clinic_site.web.folding import fold_for_search
from clinic_site.web.redirects import models_with_pages

FOUND = 6  # of each model
# Pages without an object, as the menu names them.
FIXED = (
    ("Home page", "home"),
    ("Services", "services:service_list"),
    ("Our team", "services:practitioner_list"),
    ("Articles", "blog:post_list"),
    ("Contact and enquiry form", "contact:enquiry"),
)


@require_GET
def own_pages(request):
    """Return the pages whose title has every word of ?q=, for people who may write a text."""
    if not any(may(request.user, model) for model, _ in models_with(ProseField)):
        raise PermissionDenied
    term = fold_for_search(request.GET.get("q", "")[:200].replace("\0", ""))
    pages = fixed_pages(term.split())
    for model in models_with_pages() if term else ():
        pages += pages_of(model, term, may(request.user, model, "view"))
    if term:  # titles that begin with the words come first, then short ones
        pages.sort(
            key=lambda page: (
                not fold_for_search(page["title"]).startswith(term),
                len(page["title"]),
            )
        )
    return JsonResponse({"pages": pages})


def fixed_pages(words):
    """Return the fixed pages with these words, or all of them without words."""
    return [
        {"title": title, "kind": "Page", "address": reverse(name)}
        for title, name in FIXED
        if all(word in title.casefold() for word in words)
    ]


def pages_of(model, term, sees_all):
    """Return the first objects of a model with these words; `sees_all` includes drafts."""
    queryset = model.objects.all() if sees_all else model.objects.on_site()
    queryset = queryset.not_trashed() if issubclass(model, Trashable) else queryset
    found = {obj.pk: obj for obj in with_words(queryset, [model.titled_by], term)[:FOUND]}
    shown = model.objects.on_site().in_bulk(found)
    kind = capfirst(model._meta.verbose_name)
    return [
        {
            "title": str(obj),
            "kind": kind if obj.pk in shown else f"{kind}, not on the site now",
            "address": obj.get_absolute_url(),
        }
        for obj in found.values()
    ]
