"""The dashboard: what each person has to do, and the first steps until they are done."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post
from clinic_site.dashboard import first_steps, to_do
from clinic_site.models import Page
from contact.models import Clinic, Location, SpecialDay
from contact.place.holidays import day_from, public_holidays
from services.models import Practitioner, Rostering, Service
from tests.test_admin import address, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
FAMILY_DAY = date(2027, 2, 15)


def member(name, group):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def alex():
    return member("alex", "Owner")


def fresh(user):
    """Return the account without what it remembers of its rights."""
    return User.objects.get(pk=user.pk)


def texts(user):
    """Return the texts of a user's tasks by title."""
    return {found.title: [task.text for task in found.tasks] for found in to_do(fresh(user))}


def store(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


@pytest.fixture
def troubles(time_machine):
    """One thing of each kind, nine days before Family Day."""
    time_machine.move_to(datetime(2027, 2, 6, 12, tzinfo=timezone.get_default_timezone()))
    for model in (Post, Service, Page):  # the sample's own moments are counted from the true today
        model.objects.update(publish_at=timezone.now() - timedelta(days=90))
    Post.objects.update(review_due_on=FAMILY_DAY + timedelta(days=90))
    Service.objects.update(review_due_on=FAMILY_DAY + timedelta(days=90))
    store(Post.objects.get(slug="what-is-dry-needling"), needs_review=True)
    store(Post.objects.get(slug="sprained-ankle-home-care"), review_due_on=date(2027, 2, 1))
    store(Post.objects.get(slug="jaw-pain-and-physiotherapy"), status="draft", reviewed_on=None)
    store(Page.objects.get(slug="about"), status="draft")
    Practitioner.objects.filter(slug="priya-sample").update(
        is_sample=False, verified_on=date(2026, 2, 1)
    )
    Rostering.objects.filter(act="acupuncture").delete()


KINDS = [
    "To review and approve",
    "Yearly reviews",
    "Services without a rostered practitioner",
    "Holidays without hours",
    "Compare with the public register",
    "Drafts",
]


def test_an_owner_has_tasks_of_every_kind(troubles, alex):
    told = texts(alex)
    assert list(told) == KINDS
    assert told["Holidays without hours"] == ["Family Day is in 9 days. Are you open?"]
    (changed,) = told["To review and approve"]
    assert changed.endswith(": changed since its review")
    assert told["Yearly reviews"][0].endswith(": review was due on February 1, 2027")
    assert told["Services without a rostered practitioner"] == [
        "Dry needling: no practitioner on the site is rostered for it"
    ]
    (register,) = told["Compare with the public register"]
    assert register == "Priya Sample, PT, MScPT: last compared on February 1, 2026"
    assert len(told["Drafts"]) == 2


@pytest.mark.parametrize(
    ("group", "kinds"),
    [
        ("Editor", [kind for kind in KINDS if not kind.startswith("Compare")]),
        ("Physiotherapist", [*KINDS[:3], "Drafts"]),
        ("Front desk", ["Holidays without hours"]),
    ],
)
def test_each_group_has_only_tasks_it_may_do(troubles, group, kinds):
    told = texts(member("robin", group))
    assert list(told) == kinds
    assert group != "Physiotherapist" or len(told["Drafts"]) == 1  # pages are not theirs


def test_a_practitioner_has_drafts_to_review(troubles):
    robin = member("robin", "Physiotherapist")
    Practitioner.objects.filter(slug="daniel-sample").update(account=robin)
    assert any("draft, not reviewed yet" in one for one in texts(robin)[KINDS[0]])


def test_every_link_leads_where_it_can_be_done(troubles, client, alex):
    client.force_login(alex)
    page = client.get("/admin/").text
    for found in to_do(alex):
        for task in found.tasks:
            assert client.get(task.url).status_code == 200
            assert task.url.replace("&", "&amp;") in page or "+" in task.url


def test_many_of_one_kind_are_five_and_a_link_to_all(client, alex):
    client.force_login(alex)
    Post.objects.update(status="draft")
    Service.objects.update(status="draft")
    (drafts,) = [found for found in to_do(alex) if found.title == "Drafts"]
    assert len(drafts.tasks) == 10
    assert client.get(drafts.more).context["cl"].result_count == Post.objects.count()


def test_the_dashboard_asks_as_often_however_much_there_is(troubles, client, alex):
    client.force_login(alex)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/admin/").status_code == 200
        return len(asked)

    queries()
    before = queries()
    for model in (Post, Service, Page):
        model.objects.update(status="draft")
    Practitioner.objects.update(is_sample=False, verified_on=None)
    assert queries() == before


def test_nothing_in_the_bin_is_a_task(alex):
    Post.objects.update(status="draft", trashed_at=timezone.now())
    assert "Drafts" not in texts(alex)


# Holidays


def test_a_holiday_with_hours_or_on_a_closed_day_is_no_question(troubles, alex):
    location = Location.objects.get()
    SpecialDay.objects.create(location=location, day=FAMILY_DAY, note="Family Day")
    assert "Holidays without hours" not in texts(alex)
    SpecialDay.objects.all().delete()
    location.weekly_hours.filter(weekday=0).delete()
    assert "Holidays without hours" not in texts(alex)


@pytest.mark.parametrize(("country", "region"), [("CA", "ZZ"), ("XX", "ON"), ("CA", "")])
def test_a_place_without_known_holidays_asks_nothing_wrong(country, region):
    assert "Family Day" not in public_holidays(country, region, 2027).values()


def test_holidays_are_named_as_in_ontario():
    assert public_holidays("CA", "ON", 2027)[FAMILY_DAY] == "Family Day"
    assert public_holidays("CA", "ON", 2027)[date(2027, 9, 6)] == "Labour Day"


def test_its_link_opens_a_special_day_already_filled_in(troubles, client):
    desk = member("kim", "Front desk")
    client.force_login(desk)
    (found,) = to_do(desk)
    url = found.tasks[0].url
    page = client.get(url)
    data = typed_in(page)
    number = int(data["special_days-TOTAL_FORMS"]) - 1
    assert data[f"special_days-{number}-day"] == "2027-02-15"
    assert data[f"special_days-{number}-note"] == "Family Day"
    assert client.post(url, data).status_code == 302
    assert SpecialDay.objects.get(day=FAMILY_DAY).opens is None
    assert not to_do(fresh(desk))


@pytest.mark.parametrize("text", ["", "2027-02-30", "soon", "2027-02-15T10:00", "\x00"])
def test_a_wrong_day_in_the_address_is_no_day(client, alex, text):
    assert day_from(text) is None
    client.force_login(alex)
    location = Location.objects.get()
    answer = client.get(address(Location, "change", location.pk), {"day": text})
    assert answer.status_code == 200


# First steps


def test_the_first_steps_are_gone_when_all_are_done(client, alex):
    client.force_login(alex)
    assert "First steps" in client.get("/admin/").text
    Clinic.objects.update(is_sample=False)
    Practitioner.objects.update(is_sample=False)
    assert first_steps(alex) == []
    assert "First steps" not in client.get("/admin/").text


def test_an_empty_site_has_all_its_steps_ahead(alex):
    for model in (Post, Service, Page):
        model._base_manager.all().delete()
    Location.objects.all().delete()
    Clinic.objects.all().delete()
    steps = first_steps(alex)
    assert len(steps) == 6
    assert not [words for words, is_done, _ in steps if is_done and "Clinic" in words]


def test_the_first_steps_are_for_who_sets_up_the_clinic():
    assert first_steps(member("kim", "Front desk")) == []
