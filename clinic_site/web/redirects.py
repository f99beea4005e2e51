"""Redirects from the old addresses of pages; a page at an old address comes before them.

An old address is stored as old_address() spells it, so that each spelling of it is found: percent
encoding, case, the last slash, the order of its query. One with a query, such as /?p=12, comes
before the page at its path.
"""

import re
import unicodedata
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import models, transaction
from django.http import HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve

RESERVED = ("/admin/", "/contact/", "/media/", "/static/")  # what the site uses itself


def old_address(text):
    """Return an address of our site, or of the site before it, as redirects store it."""
    # Not by urlsplit(), which refuses some paths, such as /%0A/[.
    path, _, query = text.strip().partition("#")[0].partition("?")
    try:
        path = unquote(path, errors="strict")
    except UnicodeDecodeError:  # from the time before UTF-8
        path = unquote_to_bytes(path).decode("latin-1")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    path = unicodedata.normalize("NFC", re.sub("/+", "/", path or "/"))
    return (f"{path}?{urlencode(pairs)}" if pairs else path).casefold()


def spellings(address):
    """Return an old_address() without and with the last slash of its path."""
    path, mark, query = address.partition("?")
    bare = path.rstrip("/")
    return bare + mark + query, f"{bare}/{mark}{query}"


def has_query(address, old):
    """Say whether an address has the whole query of an old one; others, like utm_source, may too.

    Both are as old_address() spells them.
    """
    pairs, wanted = (one.partition("?")[2].split("&") for one in (address, old))
    return wanted == [""] or set(wanted) <= set(pairs)


def is_spelling_of(address, old):
    """Say whether an address leads where the redirect from an old one leads."""
    address, old = old_address(address), old_address(old)
    paths = {one.partition("?")[0].rstrip("/") for one in (address, old)}
    return len(paths) == 1 and has_query(address, old)


def add_redirect(old, new):
    """Redirect one path to another, and whatever led to the old one too, so that all is one hop."""
    # The page is there, and a loop would be too.
    Redirect.objects.filter(old_path__in=spellings(old_address(new))).delete()
    lead_on(old, new)
    if not is_spelling_of(old, new):
        Redirect.objects.update_or_create(
            site_id=settings.SITE_ID, old_path=old_address(old), defaults={"new_path": new}
        )


def lead_on(old, new):
    """Point the redirects to an old address, or to a section of its page, to the new one."""
    bare = spellings(old)[0]
    for redirect in Redirect.objects.filter(new_path__startswith=bare):
        page, mark, section = redirect.new_path.partition("#")
        if spellings(page)[0] == bare:
            redirect.new_path = new if "#" in new else new + mark + section
            redirect.save()


def find_redirect(address, needs_query=False):
    """Return the address that an old one leads to now, or None.

    Args:
        needs_query: whether to look only at old addresses with a query.
    """
    address = old_address(address)
    if "\0" in address:  # which PostgreSQL takes in no text
        return None
    path, _, query = address.partition("?")
    paths = spellings(path)
    asked = models.Q() if needs_query else models.Q(old_path__in=paths)
    for one in paths if query else ():
        asked |= models.Q(old_path__startswith=f"{one}?")
    redirects = Redirect.objects.filter(asked) if asked else ()
    found = [one for one in redirects if has_query(address, one.old_path)]
    return max(found, key=lambda one: len(one.old_path)).new_path if found else None


def redirect_of(request, needs_query=False):
    """Return the redirect from an old address, or None; the query, meant for the old page, goes."""
    if request.method not in ("GET", "HEAD"):
        return None
    query = request.META.get("QUERY_STRING", "")
    new = find_redirect(f"{request.path}?{query}" if query else request.path, needs_query)
    return HttpResponsePermanentRedirect(new) if new and new != request.path else None


def old_queries(get_response):
    """Redirect from old addresses such as /?p=12, where a page of ours stands today."""

    def middleware(request):
        has_old = request.META.get("QUERY_STRING") and not request.path.startswith(RESERVED)
        redirect = redirect_of(request, needs_query=True) if has_old else None
        return redirect or get_response(request)

    return middleware


def right_spelling(request):
    """Return the redirect to a page whose address differs by case or slashes alone, or None."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(settings.ADMIN_PREFIX):
        return None
    path = re.sub("/+", "/", request.path.strip()).lower().rstrip("/")
    address = next(filter(None, map(find_page, (f"{path}/", path))), None)
    if address in (None, request.path):
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(
        f"{address}?{query}" if query else address,
        # A cache must not fill with the many ways to write an address.
        headers={"Cache-Control": "private, no-store"},
    )


def find_page(path):
    """Return the address of the page at a path in lower case, whatever the case of its own."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if not match.captured_kwargs and not match.args:
        return path
    slug = match.captured_kwargs.get("slug")
    for model in models_with_pages() if slug else ():
        if model(slug=slug).get_absolute_url() == path:
            page = model.objects.on_site().filter(slug__iexact=slug).first()
            return page and page.get_absolute_url()
    return None


class PublicPage(models.Model):
    """An object with a page of its own, whose old addresses redirect to it."""

    titled_by = "title"  # the field whose words people look for

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args, **kwargs):
        before = type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None
        super().save(*args, **kwargs)
        if before:
            old, new = before.get_absolute_url(), self.get_absolute_url()
            if old != new and before.was_shown():
                add_redirect(old, new)

    def was_shown(self):
        """Say whether readers may know the address: a draft's leads nowhere."""
        return True

    def preview_defaults(self):
        """Return {field: unsaved object} for what a draft lacks on the page of its preview."""
        return {}


def models_with_pages():
    """Return the models with a page each; `objects.on_site()` keeps those that visitors see."""
    return [model for model in apps.get_models() if issubclass(model, PublicPage)]
