"""The base class of every model's admin, its inlines, and the form fields they share."""

from copy import copy
from functools import partial

from cabinet.fields import CabinetFileRawIdWidget
from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.utils.text import capfirst
from js_asset import Media

from clinic_site.editing import drafts
from clinic_site.editing.choices import ChoicesWithoutTrash, ChoiceWithoutTrash
from clinic_site.editing.conflict import REPLACES, conflict_page, saves_since, with_choices
from clinic_site.editing.errors import fields_in_error
from clinic_site.editing.history import history_paths, undo_of
from clinic_site.editing.lists import List, folded_search
from clinic_site.editing.pages import may
from clinic_site.editing.widgets import (
    CheckboxList,
    DateInput,
    MomentField,
    MomentInput,
    ProseWidget,
    TimeInput,
)
from clinic_site.history.changes import changes, summary
from clinic_site.history.snapshot import snapshot, token_of, values
from clinic_site.history.version import Version, Versioned, record_outside_changes
from clinic_site.images.library import Image
from clinic_site.publishing.dead_links import DeadLink
from clinic_site.publishing.link_check import Checker
from clinic_site.publishing.trash import Trashable
from clinic_site.richtext.field import ProseField
from clinic_site.web.forms import LinesField
from clinic_site.web.redirects import PublicPage

SLUG_TAKEN = "Another page already has this address, or one in the bin. Add a word to it."
SLUG = "Use only letters, digits and hyphens, for example spring-hours."


class SavedMeanwhileError(Exception):
    """Somebody else saved the object while this form was validated."""


