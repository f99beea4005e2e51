"""The bin in the admin: what is deleted goes there first, and comes back whole."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from clinic_site.editing.pages import page_url, row_link
from clinic_site.publishing.link_check import objects_linking
from clinic_site.publishing.trash import TRASH_PERIOD


class TrashFilter(admin.SimpleListFilter):
    """Shows the bin, or all that is not in it."""

    title = "bin"
    parameter_name = "bin"

    def lookups(self, request, model_admin):
        return [("1", "In the bin")]

    def choices(self, changelist):
        everything, in_trash = super().choices(changelist)
        return [everything | {"display": "Not in the bin"}, in_trash]

    def queryset(self, request, queryset):
        return queryset.in_trash() if self.value() == "1" else queryset.not_trashed()


class TrashMixin:
    """Deleting puts a row in the bin; there it is brought back, or deleted for good."""

    actions = ("put_in_bin", "bring_back")

    def shows_trash(self, request):
        return request.GET.get(TrashFilter.parameter_name) == "1"

    def get_list_filter(self, request):
        return (*super().get_list_filter(request), TrashFilter)

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return (columns[0], "kept_until") if self.shows_trash(request) else columns

    def get_actions(self, request):
        actions = super().get_actions(request)
        elsewhere = (
            ["put_in_bin"] if self.shows_trash(request) else ["bring_back", "delete_selected"]
        )
        return {name: action for name, action in actions.items() if name not in elsewhere}

    @admin.display(description="Kept until", ordering="trashed_at")
    def kept_until(self, row):
        return timezone.localdate(row.trashed_at + TRASH_PERIOD)

    @admin.action(description="Put in the bin", permissions=["delete"])
    def put_in_bin(self, request, rows):
        chosen = [row for row in rows if self.has_delete_permission(request, row)]
        for row in chosen:
            row.move_to_trash()
            self.log_change(request, row, "Put in the bin.")
        self.tell_links(request, chosen)
        names = ", ".join(map(str, chosen)) or "nothing, the site needs what you chose"
        messages.success(request, self.told(f"In the bin: {names}."))

    @admin.action(description="Bring back", permissions=["delete"])
    def bring_back(self, request, rows):
        for row in rows:
            row.restore_from_trash()
            self.log_change(request, row, "Brought back from the bin.")
        messages.success(request, f"Brought back, as they were: {', '.join(map(str, rows))}.")

    def tell_links(self, request, rows):
        """Warn of links in other texts, whose words stand alone now."""
        if linking := objects_linking(rows):
            links = format_html_join(", ", "{}", ((row_link(row),) for row in linking))
            words = "Readers see no links to what you put in the bin now. They stand in: {}"
            messages.warning(request, format_html(words, links))

    def told(self, words):
        """Return what was done, with the way to the bin."""
        link = '{} It is kept there for {} days. <a href="{}">Open the bin</a>'
        return format_html(
            link, words, TRASH_PERIOD.days, page_url(self.model, "changelist", bin=1)
        )

    def get_deleted_objects(self, rows, request):
        """Nothing else goes with what only goes to the bin, and nothing holds it."""
        if all(row.trashed_at for row in rows):
            return super().get_deleted_objects(rows, request)
        return [str(row) for row in rows], {}, set(), []

    def render_delete_form(self, request, context):
        if context["object"].trashed_at:
            return super().render_delete_form(request, context)
        row = context["object"]
        context |= {"title": "Put it in the bin?", "days": TRASH_PERIOD.days, "row": row}
        context["linking"] = list(map(row_link, objects_linking([row])))
        return TemplateResponse(request, "admin/bin_confirmation.html", context)

    def delete_model(self, request, obj):
        if obj.trashed_at:
            super().delete_model(request, obj)
        else:
            obj.move_to_trash()

    def response_delete(self, request, obj_display, obj_id):
        if not self.model.objects.in_trash().filter(pk=obj_id).exists():
            return super().response_delete(request, obj_display, obj_id)
        messages.success(request, self.told(f"“{obj_display}” is in the bin."))
        return HttpResponseRedirect(page_url(self.model, "changelist"))
