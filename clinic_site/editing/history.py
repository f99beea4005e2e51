"""History pages in the admin: the list of versions, one version, restoring it, and undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from clinic_site.editing.pages import object_path, page_url, render_object_page
from clinic_site.history.changes import changes, summary
from clinic_site.history.restore import PUBLISHING, TRASH, restore
from clinic_site.history.state import (
    before,
    is_same_state,
    record_outside_changes,
    state_now,
    states_of,
    token_of,
)
from clinic_site.history.version import Version, saving
from clinic_site.web.dates import date_and_time

VERSIONS_A_PAGE = 25
TOKEN = "_version"  # the form field with token_of() the state that a page shows
SAVED_MEANWHILE = "Somebody else has just saved this, so nothing was restored. Check it first."


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
    saved = [None, None, *states_of(model_admin.model, obj.pk).values()][-2:]
    now = state_now(obj)
    # Changes outside the admin that no version records yet are undone first.
    state = saved[0] if saved[1] and saved[1].fingerprint == now.fingerprint else saved[1]
    if state is None:
        return None
    was, is_now = (getattr(one.obj, "status", "") for one in (state, now))
    words = "Undo publishing" if was != "published" == is_now else "Undo the last save"
    return {"url": page_url(obj, "undo", obj.pk), "version": token_of(obj), "words": words}


def versions_view(model_admin, request, obj):
    """Show a page of the list of versions."""
    versions, names = Version.objects.for_object(obj), model_admin.part_names
    page = Paginator(versions, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    states = states_of(model_admin.model, obj.pk)
    earlier, last = before(states), [None, *states.values()][-1]
    rows = [
        {
            "version": version,
            "at": date_and_time(version.at),
            "url": page_url(obj, "version", obj.pk, version.pk),
            "words": summary(earlier[version.pk], states[version.pk], names),
        }
        for version in page
    ]
    context = {
        "title": f"History: {obj}",
        "page": page,
        "versions": rows,
        "undo": undo_of(model_admin, request, obj),
        "outside": summary(last, state_now(obj), names) if last else [],
    }
    return render_object_page(model_admin, request, obj, "admin/history.html", context)


def version_view(model_admin, request, obj, pk):
    """Show what a save changed, and what restoring it would change; POST restores it."""
    version = get_object_or_404(Version.objects.for_object(obj), pk=pk)
    if request.method == "POST":
        words = f"Restored the version of {date_and_time(version.at)}"
        return restore_view(model_admin, request, obj, version, words, (*PUBLISHING, *TRASH))
    states, now = states_of(model_admin.model, obj.pk), state_now(obj)
    earlier, then = before(states)[pk], states[pk]
    if then is None:
        raise Http404
    context = {
        "title": f"Saved on {date_and_time(version.at)}",
        "version": version,
        "token": token_of(obj),
        "changed": earlier and changes(earlier, then, model_admin.part_names),
        "may_restore": model_admin.may_restore(request, obj),
    }
    would_change = changes(now, then, model_admin.part_names)
    unchanged = (*PUBLISHING, *TRASH)
    context["would_change"] = [one for one in would_change if one.name not in unchanged]
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
            model_admin.lock(obj)
            if not is_same_state(request.POST.get(TOKEN, ""), token_of(obj)):
                raise ValidationError(SAVED_MEANWHILE)
            record_outside_changes(obj)
            if version is None:
                last, version = (*Version.objects.for_object(obj)[:2], None)[:2]
                if version is None:
                    raise Http404
                words = f"Undid the save of {date_and_time(last.at)}"
            with saving(request.user, words):
                restore(obj, version, unchanged)
                obj = model_admin.model._base_manager.get(pk=obj.pk)
                model_admin.check_restored(request, obj)
                model_admin.after_save(request, obj)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return HttpResponseRedirect(page_url(obj, "history", obj.pk))
    model_admin.log_change(request, obj, f"{words}.")
    messages.success(request, f"{words}. You can undo this too.")
    return HttpResponseRedirect(page_url(obj, "change", obj.pk))
