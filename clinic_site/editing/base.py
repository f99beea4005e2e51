"""What every editing page shares: its fields, the content policy's nonce, a page's state."""

from functools import partial

from cabinet.fields import CabinetFileRawIdWidget
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.utils.html import format_html
from django.utils.text import capfirst, slugify
from js_asset import Media

from clinic_site.editing.choices import ChoicesWithoutTrash, ChoiceWithoutTrash
from clinic_site.editing.errors import fields_in_error
from clinic_site.editing.history import HistoryMixin
from clinic_site.editing.links import LinksMixin
from clinic_site.editing.preview import PreviewMixin
from clinic_site.editing.review import ReviewMixin
from clinic_site.editing.review_form import ReviewableMixin, ReviewedForm
from clinic_site.editing.saving import SavingMixin
from clinic_site.editing.trash import TrashMixin
from clinic_site.editing.widgets import (
    CheckboxList,
    DateInput,
    MomentField,
    MomentInput,
    ProseWidget,
    TimeInput,
)
from clinic_site.images.library import Image
from clinic_site.images.share_cards import draw_card
from clinic_site.publishing.publishable import this_minute
from clinic_site.publishing.trash import Trashable
from clinic_site.richtext.field import ProseField
from clinic_site.web.dates import date_and_time
from clinic_site.web.error_pages import stored_clinic_facts

# A state in a list: a word, and a mark whose shape the style sheet chooses by the class.
STATE = '<span class="state state--{}">{}</span>'
STATES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "published": "Published",
    "ended": "Taken down",
    "archived": "Archived",
}
SLUG_TAKEN = (
    "Another page already has this address, or one in the bin. Change it a little, like with a "
    "second word."
)

SLUG = "Write the address in letters, digits and hyphens, like spring-hours."


class EditingMixin:
    """Fields as every form and every inline row shows them."""

    formfield_overrides = {
        ProseField: {"widget": ProseWidget},
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
        models.URLField: {"assume_scheme": "https"},
        models.DateField: {"widget": DateInput},
        models.TimeField: {"widget": TimeInput},
        models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
    }

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = field and field.widget
        if isinstance(widget, RelatedFieldWidgetWrapper):
            if type(widget.widget) is forms.Select:
                # One link is enough: the others lead away from what is typed.
                widget.can_change_related = widget.can_delete_related = False
                widget.can_view_related = False
            else:
                field.widget = widget.widget  # check boxes and pictures need none of its links
        if isinstance(db_field, models.SlugField):
            # The site makes an address from a title's letters; a title of emoji has none.
            field.error_messages |= {"unique": SLUG_TAKEN, "required": SLUG, "invalid": SLUG}
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.related_model is Image:
            kwargs["widget"] = CabinetFileRawIdWidget(
                db_field.remote_field, self.admin_site, attrs={"placeholder": "None"}
            )
        if issubclass(db_field.related_model, Trashable):
            kwargs["form_class"] = ChoiceWithoutTrash
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = CheckboxList(db_field.verbose_name)
        if issubclass(db_field.related_model, Trashable):
            kwargs["form_class"] = ChoicesWithoutTrash
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class NamedFields(forms.BaseInlineFormSet):
    """Rows whose fields carry their own names: Django's table has labels in its head alone."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = field.label


class TabularInline(EditingMixin, admin.TabularInline):
    formset = NamedFields
    extra = 0


class StackedInline(EditingMixin, admin.StackedInline):
    extra = 0


class ModelAdmin(LinksMixin, HistoryMixin, SavingMixin, EditingMixin, admin.ModelAdmin):
    """A model's pages, its scripts and styles marked with the content policy's nonce."""

    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist_instance(self, request):
        """Leave long texts out of a list, which would sort the rows with all of them."""
        changelist = super().get_changelist_instance(request)
        texts = [field.name for field in self.opts.fields if isinstance(field, ProseField)]
        changelist.result_list = changelist.result_list.defer(*texts)
        return changelist

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        if context["errors"]:
            form, inlines = context["adminform"].form, context["inline_admin_formsets"]
            context["fields_in_error"] = fields_in_error(form, inlines)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_prepopulated_fields(self, request, obj=None):
        """Make the address from the title for a new row only: a known address is linked to."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def is_on_site(self, obj):
        """Say whether readers can open the row's page now."""
        return True

    def view_on_site(self, obj):
        return obj.get_absolute_url() if self.is_on_site(obj) else None


