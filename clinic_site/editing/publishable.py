"""The admin of objects with a public page: preview and bin, publishing, review."""

from functools import partial

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify

from clinic_site.editing import trash
from clinic_site.editing.base import SLUG, ModelAdmin
from clinic_site.editing.pages import page_url, render_object_page, row_link, unsaved_form_url
from clinic_site.editing.preview import preview_paths
from clinic_site.editing.review import review_paths
from clinic_site.editing.widgets import STATE
from clinic_site.history.snapshot import plain, recorded_fields, snapshot
from clinic_site.history.version import Version, person_name, recording
from clinic_site.images.share_cards import draw_card
from clinic_site.publishing.link_check import objects_linking
from clinic_site.publishing.publishable import this_minute
from clinic_site.publishing.trash import TRASH_PERIOD
from clinic_site.publishing.typos import TYPO_CHARACTERS, more_than_a_typo
from clinic_site.richtext.field import ProseField
from clinic_site.web.dates import date_and_time
from clinic_site.web.error_pages import stored_clinic_facts
from clinic_site.web.staff_mail import mail_user

STATES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "published": "Published",
    "ended": "Unpublished",
    "archived": "Archived",
}
ENTER_REVIEW = "services.enter_review"
REVIEW_FIELDS = ("reviewer", "reviewed_on", "review_due_on")
MORE_THAN_TYPO = "This is more than a typo: {}. Untick this, and the text will need a review."
REVIEW_NEEDED = (
    "Review needed: the text was changed after its review. Until a practitioner approves it under "
    "“Review and share”, the page does not say that it was reviewed."
)
NOT_REVIEWED = (
    "You can’t publish this yet. A practitioner has to approve it under “Review and share”, or an "
    "owner enters a review that was done on paper."
)


class PublicPageAdmin(ModelAdmin):
    """A model whose objects have a public page. Deleting one moves it to the bin first."""

    actions = (trash.move_to_trash, trash.restore_from_trash)

    def extra_urls(self):
        return [*preview_paths(self), *super().extra_urls()]

    def form_context(self, request, obj, form):
        context = super().form_context(request, obj, form)
        if self.may_save(request, obj):
            context["preview_url"] = unsaved_form_url(self.model, "preview", obj)
        return context

    def get_list_filter(self, request):
        return (*super().get_list_filter(request), trash.TrashFilter)

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return (columns[0], trash.restore_until) if trash.shows_trash(request) else columns

    def get_actions(self, request):
        in_trash = ("restore_from_trash", "delete_selected")
        hidden = ("move_to_trash",) if trash.shows_trash(request) else in_trash
        actions = super().get_actions(request)
        return {name: action for name, action in actions.items() if name not in hidden}

    def get_deleted_objects(self, objs, request):
        """Moving to the bin deletes nothing else, and nothing prevents it."""
        if all(obj.trashed_at for obj in objs):
            return super().get_deleted_objects(objs, request)
        return [str(obj) for obj in objs], {}, set(), []

    def render_delete_form(self, request, context):
        obj = context["object"]
        if obj.trashed_at:
            return super().render_delete_form(request, context)
        context |= {"title": "Move this to the bin?", "days": TRASH_PERIOD.days}
        context["linking"] = list(map(row_link, objects_linking([obj])))
        return render_object_page(self, request, obj, "admin/trash_confirmation.html", context)

    def delete_model(self, request, obj):
        if obj.trashed_at:
            super().delete_model(request, obj)
        else:
            with recording(obj, request.user):
                obj.move_to_trash()

    def response_delete(self, request, obj_display, obj_id):
        if not self.model.objects.in_trash().filter(pk=obj_id).exists():
            return super().response_delete(request, obj_display, obj_id)
        messages.success(request, trash.in_trash_message(self.model, f"“{obj_display}”"))
        return HttpResponseRedirect(page_url(self.model, "changelist"))


class PublishableForm(forms.ModelForm):
    """A form that makes the page address from the title."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_publish_at(self):
        """Keep the seconds of an unchanged time, which the field does not show."""
        typed, stored = self.cleaned_data["publish_at"], self.instance.publish_at
        is_same = stored and typed == stored.replace(second=0, microsecond=0)
        return stored if is_same else typed

    def clean_slug(self):
        """Make a new object's address from its title, as the script does during typing."""
        slug, is_new = self.cleaned_data["slug"], not self.instance.pk
        if is_new and "title" not in self.cleaned_data:
            return slug  # a missing title has an error of its own
        if is_new and not slug:
            slug = slugify(self.cleaned_data["title"])
        if not slug:
            raise forms.ValidationError(SLUG)
        return slug


