"""The bin in the admin: deleted objects go there first, and can be restored."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from clinic_site.editing.pages import page_url, row_link
from clinic_site.history.version import recording
from clinic_site.publishing.link_check import objects_linking
from clinic_site.publishing.trash import TRASH_PERIOD


class TrashFilter(admin.SimpleListFilter):
    """Shows the bin, or everything outside it."""

    title = "Bin"
    parameter_name = "bin"

    def lookups(self, request, model_admin):
        return [("1", "In the bin")]

    def choices(self, changelist):
        everything, in_trash = super().choices(changelist)
        return [everything | {"display": "Not in the bin"}, in_trash]

    def queryset(self, request, queryset):
        return queryset.in_trash() if self.value() == "1" else queryset.not_trashed()


def shows_trash(request):
    return request.GET.get(TrashFilter.parameter_name) == "1"


@admin.display(description="Restore until", ordering="trashed_at")
def restore_until(obj):
    return timezone.localdate(obj.trashed_at + TRASH_PERIOD)


@admin.action(description="Move to the bin", permissions=["delete"])
def move_to_trash(model_admin, request, queryset):
    chosen = [obj for obj in queryset if model_admin.has_delete_permission(request, obj)]
    for obj in chosen:
        with recording(obj, request.user):
            obj.move_to_trash()
        model_admin.log_change(request, obj, "Moved to the bin.")
    if not chosen:
        messages.error(request, "Nothing was moved to the bin: the site needs these pages.")
        return
    if linking := objects_linking(chosen):
        links = format_html_join(", ", "{}", ((row_link(obj),) for obj in linking))
        words = "Other pages link to what you moved. There, visitors now see plain text: {}"
        messages.warning(request, format_html(words, links))
    messages.success(request, in_trash_message(model_admin.model, ", ".join(map(str, chosen))))


@admin.action(description="Restore", permissions=["delete"])
def restore_from_trash(model_admin, request, queryset):
    for obj in queryset:
        with recording(obj, request.user):
            obj.restore_from_trash()
        model_admin.log_change(request, obj, "Restored from the bin.")
    messages.success(request, f"Restored: {', '.join(map(str, queryset))}.")


def in_trash_message(model, names):
    """Return what was done, with a link to the bin."""
    words = 'Moved to the bin: {}. You can restore it for {} days. <a href="{}">Open the bin</a>'
    return format_html(words, names, TRASH_PERIOD.days, page_url(model, "changelist", bin=1))
