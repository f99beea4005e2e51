"""Internal links: stored as /go/<kind>/<key>/, printed with the page's present address.

So a link outlives a new slug and costs the reader no redirect. The stored form works too.
"""

import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.core.validators import slug_re

from clinic_site.richtext.hrefs import clean_href, unwrap_in_text
from clinic_site.richtext.html import (
    UNWRAPPED,
    change_texts,
    links,
    parse_levels,
    serialise,
    strip,
    text_of,
)
from clinic_site.web.redirects import models_with_pages

REFERENCE = r"/go/[a-z]+/[1-9]\d{0,17}/"  # more digits are no key of any database
STORED = re.compile(rf"({REFERENCE})(.*)", re.DOTALL)
WHOLE_LINK = re.compile(r"https?://[^\s/?#]|mailto:.|tel:.|/|#|$", re.DOTALL)


def reference(obj):
    """Return what stands in a stored text for the address of an object's page."""
    return f"/go/{obj._meta.model_name}/{obj.pk}/"


def stored_links(tree):
    """Return (<a>, reference, rest of the address) of each link to an object's page."""
    found = ((link, STORED.fullmatch(link.get("href"))) for link in links(tree))
    return [(link, *stored.groups()) for link, stored in found if stored]


def references_in(*trees):
    """Return the references in texts."""
    return {reference for tree in trees for _, reference, _ in stored_links(tree)}


def addresses_of(references, for_staff=False):
    """Return the present address for each reference that has one, with one query for each kind.

    Args:
        for_staff: also count pages that visitors cannot see: drafts, and those in the bin.
    """
    keys = {}
    for one in references:
        _, _, kind, pk, _ = one.split("/")
        keys.setdefault(kind, set()).add(int(pk))
    addresses = {}
    for model in models_with_pages():
        if asked := keys.get(model._meta.model_name):
            pages = model._base_manager.all() if for_staff else model.objects.on_site()
            for obj in pages.filter(pk__in=asked).order_by().only("slug"):
                addresses[reference(obj)] = obj.get_absolute_url()
    return addresses


def set_addresses(tree, addresses):
    """Give stored links their addresses; where there is none, leave the words without a link."""
    for link, to, rest in stored_links(tree):
        if to in addresses:
            link.set("href", addresses[to] + rest)
        else:
            link.tag = UNWRAPPED
    strip(tree)


def with_addresses_for_staff(html):
    """Return a stored text with the address of each page that still exists, public or not."""
    if "/go/" not in html:
        return html
    tree = parse_levels(html)
    if tree is None:  # somebody typed it, and gets it back
        return html
    addresses = addresses_of(references_in(tree), for_staff=True)
    for link, to, rest in stored_links(tree):
        link.set("href", addresses.get(to, to) + rest)
    return serialise(tree)


def complete_links(tree):
    """Write links whole, with references for our own pages, at old addresses too."""
    host = re.escape(urlsplit(settings.SITE_URL).netloc)
    own = re.compile(rf"(?:https?://{host})?(/(?!/)[^?#]*)(.*)", re.IGNORECASE | re.DOTALL)
    found = []
    change_texts(tree, unwrap_in_text)
    for link in links(tree):
        typed = link.get("href")
        href = clean_href(typed)
        is_shown = text_of(link).strip() == typed.strip()
        if href != typed and is_shown and href.startswith("http"):
            link[:], link.text = [], href
        link.set("href", href)
        if not href:
            link.tag = UNWRAPPED
        if not link.get("title"):
            link.attrib.pop("title", None)
        if match := own.fullmatch(href):
            found.append((link, whole_path(match[1]), match[2]))
    strip(tree)
    references = references_at({path for _, path, _ in found})
    for link, path, rest in found:
        if path in references or re.fullmatch(REFERENCE, path):
            link.set("href", references.get(path, path) + rest)


def whole_path(path):
    """Return a path as our pages have it: without escapes, and with its last slash."""
    return unquote(path).rstrip("/") + "/"


def references_at(paths):
    """Return the reference for each path that is, or was, the address of an object's page."""
    found = references_now(paths)
    others = {path for path in paths - found.keys() if "\0" not in path}
    if others:
        moved = Redirect.objects.filter(old_path__in=others).values_list("old_path", "new_path")
        moved = {old: whole_path(new) for old, new in moved if new.startswith("/")}
        there = references_now(set(moved.values()))
        found |= {old: there[new] for old, new in moved.items() if new in there}
    return found


def references_now(paths):
    """Return the reference for each path where an object's page is, with one query a model."""
    slugs = {path.split("/")[-2] for path in paths}
    slugs = {slug for slug in slugs if slug_re.fullmatch(slug)}
    found = {}
    for model in models_with_pages() if slugs else ():
        keys = model._base_manager.filter(slug__in=slugs).values_list("pk", "slug")
        for obj in (model(pk=pk, slug=slug) for pk, slug in keys):
            found[obj.get_absolute_url()] = reference(obj)
    return {path: found[path] for path in paths & found.keys()}
