"""History pages in the admin: the list of versions, one version, restoring it, and undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from clinic_site.editing.pages import object_path, page_url, render_object_page
from clinic_site.history.restore import PUBLISHING, TRASH, restore
from clinic_site.history.snapshot import snapshot
from clinic_site.history.version import (
    Version,
    is_same_state,
    record_outside_changes,
    token_of,
)
from clinic_site.web.dates import date_and_time

VERSIONS_A_PAGE = 25
TOKEN = "_version"  # the form field with token_of() the state that a page shows
SAVED_MEANWHILE = "Somebody saved this in the meantime, so nothing was restored. Please check it."


def history_paths(model_admin):
    return [
        object_path(model_admin, "history", "history", versions_view),
        object_path(model_admin, "history/undo", "undo", undo_view, is_post=True),
        object_path(model_admin, "history/<int:pk>", "version", version_view),
    ]


def undo_of(model_admin, request, obj):
    """Return the URL, token and label of the undo button, or None if there is nothing to undo."""
    if getattr(obj, "trashed_at", None) or not model_admin.may_restore(request, obj):
        return None
    last, now = Version.objects.for_object(obj).with_before().first(), snapshot(obj)
    if last is None:
        return None
    # Changes outside the admin that no version records yet are undone first.
    state = last.before if last.state == now else last.state
    if state is None:
        return None
    is_publishing = state.get("status") != "published" == now.get("status")
    words = "Undo publishing" if is_publishing else "Undo the last save"
    return {"url": page_url(obj, "undo", obj.pk), "version": token_of(obj), "words": words}


def versions_view(model_admin, request, obj):
    """Show a page of the list of versions."""
    versions = Version.objects.for_object(obj)
    page = Paginator(versions.with_before(), VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    last = versions.first()
    rows = [
        {
            "version": version,
            "at": date_and_time(version.at),
            "url": page_url(obj, "version", obj.pk, version.pk),
            "words": model_admin.summary(version.before, version.state),
        }
        for version in page
    ]
    context = {
        "title": f"History: {obj}",
        "page": page,
        "versions": rows,
        "undo": undo_of(model_admin, request, obj),
        "outside": last and model_admin.summary(last.state, snapshot(obj)),
    }
    return render_object_page(model_admin, request, obj, "admin/history.html", context)


def version_view(model_admin, request, obj, pk):
    """Show what a save changed, and what restoring it would change; POST restores it."""
    version = get_object_or_404(Version.objects.for_object(obj).with_before(), pk=pk)
    unchanged = (*PUBLISHING, *TRASH)
    if request.method == "POST":
        words = f"Restored the version of {date_and_time(version.at)}"
        return restore_view(model_admin, request, obj, version, words, unchanged)
    would_change = model_admin.changes(snapshot(obj), version.state)
    context = {
        "title": f"Saved on {date_and_time(version.at)}",
        "version": version,
        "token": token_of(obj),
        "changed": version.before and model_admin.changes(version.before, version.state),
        "would_change": [one for one in would_change if one.name not in unchanged],
        "may_restore": model_admin.may_restore(request, obj),
    }
    return render_object_page(model_admin, request, obj, "admin/version.html", context)


def undo_view(model_admin, request, obj):
    """Restore the object as it was before its last save, including its publishing status."""
    return restore_view(model_admin, request, obj, None, "", TRASH)


def restore_view(model_admin, request, obj, version, words, unchanged):
    """Restore a version, or undo the last save (None), unless somebody saved in the meantime."""
    if not model_admin.may_restore(request, obj):
        raise PermissionDenied
    try:
        with transaction.atomic():
            obj = model_admin.lock(obj)
            if not is_same_state(request.POST.get(TOKEN, ""), token_of(obj)):
                raise ValidationError(SAVED_MEANWHILE)
            record_outside_changes(obj)
            if version is None:
                last, version = (*Version.objects.for_object(obj)[:2], None)[:2]
                if version is None:
                    raise Http404
                words = f"Undid the save of {date_and_time(last.at)}"
            restore(obj, version.state, unchanged)
            model_admin.check_restored(request, obj)
            model_admin.after_save(request, obj)
            Version.objects.record(obj, request.user, words)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return HttpResponseRedirect(page_url(obj, "history", obj.pk))
    model_admin.log_change(request, obj, f"{words}.")
    messages.success(request, f"{words}. You can undo this too.")
    return HttpResponseRedirect(page_url(obj, "change", obj.pk))
