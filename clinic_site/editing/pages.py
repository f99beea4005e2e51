"""Names, URLs and permissions of a model's admin pages."""

from functools import wraps

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.views.decorators.http import require_POST


def page_name(model, page):
    return f"{model._meta.app_label}_{model._meta.model_name}_{page}"


def page_url(model, page, *args, **query):
    """Return the URL of a model's admin page, such as "changelist" or "change"."""
    url = reverse(f"admin:{page_name(model, page)}", args=args)
    return f"{url}?{urlencode(query)}" if query else url


def may(user, model, action="change"):
    """Return whether a user has a permission: view, add, change or delete."""
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def row_link(obj):
    """Return an object's kind and name, linked to its admin form if there is one."""
    kind = capfirst(obj._meta.verbose_name)
    if not admin.site.is_registered(type(obj)):
        return f"{kind}: {obj}"
    return format_html('{}: <a href="{}">{}</a>', kind, page_url(obj, "change", obj.pk), obj)


def get_or_404(model_admin, request, object_id):
    obj = model_admin.get_object(request, unquote(object_id))
    if obj is None:
        raise Http404
    return obj


def object_path(model_admin, end, page, view, is_post=False):
    """Return the path of a page about one object, for people who may see the object.

    Args:
        end: the part of the URL after the object's key.
        page: the name of the page, for page_url().
        view: called with the ModelAdmin, the request, the object, and arguments from the URL.
        is_post: whether the view takes POST alone.
    """

    @wraps(view)
    def object_view(request, object_id, **kwargs):
        obj = get_or_404(model_admin, request, object_id)
        if not model_admin.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        return view(model_admin, request, obj, **kwargs)

    view_for_staff = require_POST(object_view) if is_post else object_view
    return path(
        f"<path:object_id>/{end}/",
        model_admin.admin_site.admin_view(view_for_staff),
        name=page_name(model_admin.model, page),
    )


def unsaved_form_paths(model_admin, page, view):
    """Return the paths of a view that a form posts to without saving, like a preview.

    One path is for new objects, one for stored ones. Only people who may save reach the view.
    """

    @require_POST
    @wraps(view)
    def form_view(request, object_id=None):
        obj = get_or_404(model_admin, request, object_id) if object_id else None
        if not model_admin.may_save(request, obj):
            raise PermissionDenied
        return view(model_admin, request, obj)

    view_for_staff = model_admin.admin_site.admin_view(form_view)
    model = model_admin.model
    return [
        path(f"add/{page}/", view_for_staff, name=page_name(model, f"{page}_new")),
        path(f"<path:object_id>/{page}/", view_for_staff, name=page_name(model, page)),
    ]


def unsaved_form_url(model, page, obj):
    return page_url(obj, page, obj.pk) if obj and obj.pk else page_url(model, f"{page}_new")


def render_object_page(model_admin, request, obj, template, context):
    """Return a page about one object, which extends admin/object_page.html."""
    shared = model_admin.admin_site.each_context(request)
    return TemplateResponse(
        request, template, shared | {"opts": model_admin.opts, "obj": obj} | context
    )
