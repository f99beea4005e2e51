"""Preview: what is typed, or a saved draft, as the page readers would see; nothing is kept."""

from copy import copy

from csp.decorators import csp_replace
from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

# What stands between a row and its page, and what lets it through.
SHOWN = {"status": "published", "unpublish_at": None, "trashed_at": None, "is_active": True}


def page_of(request, row, note):
    """Return the public page of a row as if it were published: by the page's own view.

    The row is published in a transaction that is taken back, so that the template, its queries and
    its rules are the real ones.

    Args:
        row: a stored row of a model with a page.
        note: what the page says at its top.
    """
    with transaction.atomic():
        fields = {field.name for field in row._meta.fields}
        values = {name: value for name, value in SHOWN.items() if name in fields}
        if "publish_at" in fields:
            values["publish_at"] = min(row.publish_at, timezone.now())
        values |= row.preview_defaults()
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        reading = copy(request)
        reading.method, reading.GET, reading.preview_note = "GET", QueryDict(), note
        reading.path = reading.path_info = row.get_absolute_url()
        match = resolve(reading.path)
        response = match.func(reading, *match.args, **match.kwargs)
        transaction.set_rollback(True)
    return response


def framed(view):
    """Let a view's page stand in a frame of ours, and in no other."""
    return xframe_options_sameorigin(csp_replace(settings.PREVIEW_POLICY)(view))


@framed
def saved_page(request, row):
    """Return the page of a row as it is saved, for a frame."""
    return page_of(request, row, "As it is saved now.")
