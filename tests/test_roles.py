"""Who may do what: each group's permissions, and the pages they open, equal a written table."""

import importlib

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from contact.models import Clinic, Enquiry, Location
from services.models import Practitioner

pytestmark = pytest.mark.django_db
ROOMS = ("auth", "blog", "cabinet", "clinic_site", "contact", "redirects", "services")
ACTIONS = {"view": "v", "add": "a", "change": "c", "delete": "d"}
ENQUIRY_ACTIONS = ACTIONS | {"export": "x", "erase": "e"}
ENQUIRY_RIGHTS = {"view_every_enquiry": ("Owner", "Front desk"), "report_breach": ("Owner",)}

# v: sees, a: adds, c: changes (acts on an enquiry), d: deletes, x: exports, e: erases. The Owner
# does everything. A model left out: nothing.
TABLE = {
    "Editor": {
        "blog.post": "vacd",
        "blog.source": "vacd",
        "blog.topic": "vacd",
        "services.service": "vacd",
        "services.fee": "vacd",
        "services.servicequestion": "vacd",
        "services.practitioner": "vc",
        "services.rostering": "v",
        "services.flaggedphrase": "v",
        "clinic_site.page": "vacd",
        "clinic_site.image": "vacd",
        "redirects.redirect": "vacd",
        "cabinet.folder": "vacd",
        "contact.location": "v",
        "contact.weeklyhours": "vacd",
        "contact.specialday": "vacd",
    },
    "Physiotherapist": {
        "blog.post": "vc",
        "blog.source": "vacd",
        "services.service": "vc",
        "services.fee": "v",
        "services.flaggedphrase": "v",
        "services.servicequestion": "vacd",
        "clinic_site.image": "v",
        "contact.enquiry": "vc",
        "contact.delivery": "v",
    },
    "Front desk": {
        "contact.enquiry": "vcx",
        "contact.delivery": "v",
        "contact.location": "v",
        "contact.weeklyhours": "vacd",
        "contact.specialday": "vacd",
    },
}
MODELS = [
    model._meta.label_lower
    for label in ROOMS
    for model in apps.get_app_config(label).get_models()
    if model._meta.default_permissions
]
GROUPS = ("Owner", *TABLE)
LOGS = ("services.flaggedphrase",)  # written by the site alone


def allowed(group, label, action):
    if label in LOGS and action != "view":
        return False
    return group == "Owner" or ENQUIRY_ACTIONS[action] in TABLE[group].get(label, "")


@pytest.fixture
def member(client):
    """Return a browser signed in as a member of the group named."""

    def sign_in(group):
        user = User.objects.create_user("robin", is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return client

    return sign_in


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_may_do_what_the_table_says(group):
    user = User.objects.create_user("robin")
    user.groups.add(Group.objects.get(name=group))
    wrong = [
        (label, action)
        for label in MODELS
        for action in (ENQUIRY_ACTIONS if label == "contact.enquiry" else ACTIONS)
        if user.has_perm("{}.{}_{}".format(label.split(".")[0], action, label.split(".")[1]))
        != allowed(group, label, action)
    ]
    assert not wrong
    assert user.has_perm("services.change_registration") == (group == "Owner")
    assert user.has_perm("services.decide_flagged") == (group == "Owner")
    assert user.has_perm("services.enter_review") == (group == "Owner")
    for right, groups in ENQUIRY_RIGHTS.items():
        assert user.has_perm(f"contact.{right}") == (group in groups)


def test_a_right_is_called_as_what_it_is_about():
    named = Permission.objects.filter(content_type__app_label="blog", codename__endswith="_post")
    words = {f"Can {action} article" for action in ACTIONS}
    assert set(named.values_list("name", flat=True)) == words


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_opens_the_pages_the_table_says(member, sample_site, group):
    browser = member(group)
    for model in filter(admin.site.is_registered, apps.get_models()):
        label = model._meta.label_lower
        page = "admin:{}_{}".format(*label.split("."))
        listed = browser.get(reverse(f"{page}_changelist"), follow=True).status_code
        assert listed == (200 if allowed(group, label, "view") else 403), label
        if model not in (Clinic, Enquiry):
            added = browser.get(reverse(f"{page}_add")).status_code
            assert added == (200 if allowed(group, label, "add") else 403), label


def names_of(browser, model, row):
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return set(browser.get(reverse(page, args=[row.pk])).context["adminform"].form.fields)


def test_an_editor_changes_a_person_s_texts_alone(member, sample_site):
    names = names_of(member("Editor"), Practitioner, Practitioner.objects.first())
    assert names == {"summary", "biography", "languages", "portrait"}


@pytest.mark.parametrize("group", ["Front desk", "Editor"])
def test_hours_are_changed_without_the_address(member, sample_site, group):
    browser, location = member(group), Location.objects.get()
    page = reverse("admin:contact_location_change", args=[location.pk])
    response = browser.get(page)
    assert not response.context["adminform"].form.fields
    assert reverse("admin:contact_clinic_change", args=[location.clinic_id]) not in response.text
    assert [inline.opts.model.__name__ for inline in response.context["inline_admin_formsets"]] == [
        "WeeklyHours",
        "SpecialDay",
    ]
    hours, day = location.weekly_hours.all(), location.special_days.first()
    data = {
        "street_address": "99 Other Road",
        "weekly_hours-TOTAL_FORMS": 1,
        "weekly_hours-INITIAL_FORMS": 1,
        "weekly_hours-0-id": hours[0].pk,
        "weekly_hours-0-location": location.pk,
        "weekly_hours-0-weekday": 0,
        "weekly_hours-0-opens": "08:00",
        "weekly_hours-0-closes": "09:00",
        "special_days-TOTAL_FORMS": 1,
        "special_days-INITIAL_FORMS": 1,
        "special_days-0-id": day.pk,
        "special_days-0-location": location.pk,
        "special_days-0-day": day.day.isoformat(),
        "special_days-0-note": "Staff day",
    }
    assert browser.post(page, data).status_code == 302
    changed = Location.objects.get()
    assert changed.street_address == location.street_address
    assert f"{changed.weekly_hours.get(pk=hours[0].pk).opens:%H:%M}" == "08:00"
    assert changed.special_days.get(pk=day.pk).note == "Staff day"
    assert (
        browser.post(reverse("admin:contact_location_delete", args=[location.pk])).status_code
        == 403
    )


def test_only_one_above_all_groups_puts_another_there(member, sample_site):
    browser = member("Owner")
    page = reverse("admin:auth_user_change", args=[User.objects.get(username="robin").pk])
    assert "is_superuser" not in browser.get(page).context["adminform"].form.fields


def test_the_groups_are_unmade_and_made_again():
    migration = importlib.import_module("contact.migrations.0003_groups")
    migration.delete_groups(apps, None)
    assert not Group.objects.filter(name__in=GROUPS).exists()
    Permission.objects.all().delete()
    migration.create_groups(apps, None)
    assert Group.objects.get(name="Owner").permissions.count() > 90
    assert Group.objects.get(name="Front desk").permissions.count() == 14


def test_somebody_without_a_group_is_told_so(client):
    client.force_login(User.objects.create_user("robin", is_staff=True))
    html = client.get(reverse("admin:index")).content.decode()
    assert "Ask the owner to add your account to a group" in html
