"""History pages in the admin: the list of versions, one version, restoring it, and undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404

from clinic_site.editing.pages import object_path, page_url, render_object_page
from clinic_site.history.restore import PUBLISHING, TRASH, restore
from clinic_site.history.snapshot import changed_names, is_same, snapshot, token_of
from clinic_site.history.version import Version, record_outside_changes
from clinic_site.web.dates import date_and_time

VERSIONS_A_PAGE = 25
TOKEN = "_version"  # the form field with token_of() the state that a page shows
SAVED_MEANWHILE = "Somebody else has just saved this, so nothing was restored. Check it first."
NOTHING_TO_UNDO = "There is nothing to undo: nobody has saved changes to this here."


def history_paths(model_admin):
    return [
        object_path(model_admin, "history", "history", versions_view),
        object_path(model_admin, "history/undo", "undo", undo_view),
        object_path(model_admin, "history/<int:pk>", "version", version_view),
    ]


def save_to_undo(obj, now):
    """Return the last Version, with `before`, if somebody made it by changing the object.

    Args:
        now: the object's snapshot. None is returned when it was changed outside the admin since.
    """
    last = Version.objects.for_object(obj).with_before().first()
    is_theirs = last and last.by_name and last.before and is_same(last.state, now)
    return last if is_theirs and changed_names(last.before, now) - {*TRASH} else None


def undo_of(model_admin, request, obj, now):
    """Return the URL and label of the link to undo, or None if there is nothing to undo.

    `now` is the object's snapshot.
    """
    if getattr(obj, "trashed_at", None) or not model_admin.may_restore(request, obj):
        return None
    if not (last := save_to_undo(obj, now)):
        return None
    is_publishing = last.before.get("status") != "published" == now.get("status")
    words = "Undo publishing" if is_publishing else "Undo the last save"
    return {"url": page_url(obj, "undo", obj.pk), "words": words}


def versions_view(model_admin, request, obj):
    """Show a page of the list of versions."""
    versions = Version.objects.for_object(obj)
    page = Paginator(versions.with_before(), VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    last, now = versions.first(), snapshot(obj)
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
        "undo": undo_of(model_admin, request, obj, now),
        "outside": last and model_admin.summary(last.state, now),
    }
    return render_object_page(model_admin, request, obj, "admin/history.html", context)


def version_view(model_admin, request, obj, pk):
    """Show what a save changed, and what restoring it would change; POST restores it."""
    version = get_object_or_404(Version.objects.for_object(obj).with_before(), pk=pk)
    unchanged = (*PUBLISHING, *TRASH)
    if request.method == "POST":
        words = f"Restored the version of {date_and_time(version.at)}"
        return restore_view(model_admin, request, obj, version, words, unchanged)
    now = snapshot(obj)
    context = {
        "title": f"Saved on {date_and_time(version.at)}",
        "version": version,
        "token": token_of(now),
        "changed": version.before and model_admin.changes(version.before, version.state),
        "would_change": [
            one for one in model_admin.changes(now, version.state) if one.name not in unchanged
        ],
        "may_restore": model_admin.may_restore(request, obj),
    }
    return render_object_page(model_admin, request, obj, "admin/version.html", context)


def undo_view(model_admin, request, obj):
    """Show what undoing the last save changes; POST restores the object as it was before it.

    Its publishing status is restored too.
    """
    if not model_admin.may_restore(request, obj):
        raise PermissionDenied
    now = snapshot(obj)
    last = save_to_undo(obj, now)
    if last is None:
        if request.method == "POST":  # a message is stored in the session
            messages.error(request, NOTHING_TO_UNDO)
        return HttpResponseRedirect(page_url(obj, "history", obj.pk))
    if request.method == "POST":
        before = Version.objects.for_object(obj).filter(pk__lt=last.pk).first()
        words = f"Undid the save of {date_and_time(last.at)}"
        return restore_view(model_admin, request, obj, before, words, TRASH)
    changes = model_admin.changes(now, last.before)
    context = {
        "title": "Undo the last save?",
        "last": last,
        "at": date_and_time(last.at),
        "token": token_of(now),
        "would_change": [one for one in changes if one.name not in TRASH],
    }
    return render_object_page(model_admin, request, obj, "admin/undo.html", context)


def restore_view(model_admin, request, obj, version, words, unchanged):
    """Restore a version, unless somebody saved in the meantime."""
    if not model_admin.may_restore(request, obj):
        raise PermissionDenied
    try:
        with transaction.atomic():
            obj = model_admin.lock(obj)
            last = record_outside_changes(obj)
            if request.POST.get(TOKEN) != last.token:
                raise ValidationError(SAVED_MEANWHILE)
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