class PublishableForm(forms.ModelForm):
    """A draft may be saved half-written; what is published has its summary."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"summary", "slug"} & self.fields.keys():
            self.fields[name].required = False

    def clean_slug(self):
        """Make a new row's address from its title, as the script does while one types."""
        slug = self.cleaned_data["slug"]
        if not slug and not self.instance.pk:
            slug = slugify(self.cleaned_data.get("title", ""))
        if not slug:
            raise forms.ValidationError(SLUG)
        return slug

    def clean(self):
        data = super().clean()
        is_published = data.get("status") == self._meta.model.Status.PUBLISHED
        if is_published and "summary" in data and not data["summary"]:
            self.add_error("summary", "Write a summary before you publish.")
        return data


class PublishableAdmin(TrashMixin, ReviewMixin, PreviewMixin, ModelAdmin):
    """Posts, services and standing pages: what they share is named and filtered in one way."""

    form = PublishableForm
    prepopulated_fields = {"slug": ["title"]}
    radio_fields = {"status": admin.HORIZONTAL}
    readonly_fields = ("on_site",)
    search_fields = ("title", "summary", "slug")
    list_filter = ("status",)
    moments = ("publish_at", "unpublish_at")
    publishing = ("Publishing", {"fields": ("status", moments, "on_site")})
    search_engines = (
        "Search engines and sharing",
        {"fields": ("seo_title", "seo_description", "share_image"), "classes": ("collapse",)},
    )

    def get_changeform_initial_data(self, request):
        return {"publish_at": this_minute()} | super().get_changeform_initial_data(request)

    def is_on_site(self, obj):
        # As stored: a refused form changed the one in hand.
        return self.model.objects.on_site().filter(pk=obj.pk).exists()

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.draw_share_picture(form.instance)

    def after_restoring(self, request, row):
        super().after_restoring(request, row)
        self.draw_share_picture(row)

    def draw_share_picture(self, page):
        """Draw the share picture of what is published, once it is sure to be kept."""
        if page.status == page.Status.PUBLISHED:
            draw = partial(draw_card, page, stored_clinic_facts().get("name", ""))
            transaction.on_commit(draw, robust=True)

    @admin.display(description="State", ordering="status")
    def state(self, obj):
        """The state as a word with a mark of its own shape; a coming moment is named."""
        moment = {"scheduled": obj.publish_at, "published": obj.unpublish_at}.get(obj.state)
        until = "from" if obj.state == "scheduled" else "until"
        words = f"{STATES[obj.state]} {until} {date_and_time(moment)}" if moment else ""
        return format_html(STATE, obj.state, words or STATES[obj.state])

    @admin.display(description="On the site")
    def on_site(self, obj):
        """Where readers find the page, or why they do not."""
        if obj is None or obj.pk is None:
            return "Not yet: save it first."
        obj = self.model._base_manager.get(pk=obj.pk)  # a refused form changed the one in hand
        if obj.trashed_at:
            return "Nobody: it is in the bin. Bring it back from the list’s bin."
        if obj.state == "published":
            until = f", until {date_and_time(obj.unpublish_at)}" if obj.unpublish_at else ""
            return format_html('<a href="{}">{}</a>{}', obj.get_absolute_url(), obj.url, until)
        if obj.state == "scheduled":
            return f"Readers see it from {date_and_time(obj.publish_at)} on."
        if obj.state == "ended":
            return f"Nobody: it was taken down on {date_and_time(obj.unpublish_at)}."
        if obj.state == "archived":
            return "Nobody: it is archived. Publish it to bring it back."
        return "Nobody yet: it is a draft. Publish it to show it to readers."


class ReviewableForm(ReviewedForm, PublishableForm):
    """A health text: the publishing rules are the model's, the mark of a typo fix the form's."""


class ReviewableAdmin(ReviewableMixin, PublishableAdmin):
    """Posts and services: texts that a practitioner checks."""

    form = ReviewableForm
    list_filter = ("status", "needs_review")
