"""The admin's dashboard: what each person has to do, first steps, and removal of the sample."""

from dataclasses import dataclass, field

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from blog.models import Post
from clinic_site import sample_content
from clinic_site.editing.pages import may, page_url
from clinic_site.editing.review import practitioner_of
from clinic_site.models import Page
from clinic_site.web.dates import date_and_time
from contact.inbox.lists import counts
from contact.models import Clinic, Location, Recipient
from contact.outbox.health import service_state
from contact.place.holidays import days_without_hours
from services.models import Practitioner, Service

SHOWN = 5  # tasks of one kind and model; the rest is in the list
REMOVES_SAMPLE = "contact.delete_clinic"  # a permission that owners alone have


@dataclass(frozen=True)
class Task:
    text: str
    url: str
    is_late: bool = False


@dataclass(frozen=True)
class TaskList:
    """Tasks of one kind; `more` is the address of the rest, if there are more than SHOWN."""

    title: str
    tasks: list = field(default_factory=list)
    more: str = ""


def url_of(obj, page="change"):
    return page_url(type(obj), page, obj.pk)


def text_tasks(title, user, querysets, task_for, **query):
    """Return the TaskList about texts that a user may change; `query` is for the list of all."""
    tasks, more = [], ""
    for texts in querysets:
        found = list(texts[: SHOWN + 1]) if may(user, texts.model) else []
        if len(found) > SHOWN:
            more = more or page_url(texts.model, "changelist", **query)
        tasks += map(task_for, found[:SHOWN])
    return TaskList(title, tasks, more)


def drafts_of(*models):
    return [model.objects.not_trashed().filter(status="draft") for model in models]


def reviews_to_do(user):
    """List texts that changed since their review; for practitioners, unreviewed drafts too."""
    querysets = [model.objects.changed_since_review() for model in (Post, Service)]
    if practitioner_of(user):
        unreviewed = [texts.filter(reviewed_on=None) for texts in drafts_of(Post, Service)]
        querysets = [one | other for one, other in zip(querysets, unreviewed, strict=True)]

    def task_for(obj):
        why = "changed since its review" if obj.needs_review else "draft, not reviewed yet"
        return Task(f"{obj}: {why}", url_of(obj, "review"))

    querysets = [texts.order_by("-updated_at", "-pk") for texts in querysets]
    return text_tasks("To review and approve", user, querysets, task_for, needs_review__exact=1)


def yearly_reviews(user):
    today = timezone.localdate()

    def task_for(obj):
        is_late = obj.review_due_on <= today
        due = f"{'was due on' if is_late else 'due by'} {day(obj.review_due_on)}"
        return Task(f"{obj}: review {due}", url_of(obj, "review"), is_late)

    due = [model.objects.review_due_within(30) for model in (Post, Service)]
    querysets = [texts.order_by("review_due_on", "pk") for texts in due]
    return text_tasks("Yearly reviews", user, querysets, task_for)


def services_without_providers(user):
    def task_for(obj):
        text = f"{obj}: no practitioner on the site is rostered for it"
        return Task(text, url_of(obj), is_late=True)

    title = "Services without a rostered practitioner"
    return text_tasks(title, user, [Service.objects.without_providers()], task_for)


def holidays(user):
    title = "Holidays without hours"
    if not user.has_perm("contact.add_specialday"):
        return TaskList(title)
    today = timezone.localdate()
    tasks = []
    for location in Location.objects.all():
        for date, name in days_without_hours(location, today):
            days = (date - today).days
            when = "today" if not days else "tomorrow" if days == 1 else f"in {days} days"
            url = page_url(Location, "change", location.pk, day=date.isoformat(), note=name)
            url += "#special_days-group"
            tasks.append(Task(f"{name} is {when}. Are you open?", url, is_late=days < 3))
    return TaskList(title, tasks[:SHOWN])


def register_checks(user):
    def task_for(obj):
        when = f"last compared on {day(obj.verified_on)}" if obj.verified_on else "not compared yet"
        return Task(f"{obj}: {when}", url_of(obj))

    is_allowed = user.has_perm("services.change_registration")
    querysets = [Practitioner.objects.register_check_due()] if is_allowed else []
    return text_tasks("Compare with the public register", user, querysets, task_for)


def drafts(user):
    def task_for(obj):
        return Task(f"{obj}, last saved on {date_and_time(obj.updated_at)}", url_of(obj))

    querysets = [texts.order_by("-updated_at", "-pk") for texts in drafts_of(Post, Service, Page)]
    return text_tasks("Drafts", user, querysets, task_for, status__exact="draft")


KINDS = (reviews_to_do, yearly_reviews, services_without_providers, holidays, register_checks,
         drafts)  # fmt: skip


def to_do(user):
    """Return the TaskLists of a user, in the order of the page, without the empty ones."""
    return [found for kind in KINDS if (found := kind(user)).tasks]


def day(date):
    return date_format(date, "F j, Y")


def first_steps(user):
    """Return (text, is_done, url) of each step of setting up the clinic, [] once all are done."""
    if not user.has_perm("contact.change_clinic"):
        return []
    clinic, location = Clinic.objects.current(), Location.objects.main()
    people = Practitioner.objects.active().filter(is_sample=False)
    steps = [
        ("Add your clinic’s name and headline", bool(clinic.pk) and not clinic.is_sample,
         page_url(Clinic, "changelist")),
        ("Add who gets the enquiries", Recipient.objects.filter(clinic=clinic.pk).exists(),
         page_url(Clinic, "changelist")),
        ("Add your address and opening hours",
         location is not None and location.weekly_hours.exists() and not clinic.is_sample,
         page_url(Location, "change", location.pk) if location else page_url(Location, "add")),
        ("Add your practitioners", people.exists(), page_url(Practitioner, "changelist")),
        ("Publish a service", Service.objects.published().filter(
            practitioners__in=people).exists(), page_url(Service, "changelist")),
        ("Read and publish the privacy page",
         Page.objects.published().filter(slug="privacy").exists(), page_url(Page, "changelist")),
    ]  # fmt: skip
    return [] if all(is_done for _, is_done, _ in steps) else steps


def dashboard_context(user):
    """Return what the dashboard shows a user above the list of models."""
    context = {"to_do": to_do(user), "first_steps": first_steps(user)}
    context["has_sample"] = user.has_perm(REMOVES_SAMPLE) and sample_content.is_loaded()
    if user.has_perm("contact.view_enquiry"):
        context |= {"service_state": service_state(), "inbox_counts": counts(user)}
    return context


def with_kind(obj):
    return f"{capfirst(obj._meta.verbose_name)}: {obj}"


def remove_sample(request):
    """List what removing the sample deletes and keeps; a POST does it."""
    if not request.user.has_perm(REMOVES_SAMPLE):
        raise PermissionDenied
    if request.method == "POST":
        count, kept = sample_content.remove()
        messages.success(request, f"{count} sample items deleted.")
        if kept:
            names = "; ".join(with_kind(obj) for obj, _ in kept)
            messages.info(request, f"Kept: {names}.")
        return redirect("admin:index")
    removed, kept = sample_content.removal()
    context = {
        "title": "Remove sample content",
        "removed": [with_kind(obj) for obj in removed],
        "kept": [(with_kind(obj), reason) for obj, reason in kept],
    }
    return render(request, "admin/remove_sample.html", admin.site.each_context(request) | context)
