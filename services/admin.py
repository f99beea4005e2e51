"""Services, practitioners and the log of flagged phrases in the admin."""

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError

from clinic_site.editing.base import ModelAdmin, StackedInline, TabularInline
from clinic_site.editing.publishable import PublicPageAdmin, ReviewableAdmin, ReviewableForm
from services.compliance.admin import CheckedForm, ChecksMixin, rule_of
from services.models import Fee, FlaggedPhrase, Practitioner, Rostering, Service, ServiceQuestion

NOT_ROSTERED = (
    "Not rostered for this act: {}. Remove them, or add the act to their profile once the public "
    "register shows it."
)
NOBODY_ROSTERED = "You can’t publish this yet. Choose a practitioner who is rostered for this act."


class FeeInline(TabularInline):
    model = Fee
    fields = ("name", "minutes", "price", "visits", "effective_on", "order")


class QuestionInline(StackedInline):
    model = ServiceQuestion
    fields = ("question", "answer", "order")
    verbose_name = "question"
    verbose_name_plural = "Questions patients ask"


class ServiceForm(CheckedForm, ReviewableForm):
    parts = {"questions": (QuestionInline.verbose_name_plural, ("question", "answer"))}

    def practitioners(self):
        chosen = getattr(self, "cleaned_data", {}).get("practitioners")
        if chosen is None:
            chosen = self.instance.practitioners.all() if self.instance.pk else ()
        keys = [*(one.pk for one in chosen), self.instance.reviewer_id]
        return Practitioner.objects.filter(pk__in=keys)

    def clean(self):
        """Accept only practitioners who are rostered for the service's act, and at least one."""
        data = super().clean()
        chosen = data.get("practitioners")
        is_public = data.get("status") == Service.Status.PUBLISHED
        if chosen is not None and (
            fault := roster_fault(data.get("rostered_act"), chosen, is_public)
        ):
            self.add_error("practitioners", fault)
        return data


def roster_fault(act, chosen, is_public):
    """Return why these practitioners may not provide a service with this act, or ""."""
    rostered = set(chosen.rostered_for(act))
    if others := [str(one) for one in chosen if one not in rostered]:
        return NOT_ROSTERED.format(", ".join(others))
    return NOBODY_ROSTERED if act and is_public and not rostered else ""


@admin.register(Service)
class ServiceAdmin(ChecksMixin, ReviewableAdmin):
    form = ServiceForm
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "joint", "body")}),
        (
            "For the patient",
            {"fields": ("who_it_suits", "who_it_does_not_suit", "what_to_expect", "risks")},
        ),
        ("When to seek urgent care", {"fields": ("urgent_care",)}),
        ("Clinical review", {"fields": ReviewableAdmin.review}),
        ("Who provides it", {"fields": ("rostered_act", "practitioners")}),
        ("Publishing", {"fields": ("status", ReviewableAdmin.moments, "on_site", "order")}),
        ReviewableAdmin.search_engines,
    )
    inlines = (FeeInline, QuestionInline)
    list_display = ("title", "state", "joint", "rostered_act", "order", "updated_at")
    list_filter = (*ReviewableAdmin.list_filter, "joint", "practitioners")

    def check_restored(self, request, obj):
        super().check_restored(request, obj)
        is_public = obj.status == obj.Status.PUBLISHED
        if fault := roster_fault(obj.rostered_act, obj.practitioners.all(), is_public):
            raise ValidationError(fault)


class RosteringInline(TabularInline):
    model = Rostering
    fields = ("act",)
    verbose_name = "rostered act"
    verbose_name_plural = "Rostered acts"


class PractitionerForm(CheckedForm):
    def practitioners(self):
        return Practitioner.objects.filter(pk=self.instance.pk)

    def is_public(self):
        return self.instance.is_active


@admin.register(Practitioner)
class PractitionerAdmin(ChecksMixin, PublicPageAdmin):
    """Practitioners. Only an owner may change registration and account."""

    form = PractitionerForm

    registration = ("name", "slug", "college", "registration_class", "protected_title", "degrees",
                    "registration_number", "register_url", "verified_on")  # fmt: skip
    practice = ("accepts_new_patients", "booking_url", "enquiry_address", "account")
    showing = ("is_active", "order", "is_sample")
    fieldsets = (
        ("As on the public register", {"fields": registration}),
        ("For patients", {"fields": ("summary", "biography", "languages", "portrait")}),
        ("Visits and enquiries", {"fields": practice}),
        ("On the site", {"fields": showing}),
    )
    inlines = (RosteringInline,)
    prepopulated_fields = {"slug": ["name"]}
    list_display = ("name", "title", "verified_on", "accepts_new_patients", "is_active")
    list_filter = ("is_active", "college", "accepts_new_patients", "is_sample")
    search_fields = ("name", "summary", "languages", "registration_number")

    @admin.display(description="Title")
    def title(self, obj):
        return obj.title_in_words

    def is_on_site(self, obj):
        return obj.is_active and obj.trashed_at is None

    def get_readonly_fields(self, request, obj=None):
        """Let people who may not change a registration edit the texts only."""
        if request.user.has_perm("services.change_registration"):
            return super().get_readonly_fields(request, obj)
        texts = self.fieldsets[1][1]["fields"]
        return [name for name in flatten_fieldsets(self.fieldsets) if name not in texts]

    def may_restore(self, request, obj):
        """Restoring an old version changes the registration too."""
        is_allowed = request.user.has_perm("services.change_registration")
        return is_allowed and super().may_restore(request, obj)


@admin.register(FlaggedPhrase)
class FlaggedPhraseAdmin(ModelAdmin):
    """The log of flagged phrases, which nobody edits."""

    fields = ("where_it_stands", "phrase", "sentence", "about", "rules_of", "found_at",
              "decision", "decided_at", "by_name", "reason")  # fmt: skip
    readonly_fields = fields
    list_display = ("phrase", "sentence", "title", "college", "decision", "who", "decided_at")
    list_filter = ("decision",)
    search_fields = ("phrase", "sentence", "title", "reason")
    view_on_site = False

    @admin.display(description="Where")
    def where_it_stands(self, one):
        return f"{one.title}: {one.where}"

    @admin.display(description="Rule")
    def about(self, one):
        rule = rule_of(one.rule)
        if rule is None:
            return f"{one.rule}, which is no longer a rule"
        return f"{rule.words} {rule.college_name}, {rule.source}, {rule.date}"

    @admin.display(ordering="by_name")
    def who(self, one):
        return one.by_name

    @admin.display(description="Rule of")
    def college(self, one):
        rule = rule_of(one.rule)
        return f"{rule.college_name}: {rule.source}" if rule else one.rule

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
