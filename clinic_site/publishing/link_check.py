"""Links: where those of a page lead. The site asks its own pages, and never another host."""

import logging
import re
from functools import reduce
from html.parser import HTMLParser
from operator import or_
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db import Error
from django.db.models import Q
from django.http import Http404
from django.urls import Resolver404, resolve
from django.utils.html import strip_tags

from clinic_site.publishing.dead_links import DeadLink
from clinic_site.publishing.preview import public_request
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.internal_links import KEPT_LINK, addresses_of, reference
from clinic_site.richtext.rendering import models_with
from clinic_site.web.redirects import find_redirect, models_with_pages

logger = logging.getLogger(__name__)

NO_PAGE = "there is no such page"
NO_SECTION = "the page is there, but not this part of it"
NOT_WHOLE = "the address is not whole"
NOT_SHOWN = "readers do not find this page now, and see the words without a link"
DELETED = "a page that was deleted"


class Reader(HTMLParser):
    """Reads from a page its ids, and the links of its main part as (href, words)."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links = {"", "top"}, []
        self.is_main, self.is_link = False, False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id") or "")
        self.is_main |= tag == "main"
        if tag == "a" and self.is_main and "href" in attrs:
            self.is_link = True
            self.links.append((attrs["href"] or "", ""))

    def handle_endtag(self, tag):
        self.is_main &= tag != "main"
        self.is_link &= tag != "a"

    def handle_data(self, data):
        if self.is_link:
            href, words = self.links[-1]
            self.links[-1] = href, words + data


def read(path):
    """Return the Reader of the page readers find at a path of ours, or None without one.

    Its view is asked as it is; what is no page, like a picture, has no ids.
    """
    if path.startswith(settings.ADMIN_PREFIX):
        return Reader("")  # not a page for readers; staff get on by themselves
    try:
        if path.startswith(settings.MEDIA_URL):
            is_there = default_storage.exists(path.removeprefix(settings.MEDIA_URL))
            return Reader("") if is_there else None
        match = resolve(path)
        response = match.func(public_request(path), *match.args, **match.kwargs)
    except (Resolver404, Http404, SuspiciousOperation):
        return None
    is_page = response.get("Content-Type", "").startswith("text/html")
    return Reader(response.content.decode() if is_page else "")


class Checker:
    """Finds the links that lead nowhere; each page of ours is asked at most once."""

    def __init__(self):
        self.ids = {}  # of each page by its path; None where there is none

    def dead_links(self, row):
        """Return the (href, words, why) of a page's links that lead nowhere; of no page, none."""
        path = row.get_absolute_url()
        page = read(path)
        if page is None:
            return []
        self.ids[path] = page.ids
        found = [(href, words, self.why_dead(path, href)) for href, words in page.links]
        found += links_left_out(row)
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
            page = read(path)
            self.ids[path] = page and page.ids
            if page is None and (moved := find_redirect(path)):
                # What leads to another host is not ours to ask.
                is_ours = moved.startswith("/")
                self.ids[path] = self.ids_at(urlsplit(moved).path) if is_ours else set()
        return self.ids[path]

    def check(self, row):
        """Keep for a row with a page which of its links lead nowhere now."""
        try:
            found = self.dead_links(row)
        except Error:
            raise
        except Exception as error:  # a page that fails is told in the log, and stops no other
            logger.warning("links of %s: %s", row.get_absolute_url(), type(error).__name__)
        else:
            DeadLink.objects.keep(row, found)


def links_left_out(row):
    """Yield (href, words, why) of the own links in a row's texts that readers get no link for."""
    fields = [field for field in row._meta.fields if isinstance(field, ProseField)]
    html = "".join(getattr(row, field.attname) for field in fields)
    links = [(link["to"], strip_tags(link["words"])) for link in KEPT_LINK.finditer(html)]
    shown, kept = (addresses_of({to for to, _ in links}, staff) for staff in (False, True))
    for to, words in links:
        if to not in shown:
            yield (kept[to], words, NOT_SHOWN) if to in kept else (DELETED, words, NO_PAGE)


def rows_linking(rows):
    """Return the rows whose texts have a link to the page of one of `rows`."""
    # A text that was not saved since links are kept as references has addresses.
    paths = [where for row in rows for where in (reference(row), row.get_absolute_url())]
    any_path = "|".join(map(re.escape, paths))
    href = re.compile(rf'href="(?:{re.escape(settings.SITE_URL)})?(?:{any_path})[#?"]')
    found = []
    for model, fields in models_with(ProseField):
        names = [field.attname for field in fields]
        query = [Q((f"{name}__contains", path)) for name in names for path in paths]
        # The database finds more than it should: /about/ is in /blog/about/ too.
        found += [
            row
            for row in model._base_manager.filter(reduce(or_, query, Q(pk=None)))
            if any(href.search(getattr(row, name)) for name in names) and not is_in_bin(row)
        ]
    return [row for row in found if row not in rows]


def is_in_bin(row):
    return getattr(row, "trashed_at", None) is not None


def check_all():
    """Check the links of every page made of a row, one page at each step."""
    checker = Checker()
    for model in models_with_pages():
        for pk in list(model._base_manager.values_list("pk", flat=True)):
            row = model._base_manager.filter(pk=pk).first()
            if row:
                checker.check(row)
            yield
