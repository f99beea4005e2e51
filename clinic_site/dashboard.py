"""What needs somebody on the admin's front page, each to those who may act, and the first steps."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.formats import date_format

from blog.models import Post
from clinic_site.editing.pages import may, page_url
from clinic_site.editing.review import practitioner_of
from clinic_site.models import Page
from clinic_site.web.dates import date_and_time
from contact.models import Clinic, Location, Recipient
from contact.place.holidays import days_without_hours
from services.models import Practitioner, Service

SHOWN = 5  # of one kind; the rest is in the list
TEXTS = (Post, Service, Page)
REVIEWED = (Post, Service)


@dataclass(frozen=True)
class Need:
    """One thing to do: its words, where, and whether it is late."""

    words: str
    url: str
    is_late: bool = False


@dataclass(frozen=True)
class Needs:
    """What is to be done of one kind; `more` leads to the rest of them, where there is one."""

    name: str
    rows: list = field(default_factory=list)
    more: str = ""


def of_texts(name, user, models, choose, words, **query):
    """Return Needs about texts of several models, a query each, for who may change them.

    Args:
        choose: a function from a model's manager to the rows in question, in their order.
        words: a function from a row to what there is to say about it.
        query: of the list that has them all.
    """
    rows, more = [], ""
    for model in models:
        found = list(choose(model.objects)[: SHOWN + 1]) if may(user, model) else []
        if len(found) > SHOWN:
            more = more or page_url(model, "changelist", **query)
        rows += [words(row) for row in found[:SHOWN]]
    return Needs(name, rows, more)


def drafts(user):
    def words(row):
        saved = date_and_time(row.updated_at)
        return Need(f"{row}, last saved on {saved}", page_url(type(row), "change", row.pk))

    def choose(rows):
        return rows.not_trashed().filter(status="draft").order_by("-updated_at", "-pk")

    return of_texts("Drafts", user, TEXTS, choose, words, status__exact="draft")


def sign_offs(user):
    """Texts changed since their check; for who may approve, drafts that nobody has checked too."""
    is_practitioner = practitioner_of(user) is not None

    def choose(rows):
        waiting = rows.changed_since_review()
        if is_practitioner:
            waiting |= rows.not_trashed().filter(status="draft", reviewed_on=None)
        return waiting.order_by("-updated_at", "-pk")

    def words(row):
        why = "changed after its check" if row.needs_review else "a draft nobody has checked"
        return Need(f"{row}: {why}", page_url(type(row), "review", row.pk))

    name = "To be checked and approved"
    return of_texts(name, user, REVIEWED, choose, words, needs_review__exact=1)


def overdue_reviews(user):
    today = timezone.localdate()

    def words(row):
        is_late = row.review_due_on <= today
        due = f"{'was due on' if is_late else 'due by'} {day(row.review_due_on)}"
        return Need(f"{row}: {due}", page_url(type(row), "review", row.pk), is_late)

    def choose(rows):
        return rows.review_due_within(30).order_by("review_due_on", "pk")

    return of_texts("Yearly checks", user, REVIEWED, choose, words)


def services_without_people(user):
    def words(row):
        url = page_url(Service, "change", row.pk)
        return Need(f"{row}: nobody shown is rostered for it", url, is_late=True)

    def choose(rows):
        return rows.without_providers()

    return of_texts("Services nobody may provide", user, [Service], choose, words)


def register_checks(user):
    if not user.has_perm("services.change_registration"):
        return Needs("Public register")
    due = Practitioner.objects.register_check_due()
    rows = [
        Need(
            f"{one}: compared last on {day(one.verified_on)}" if one.verified_on
            else f"{one}: never compared yet",
            page_url(Practitioner, "change", one.pk),
        )
        for one in due[: SHOWN + 1]
    ]  # fmt: skip
    more = page_url(Practitioner, "changelist") if len(rows) > SHOWN else ""
    return Needs("Compare with the public register", rows[:SHOWN], more)


def holidays(user):
    if not user.has_perm("contact.add_specialday"):
        return Needs("Holidays")
    today = timezone.localdate()
    rows = []
    for location in Location.objects.all():
        for date, name in days_without_hours(location, today):
            days = (date - today).days
            when = "today" if not days else "tomorrow" if days == 1 else f"in {days} days"
            url = page_url(Location, "change", location.pk, day=date.isoformat(), note=name)
            words, url = f"{name} is {when}: open?", f"{url}#special_days-group"
            rows.append(Need(words, url, is_late=days < 3))
    return Needs("Holidays without hours", rows[:SHOWN])


# In the order of the page; each is asked with the user and answers with what that user may act on.
KINDS = (sign_offs, overdue_reviews, services_without_people, holidays, register_checks, drafts)


def needs_of(user):
    """Return the Needs that a user may act on, without the empty ones."""
    return [needs for needs in (kind(user) for kind in KINDS) if needs.rows]


def day(date):
    return date_format(date, "F j, Y")


# The first steps of a new clinic: words, whether it is done, the right it takes, and where.


def first_steps(user):
    """Return (words, is_done, url) of each first step, or none once all are done.

    They are for who sets up the clinic; a step is done by what it leaves behind.
    """
    if not user.has_perm("contact.change_clinic"):
        return []
    clinic, location = Clinic.objects.current(), Location.objects.main()
    people = Practitioner.objects.active().filter(is_sample=False)
    steps = [
        ("Enter the clinic’s name and promise", bool(clinic.pk) and not clinic.is_sample,
         page_url(Clinic, "changelist")),
        ("Say who gets the enquiries", Recipient.objects.filter(clinic=clinic.pk).exists(),
         page_url(Clinic, "changelist")),
        ("Enter the address and the hours",
         location is not None and location.weekly_hours.exists() and not clinic.is_sample,
         page_url(Location, "change", location.pk) if location else page_url(Location, "add")),
        ("Add who treats patients", people.exists(), page_url(Practitioner, "changelist")),
        ("Publish a service", Service.objects.published().filter(
            practitioners__in=people).exists(), page_url(Service, "changelist")),
        ("Read and publish the privacy page",
         Page.objects.published().filter(slug="privacy").exists(), page_url(Page, "changelist")),
    ]  # fmt: skip
    return [] if all(is_done for _, is_done, _ in steps) else steps
