"""Previews: unsaved or unpublished content as its public page. They write nothing."""

from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

PAGES = {}


def page_of(model):
    """Register a function as the public page of a model's objects.

    The function takes the object and returns a template's name and its context. By keyword it takes
    the stored parts and links of the object, so that a preview can pass unsaved ones instead.
    """

    def register(function):
        PAGES[model] = function
        return function

    return register


def render_preview(obj, note, **related):
    """Return the public page of an object as if it were published.

    Args:
        obj: an object of a model with a page, saved or not. Its fields may be changed.
        note: a sentence for the top of the page.
        related: unsaved parts and links of the object, for its page function.
    """
    now = timezone.now()
    if getattr(obj, "publish_at", None):
        obj.publish_at = min(obj.publish_at, now)
    obj.updated_at = obj.updated_at or now
    for name, value in obj.preview_defaults().items():
        setattr(obj, name, value)
    template, context = PAGES[type(obj)](obj, **related)
    request = public_request(obj.get_absolute_url())
    return render(request, template, context | {"preview_note": note})


def public_request(path):
    """Return a request for a page of ours as an anonymous visitor would make it."""
    host = urlsplit(settings.SITE_URL)
    request = HttpRequest()
    request.META = {"SERVER_NAME": host.hostname, "SERVER_PORT": str(host.port or 443)}
    request.method, request.path, request.path_info = "GET", path, path
    return request


def framed(view):
    """Let our own pages show a view's page in a frame."""
    return xframe_options_sameorigin(csp_replace(settings.PREVIEW_POLICY)(view))