class PublishableAdmin(PublicPageAdmin):
    """A model whose objects are drafts, published or archived: posts, services and pages."""

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

    def extra_urls(self):
        return [*review_paths(self), *super().extra_urls()]

    def get_changeform_initial_data(self, request):
        return {"publish_at": this_minute()} | super().get_changeform_initial_data(request)

    def form_context(self, request, obj, form):
        context = super().form_context(request, obj, form)
        return context | {"review_url": page_url(obj, "review", obj.pk)} if obj else context

    def after_save(self, request, obj, form=None):
        super().after_save(request, obj, form)
        if obj.status == obj.Status.PUBLISHED:
            draw = partial(draw_card, obj, stored_clinic_facts().get("name", ""))
            transaction.on_commit(draw, robust=True)

    def is_on_site(self, obj):
        # As stored: a refused form has changed `obj`.
        return self.model.objects.on_site().filter(pk=obj.pk).exists()

    @admin.display(description="State", ordering="status")
    def state(self, obj):
        """Return the state as a word, with the date of the next change."""
        moment = {"scheduled": obj.publish_at, "published": obj.unpublish_at}.get(obj.state)
        until = "from" if obj.state == "scheduled" else "until"
        words = f"{STATES[obj.state]} {until} {date_and_time(moment)}" if moment else ""
        return format_html(STATE, obj.state, words or STATES[obj.state])

    @admin.display(description="On the site")
    def on_site(self, obj):
        """Return a link to the public page, or why there is none."""
        if obj is None or obj.pk is None:
            return "Not saved yet"
        obj = self.model._base_manager.get(pk=obj.pk)  # as stored: a refused form has changed it
        if obj.trashed_at:
            return "No, it is in the bin. To restore it, open the bin in the list."
        if obj.state == "published":
            until = f", until {date_and_time(obj.unpublish_at)}" if obj.unpublish_at else ""
            return format_html('<a href="{}">{}</a>{}', obj.get_absolute_url(), obj.url, until)
        if obj.state == "scheduled":
            return f"Goes live {date_and_time(obj.publish_at)}."
        if obj.state == "ended":
            return f"No, it was unpublished on {date_and_time(obj.unpublish_at)}."
        if obj.state == "archived":
            return "No, it is archived. Publish it to show it again."
        return "No, it is a draft. Publish it to show it to visitors."


def as_stored(field, value):
    """Return a form's value as a snapshot holds it."""
    if isinstance(field, ProseField):
        value = field.clean_html(value)
    return plain(field, getattr(value, "pk", value))


class ReviewableForm(PublishableForm):
    """The form of a text whose changes need another review, unless only typos were fixed."""

    is_typo_fix = forms.BooleanField(
        label="I only fixed typos: the last review is still valid",
        required=False,
        help_text=f"Since the review, you may have changed at most {TYPO_CHARACTERS} characters, "
        "but no number, “not”, link or image. The reviewer gets an email that shows the change.",
    )

    def clean(self):
        """Refuse the tick for more than typos; parts are compared when they are saved."""
        cleaned = super().clean()
        approved = self.instance.pk and self.instance.approved_version()
        if cleaned.get("is_typo_fix") and approved:
            typed = {
                field.name: as_stored(field, cleaned[field.name])
                for field in recorded_fields(type(self.instance))
                if field.name in cleaned
            }
            before = approved.state
            change = map(self.instance.clinical_text, (before, before | typed))
            if problem := more_than_a_typo(*change):
                self.add_error("is_typo_fix", MORE_THAN_TYPO.format(problem))
        return cleaned

    def add_error(self, field, error):
        """Show what a review lacks beside the status, to people who cannot enter a review."""
        errors = getattr(error, "error_dict", {})
        if hidden := set(REVIEW_FIELDS).intersection(errors).difference(self.fields):
            for name in hidden:
                del errors[name]
            errors["status"] = [forms.ValidationError(NOT_REVIEWED)]
        super().add_error(field, error)


class ReviewableAdmin(PublishableAdmin):
    """A model of health texts, which a practitioner reviews: posts and services."""

    form = ReviewableForm
    list_filter = ("status", "needs_review")
    review = (REVIEW_FIELDS[:1], REVIEW_FIELDS[1:], "review_state", "is_typo_fix")

    @admin.display(description="Review")
    def review_state(self, obj):
        if obj is None or not obj.reviewed_on:
            return "Not reviewed yet."
        if obj.needs_review:
            return "Review needed: the text was changed after the last review."
        if obj.review_due_on and obj.review_due_on <= timezone.localdate():
            return "The next review is due."
        return "Reviewed."

    def get_readonly_fields(self, request, obj=None):
        """Let only owners enter a review by hand; practitioners approve the text."""
        fields = (*super().get_readonly_fields(request, obj), "review_state")
        return fields if request.user.has_perm(ENTER_REVIEW) else (*fields, *REVIEW_FIELDS)

    def after_save(self, request, obj, form=None):
        if form:
            self.mark_for_review(request, obj, form)
        super().after_save(request, obj, form)

    def mark_for_review(self, request, obj, form):
        """Mark a text for review if it was changed after the last one."""
        was_marked, last = obj.needs_review, Version.objects.for_object(obj).first()
        if {"reviewed_on", "reviewer"} & set(form.changed_data):
            obj.needs_review = False
        elif obj.reviewed_on and last:
            state = snapshot(obj)
            approved = (obj.approved_version() or last).state
            before, now, reviewed = map(obj.clinical_text, (last.state, state, approved))
            if before != now:
                is_typo_fix = form.cleaned_data.get("is_typo_fix") and not was_marked
                is_typo_fix = is_typo_fix and not more_than_a_typo(reviewed, now)
                obj.needs_review = now != reviewed and not is_typo_fix
                if is_typo_fix:
                    transaction.on_commit(
                        partial(self.mail_typo_fix, request, obj, last.state, state)
                    )
        if obj.needs_review != was_marked:
            obj.save()
        if obj.needs_review and not was_marked:
            messages.warning(request, REVIEW_NEEDED)

    def mail_typo_fix(self, request, obj, before, now):
        """Show the reviewer what was changed in a text that still bears their name."""
        account = obj.reviewer.account if obj.reviewer else None
        if account and account != request.user:
            changes = {
                one.label: [
                    (kind, " ".join(words.split()))
                    for kind, words in one.pieces
                    if kind in ("removed", "added")
                ]
                for one in self.changes(before, now)
            }
            context = {
                "obj": obj,
                "who": person_name(request.user),
                "changes": changes,
                "url": f"{settings.SITE_URL}{page_url(obj, 'history', obj.pk)}",
            }
            mail_user(
                account, "A typo was fixed in a text you reviewed", "email/typo_fix.txt", context
            )