class FieldsMixin:
    """The form fields and widgets that forms and inlines share."""

    formfield_overrides = {
        ProseField: {"widget": ProseWidget},
        models.TextField: {
            "form_class": LinesField,  # a browser sends line ends as CRLF
            "widget": AdminTextareaWidget(attrs={"rows": 4}),
        },
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
                # The "add" link is enough: the others lead away from the unsaved form.
                widget.can_change_related = widget.can_delete_related = False
                widget.can_view_related = False
            else:
                field.widget = widget.widget  # check boxes and images need no links
        if isinstance(db_field, models.SlugField):
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
    """Rows whose fields have accessible names: Django labels only the table's head."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = field.label


class TabularInline(FieldsMixin, admin.TabularInline):
    formset = NamedFields
    extra = 0


class StackedInline(FieldsMixin, admin.StackedInline):
    extra = 0


class ModelAdmin(FieldsMixin, admin.ModelAdmin):
    """The admin of one model. Subclasses extend these steps, and call super():

    extra_urls(): the pages of a feature.
    form_context(): what the form's page shows besides its fields.
    after_save(): what follows a save of the form, or a restored version.
    check_restored(): why a restored version would be refused.

    A model with a history also gets its versions, undo, drafts, and a guard against conflicts.
    """

    show_facets = admin.ShowFacets.NEVER
    get_search_results = folded_search

    # Pages

    def get_urls(self):
        return [*self.extra_urls(), *super().get_urls()]

    def extra_urls(self):
        return history_paths(self) if self.has_history else []

    @property
    def has_history(self):
        return issubclass(self.model, Versioned)

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist(self, request, **kwargs):
        return List

    def get_changelist_instance(self, request):
        """Leave long texts out of a list, because the database would sort with them."""
        changelist = super().get_changelist_instance(request)
        texts = [field.name for field in self.opts.fields if isinstance(field, ProseField)]
        changelist.result_list = changelist.result_list.defer(*texts)
        return changelist

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Save nothing, and show what changed, if somebody saved since the form was opened.

        It is checked twice: before the form is validated, which is slow and locks nothing, and
        under the lock of save_model().
        """
        is_save = request.method == "POST" and object_id and self.has_history
        if is_save and (page := self.page_of_conflict(request, object_id)):
            return page
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except SavedMeanwhileError:
            return self.changeform_view(request, object_id, form_url, extra_context)

    def page_of_conflict(self, request, object_id):
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_change_permission(request, obj):
            return None
        record_outside_changes(obj)
        return conflict_page(self, request, obj)

    def lock(self, obj):
        """Return the object as stored, locked until the transaction ends.

        Enquiries that refer to it can still be stored.
        """
        return self.model._base_manager.select_for_update(no_key=True).get(pk=obj.pk)

    # The form

    def get_form(self, request, obj=None, change=False, as_typed=False, **kwargs):
        """Return the form class. After a conflict, its forms use the stored values chosen there.

        `as_typed` ignores those choices.
        """
        form = super().get_form(request, obj, change=change, **kwargs)
        if as_typed or not obj or REPLACES not in request.POST:
            return form
        choose = partial(with_choices, model_admin=self, request=request, obj=obj)

        class FormWithChoices(form):
            def __init__(self, data=None, *args, **kwargs):
                super().__init__(data and choose(data), *args, **kwargs)

        return FormWithChoices

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs and obj.pk and REPLACES in request.POST:
            kwargs["data"] = with_choices(kwargs["data"], self, request, obj)
        return kwargs

    def bind_forms(self, request, obj, data=None):
        """Return the form of an object and the formsets of its inlines, validated against `data`.

        Without data they are unbound, and so are inlines that the person may not change. Nothing is
        saved, and the object stays as it is.
        """
        bound = {} if data is None else {"data": data, "files": request.FILES}
        form_class = self.get_form(request, obj, change=obj is not None, as_typed=True)
        form = form_class(instance=copy(obj), **bound)
        form.is_valid()
        formsets = []
        for formset_class, inline in self.get_formsets_with_inlines(request, obj):
            may_edit = inline.has_change_permission if obj else inline.has_add_permission
            formset = formset_class(
                instance=form.instance,
                prefix=formset_class.get_default_prefix(),
                queryset=inline.get_queryset(request),
                **(bound if may_edit(request, obj) else {}),
            )
            formset.is_valid()
            formsets.append(formset)
        return form, formsets

    def form_page(self, request, obj, form, formsets, context):
        """Return the page of a form that was made by bind_forms()."""
        inlines = self.get_inline_instances(request, obj)
        inline_formsets = self.get_inline_formsets(request, formsets, inlines, obj)
        fieldsets = list(self.get_fieldsets(request, obj))
        readonly = self.get_readonly_fields(request, obj)
        admin_form = helpers.AdminForm(form, fieldsets, {}, readonly, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Change {self.opts.verbose_name}",
            "subtitle": str(obj),
            "adminform": admin_form,
            "object_id": obj.pk,
            "original": obj,
            "media": sum((one.media for one in inline_formsets), self.media + admin_form.media),
            "inline_admin_formsets": inline_formsets,
            "errors": helpers.AdminErrorList(form, formsets),
            "preserved_filters": self.get_preserved_filters(request),
        } | context
        return self.render_change_form(request, context, change=True, obj=obj)

    def render_change_form(self, request, context, *args, **kwargs):
        form, obj = context["adminform"].form, kwargs.get("obj")
        context = self.form_context(request, obj, form) | context
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        if context["errors"]:
            context["fields_in_error"] = fields_in_error(form, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def form_context(self, request, obj, form):
        """Return what the form's page shows besides the fields; `obj` is None for a new one."""
        context = {"draft": request.POST.get(drafts.DRAFT)}
        if self.has_history:
            context["keeps_drafts"] = self.may_save(request, obj)
            if obj:
                now = snapshot(obj)
                undo = undo_of(self, request, obj, now)
                context |= {"version": token_of(now), "undo": undo}
        if obj and isinstance(obj, PublicPage):
            context["dead_links"] = DeadLink.objects.for_object(obj)
        return context

    def get_prepopulated_fields(self, request, obj=None):
        """Make the address from the title for new objects only: others may link to a stored one."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    # Saving

    def save_model(self, request, obj, form, change):
        """Write only what was changed: otherwise the page's date and the page cache stay."""
        if change and self.has_history:
            stored = self.lock(obj)
            record_outside_changes(stored)
            if saves_since(obj, request.POST)[1]:
                raise SavedMeanwhileError
            if values(stored) == values(obj):
                return
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.after_save(request, form.instance, form)
        if self.has_history:
            Version.objects.record(form.instance, request.user)

    def after_save(self, request, obj, form=None):
        """Do what follows a save of an object with its parts; `form` is None for a restored one."""
        if isinstance(obj, PublicPage):
            transaction.on_commit(partial(Checker().check, obj), robust=True)

    def check_restored(self, request, obj):
        """Refuse a restored version that the form would refuse.

        Raises:
            ValidationError: nothing is restored then.
        """

    def log_addition(self, request, obj, message):
        drafts.forget_draft(request)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        drafts.forget_draft(request)
        return super().log_change(request, obj, message)

    # Who may do what

    def may_save(self, request, obj):
        """Return whether a person may save an object, or a new one (None)."""
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)

    def may_restore(self, request, obj):
        """Return whether a person may change everything that an old version may change."""
        models = [self.model, *self.model.part_models()]
        may_change = all(may(request.user, model) for model in models)
        return may_change and self.has_change_permission(request, obj)

    # What a save changed, in the words of the form

    @property
    def part_names(self):
        """The form's name for each kind of parts."""
        named = {inline.model: inline.verbose_name_plural for inline in self.inlines}
        return {
            name: named.get(model) or capfirst(model._meta.verbose_name_plural)
            for model, name in self.model.part_models().items()
        }

    def summary(self, before, after):
        """Return short descriptions of what changed between two snapshots."""
        return summary(self.model, before, after, self.part_names)

    def changes(self, before, after):
        """Return the Changes between two snapshots."""
        return changes(self.model, before, after, self.part_names)

    # The public page

    def is_on_site(self, obj):
        """Return whether visitors can open the object's page now."""
        return True

    def view_on_site(self, obj):
        return obj.get_absolute_url() if self.is_on_site(obj) else None
