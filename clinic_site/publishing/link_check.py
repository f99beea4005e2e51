"""The link check: finds links that lead nowhere. It asks our own pages, and never another host."""

import logging
import re
from dataclasses import dataclass
from functools import reduce
from operator import or_
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db import Error
from django.db.models import Q
from django.http import Http404
from django.urls import Resolver404, resolve

from clinic_site.publishing.dead_links import DeadLink
from clinic_site.publishing.preview import public_request
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.html import links, parse_fragment, text_of
from clinic_site.richtext.internal_links import addresses_of, reference, stored_links
from clinic_site.richtext.usage import models_with
from clinic_site.web.redirects import find_redirect, models_with_pages

logger = logging.getLogger(__name__)

NO_PAGE = "there is no such page"
NO_SECTION = "the page exists, but not this section of it"
NOT_WHOLE = "the address is incomplete"
NOT_SHOWN = "this page isn’t public now, so visitors see the words without a link"
DELETED = "a deleted page"


@dataclass(frozen=True)
class PageLinks:
    """The ids of a page, and the links of its main part as (href, words)."""

    ids: frozenset = frozenset({"", "top"})
    links: tuple = ()


def links_of_page(html):
    """Return the PageLinks of a whole page."""
    page = parse_fragment(html)
    ids = {node.get("id", "") for node in page.iter()}
    found = [(a.get("href"), text_of(a)) for main in page.iter("main") for a in links(main)]
    return PageLinks(PageLinks.ids | ids, tuple(found))


def read_page(path):
    """Return the PageLinks of the page that visitors find at a path of ours, or None without one.

    It calls the page's view directly. Files, such as images, have no ids.
    """
    if path.startswith(settings.ADMIN_PREFIX):
        return PageLinks()  # not a page for visitors
    try:
        if path.startswith(settings.MEDIA_URL):
            is_there = default_storage.exists(path.removeprefix(settings.MEDIA_URL))
            return PageLinks() if is_there else None
        match = resolve(path)
        response = match.func(public_request(path), *match.args, **match.kwargs)
    except (Resolver404, Http404, SuspiciousOperation):
        return None
    is_page = response.get("Content-Type", "").startswith("text/html")
    return links_of_page(response.content.decode()) if is_page else PageLinks()


class Checker:
    """Finds the links that lead nowhere; it reads each page of ours at most once."""

    def __init__(self):
        self.ids = {}  # of each page by its path; None where there is none

    def dead_links(self, obj):
        """Return (href, words, why) of the links on an object's page that lead nowhere."""
        path = obj.get_absolute_url()
        page = read_page(path)
        if page is None:
            return []
        self.ids[path] = page.ids
        found = [(href, text, self.why_dead(path, href)) for href, text in page.links]
        found += links_left_out(obj)
        return list(dict.fromkeys(one for one in found if one[2]))

    def why_dead(self, path, href):
        """Return why a link of the page at `path` leads nowhere, or "" when it leads somewhere."""
        try:
            link = urlsplit(urljoin(settings.SITE_URL + path, href.strip()))
        except ValueError:
            return NOT_WHOLE
        if link.scheme in ("mailto", "tel"):
            return "" if link.path else NOT_WHOLE
        if f"{link.scheme}://{link.netloc}" != settings.SITE_URL:
            is_whole = link.scheme in ("http", "https") and "." in (link.hostname or "").strip(".")
            return "" if is_whole else NOT_WHOLE
        ids = self.ids_at(unquote(link.path) or "/")
        if ids is None:
            return NO_PAGE
        return "" if link.fragment in ids else NO_SECTION

    def ids_at(self, path):
        if path not in self.ids:
            page = read_page(path)
            self.ids[path] = page and page.ids
            if page is None and (moved := find_redirect(path)):
                # We do not ask other hosts.
                is_ours = moved.startswith("/")
                self.ids[path] = self.ids_at(urlsplit(moved).path) if is_ours else set()
        return self.ids[path]

    def check(self, obj):
        """Store which links on an object's page lead nowhere now."""
        try:
            found = self.dead_links(obj)
        except Error:
            raise
        except Exception as error:  # log a page that fails, and go on with the others
            logger.warning("links of %s: %s", obj.get_absolute_url(), type(error).__name__)
        else:
            DeadLink.objects.replace(obj, found)


def links_left_out(obj):
    """Yield (href, words, why) of internal links in an object's texts that visitors do not get."""
    fields = [field for field in obj._meta.fields if isinstance(field, ProseField)]
    trees = [parse_fragment(getattr(obj, field.attname)) for field in fields]
    found = [(to, text_of(link)) for tree in trees for link, to, _ in stored_links(tree)]
    shown, existing = (addresses_of({to for to, _ in found}, staff) for staff in (False, True))
    for to, text in found:
        if to not in shown:
            is_there = to in existing
            yield (existing[to], text, NOT_SHOWN) if is_there else (DELETED, text, NO_PAGE)


def objects_linking(pages):
    """Return the objects whose texts have a link to one of `pages`."""
    # A text has addresses where it was not saved since links are stored as references.
    paths = {path for obj in pages for path in (reference(obj), obj.get_absolute_url())}
    found = []
    for model, fields in models_with(ProseField):
        names = [field.attname for field in fields]
        query = [Q((f"{name}__contains", path)) for name in names for path in paths]
        # The database finds too much: /about/ is in /blog/about/ too.
        found += [
            obj
            for obj in model._base_manager.filter(reduce(or_, query, Q(pk=None)))
            if any(paths & paths_linked(getattr(obj, name)) for name in names)
            and not is_in_trash(obj)
        ]
    return [obj for obj in found if obj not in pages]


def paths_linked(html):
    """Return the paths of our site that a text links to."""
    hrefs = (
        link.get("href").removeprefix(settings.SITE_URL) for link in links(parse_fragment(html))
    )
    return {re.split("[?#]", href)[0] for href in hrefs}


def is_in_trash(obj):
    return getattr(obj, "trashed_at", None) is not None


def check_all():
    """Check the links of every object's page, one at each step."""
    checker = Checker()
    for model in models_with_pages():
        for pk in list(model._base_manager.values_list("pk", flat=True)):
            if obj := model._base_manager.filter(pk=pk).first():
                checker.check(obj)
            yield
