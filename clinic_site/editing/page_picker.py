"""The picker in the text editor's link window: finds our own pages by their title."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from clinic_site.editing.pages import may
from clinic_site.publishing.trash import Trashable
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.usage import models_with
from clinic_site.web.redirects import models_with_pages

FOUND = 6  # of one kind; another word finds the others sooner
# Pages that are made of no row, as the menu names them.
FIXED = (
    ("Home page", "home"),
    ("Services", "services:service_list"),
    ("Our team", "services:practitioner_list"),
    ("Articles", "blog:post_list"),
    ("Contact and enquiry form", "contact:enquiry"),
)


@require_GET
def own_pages(request):
    """Answer with the pages whose title has every word of ?q=, for whoever may write a text."""
    if not may_write(request.user):
        raise PermissionDenied
    words = request.GET.get("q", "")[:200].replace("\0", "").split()
    pages = fixed_pages(words)
    for model in models_with_pages() if words else ():
        pages += pages_of(model, words, may(request.user, model, "view"))
    start = " ".join(words).casefold()
    return JsonResponse({"pages": sorted(pages, key=partial(distance, start)) if start else pages})


def distance(start, page):
    """Sort what begins so before the others, and the shorter title first."""
    return not page["title"].casefold().startswith(start), len(page["title"])


def may_write(user):
    return any(may(user, model) for model, _ in models_with(ProseField))


def fixed_pages(words):
    """Return the fixed pages; without words, all of them."""
    return [
        {"title": title, "kind": "Page", "address": reverse(name)}
        for title, name in FIXED
        if all(word.casefold() in title.casefold() for word in words)
    ]


def pages_of(model, words, sees_all):
    """Return the first rows of a model with these words, and whether readers find them now.

    Args:
        sees_all: whether rows count that readers do not find.
    """
    rows = model.objects.all() if sees_all else model.objects.on_site()
    rows = rows.not_trashed() if issubclass(model, Trashable) else rows
    for word in words:
        rows = rows.filter(**{f"{model.titled_by}__icontains": word})
    rows = list(rows[:FOUND])
    shown = set(model.objects.on_site().filter(pk__in=[row.pk for row in rows]).values_list("pk"))
    kind = capfirst(model._meta.verbose_name)
    return [
        {
            "title": str(row),
            "kind": kind if (row.pk,) in shown else f"{kind}, not on the site now",
            "address": row.get_absolute_url(),
        }
        for row in rows
    ]
