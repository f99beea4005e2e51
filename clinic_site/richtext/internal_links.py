"""Links to our own pages: kept in a text by the row they lead to, printed with its address of now.

So a link outlives a new slug and costs the reader no redirect. What is kept, /go/<kind>/<key>/, is
an address too, for whoever copies it.
"""

import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.core.validators import slug_re

from clinic_site.web.redirects import models_with_pages

REFERENCE = r"/go/[a-z]+/[1-9]\d{0,17}/"  # more digits are no key of any database
KEPT_HREF = re.compile(rf'(?<=\shref="){REFERENCE}')
KEPT_LINK = re.compile(
    rf'<a\b[^>]*\shref="(?P<to>{REFERENCE})[^"]*"[^>]*>(?P<words>.*?)</a>', re.DOTALL
)


def reference(row):
    """Return what stands in a stored text for the address of a row's page."""
    return f"/go/{row._meta.model_name}/{row.pk}/"


def addresses_of(references, for_staff=False):
    """Return the present address for each reference that has one, by one query for each kind.

    Args:
        for_staff: whether pages count that readers do not find now: drafts, what is in the bin.
    """
    keys = {}
    for one in references:
        _, _, kind, pk, _ = one.split("/")
        keys.setdefault(kind, set()).add(int(pk))
    addresses = {}
    for model in models_with_pages():
        asked = keys.get(model._meta.model_name)
        for row in rows_of(model, asked, for_staff) if asked else ():
            addresses[reference(row)] = row.get_absolute_url()
    return addresses


def rows_of(model, keys, for_staff):
    """Return the rows of a model with these keys, with no more than their addresses need."""
    rows = model._base_manager.all() if for_staff else model.objects.on_site()
    return rows.filter(pk__in=keys).order_by().only("slug")


def addresses_in(html):
    """Return the addresses that readers find now for the references of a text."""
    return addresses_of(set(KEPT_HREF.findall(html)))


def with_addresses(html, addresses):
    """Return a stored text for readers; where a page is not to be found, the words stand alone.

    Args:
        addresses: what addresses_in returned, for this text or for several.
    """
    html = KEPT_LINK.sub(lambda link: link[0] if link["to"] in addresses else link["words"], html)
    # Words may look like a kept href, and stay as they are.
    return KEPT_HREF.sub(lambda href: addresses.get(href[0], href[0]), html)


def for_staff(html):
    """Return a stored text with the address of each page that is still kept, shown or not."""
    addresses = addresses_of(set(KEPT_HREF.findall(html)), for_staff=True)
    return KEPT_HREF.sub(lambda href: addresses.get(href[0], href[0]), html)


def with_references(html):
    """Return a sanitised text as it is stored: addresses of rows' pages become references.

    An old address counts as the page it leads to.
    """
    host = re.escape(urlsplit(settings.SITE_URL).netloc)
    own_href = re.compile(rf'(\shref=")\s*(?:https?://{host})?(/(?!/)[^"?#]*)', re.IGNORECASE)
    references = references_at({whole(path) for _, path in own_href.findall(html)})

    def kept(match):
        path = whole(match[2])
        if re.fullmatch(REFERENCE, path):
            return match[1] + path
        return match[1] + references[path] if path in references else match[0]

    return own_href.sub(kept, html)


def whole(path):
    """Return a path as our pages have it: without escapes, and with its last slash."""
    return unquote(path).rstrip("/") + "/"


def references_at(paths):
    """Return the reference for each path that is, or was, the address of a row's page."""
    found = references_now(paths)
    others = {path for path in paths - found.keys() if "\0" not in path}
    if others:
        moved = Redirect.objects.filter(old_path__in=others).values_list("old_path", "new_path")
        moved = {old: whole(new) for old, new in moved if new.startswith("/")}
        there = references_now(set(moved.values()))
        found |= {old: there[new] for old, new in moved.items() if new in there}
    return found


def references_now(paths):
    """Return the reference for each path where a row's page is, one query for each model."""
    slugs = {path.split("/")[-2] for path in paths}
    slugs = {slug for slug in slugs if slug_re.fullmatch(slug)}
    found = {}
    for model in models_with_pages() if slugs else ():
        rows = model._base_manager.filter(slug__in=slugs).values_list("pk", "slug")
        for row in (model(pk=pk, slug=slug) for pk, slug in rows):
            found[row.get_absolute_url()] = reference(row)
    return {path: found[path] for path in paths & found.keys()}
