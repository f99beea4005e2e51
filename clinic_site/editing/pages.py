"""A model's pages in the admin: their names, addresses and paths, and who may do what there."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst


def page_name(model, page):
    return f"{model._meta.app_label}_{model._meta.model_name}_{page}"


def page_url(model, page, *args, **query):
    """Return the address of a model's page, like "changelist" or "change"."""
    url = reverse(f"admin:{page_name(model, page)}", args=args)
    return f"{url}?{urlencode(query)}" if query else url


def may(user, model, action="change"):
    """Say whether a person's roles let them view, add, change or delete rows of a model."""
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def row_link(row):
    """Return the row's kind and name, linked to its form where the admin has one."""
    kind = capfirst(row._meta.verbose_name)
    if not admin.site.is_registered(type(row)):
        return f"{kind}: {row}"
    return format_html('{}: <a href="{}">{}</a>', kind, page_url(row, "change", row.pk), row)


def row_path(room, end, page, view):
    """Return the path of a room's own page of a row; `end` stands behind the row's key."""
    name = page_name(room.model, page)
    return path(f"<path:object_id>/{end}/", room.admin_site.admin_view(view), name=name)


def beside_form_paths(room, page, view):
    """Return the paths of what stands beside a form, of a new row and of a stored one."""
    name = page_name(room.model, f"{page}_new")
    return [
        path(f"add/{page}/", room.admin_site.admin_view(view), name=name),
        row_path(room, page, page, view),
    ]


def beside_form_url(room, page, row):
    return page_url(row, page, row.pk) if row else page_url(room.model, f"{page}_new")


def row_beside_form(room, request, object_id):
    """Return the row of a form that is posted to what stands beside it, or None for a new one.

    Raises:
        Http404, PermissionDenied: where there is no such row, or the person may not save it.
    """
    row = room.get_object(request, unquote(object_id)) if object_id else None
    if object_id and row is None:
        raise Http404
    if not room.may_save(request, row):
        raise PermissionDenied
    return row
