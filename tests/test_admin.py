"""The admin: every page opens, what is typed is checked beside its field, texts come in clean."""

import re
from contextlib import ExitStack
from datetime import timedelta
from unittest import mock

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.template.response import TemplateResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Post, Topic
from clinic_site.models import Page
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.usage import models_with
from clinic_site.web.redirects import PublicPage
from contact.models import Clinic, Delivery, Enquiry, Location
from services.compliance.admin import CheckedForm
from services.models import FlaggedPhrase, Practitioner, Service

pytestmark = pytest.mark.django_db
REGISTERED = filter(admin.site.is_registered, apps.get_models())
MODELS = sorted(REGISTERED, key=lambda model: model._meta.label)
# What the content policy forbids: styles, scripts and handlers inside the page.
INLINE = re.compile(
    r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|type=\"text/template\"|nonce=))"
)


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("alex", "alex@clinic.example", "sample")


@pytest.fixture
def desk(client, owner):
    """A browser of somebody who may do everything."""
    client.force_login(owner)
    return client


@pytest.fixture
def enquiry(sample_site):
    typed = {"name": "Ana Sample", "phone": "+19055550111", "service": Service.objects.first()}
    return Enquiry.objects.create_once(
        typed, "key", ["front@clinic.example", "desk@clinic.example"]
    )


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_page(browser, page):
    """Return the answer to opening a form, without what is only printed: most of the work."""
    not_printed = (
        mock.patch.object(TemplateResponse, "rendered_content", ""),
        mock.patch.object(admin.AdminSite, "get_app_list", return_value=[]),
        mock.patch.object(CheckedForm, "checks"),
    )
    with ExitStack() as patched:
        for one in not_printed:
            patched.enter_context(one)
        return browser.get(page)


def typed_in(response):
    """Return a form page's fields as a browser would send them back unchanged."""
    context = response.context_data
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, list):
                data[field.html_name] = [getattr(one, "pk", one) for one in value]
            elif value is True:
                data[field.html_name] = "on"
            elif value is not None and value is not False:
                shown = field.field.widget.format_value(value)
                data[field.html_name] = shown[0] if isinstance(shown, list) else shown
    return {name: value for name, value in data.items() if value not in (None, "")}


def test_the_article_admin_stays_readable():
    ours = ("clinic_site", "blog", "services")
    classes = [
        one
        for one in type(admin.site.get_model_admin(Post)).__mro__
        if one.__module__.startswith(ours)
    ]
    assert len(classes) - 1 <= 6
    assert len([one for one in classes if "render_change_form" in vars(one)]) <= 2


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_of_a_model_opens(desk, enquiry, model):
    pages = {address(model, "changelist"): 200}
    pages[address(model, "add")] = 403 if model in (Clinic, Enquiry, FlaggedPhrase) else 200
    ends = [*model.objects.order_by("pk")[:1], *model.objects.order_by("-pk")[:1]]
    pages |= {address(model, "change", row.pk): 200 for row in ends}
    for page, status in pages.items():
        answer = desk.get(page, follow=True)
        assert answer.status_code == status, page
        assert not INLINE.search(answer.text), page


@pytest.mark.parametrize("model", [Post, Service, Practitioner, Page, Location, Topic, Clinic])
def test_a_form_links_to_its_page_and_unchanged_it_stays_valid(desk, sample_site, model):
    for row in model.objects.all():
        page = address(model, "change", row.pk)
        opened = form_page(desk, page)
        if issubclass(model, PublicPage):
            assert opened.context_data["absolute_url"] == row.get_absolute_url()
        response = desk.post(page, typed_in(opened))
        assert response.status_code == 302, response.context["errors"]


@pytest.mark.parametrize("model", [Post, Service, Page, Practitioner, Enquiry])
def test_a_list_asks_the_database_as_often_however_long_it_is(desk, enquiry, model):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address(model, "changelist")).status_code == 200
        return len(asked)

    desk.get(address(model, "changelist"))
    before = queries()
    for number in range(5):
        row = model.objects.first()
        row.pk = None
        row._state.adding = True
        if model is Enquiry:
            row.reference = f"REF{number}"
            row.token = row.submission_key = f"copy-{number}"
        else:
            row.slug = f"copy-{number}"
            if model is Practitioner:
                row.account = None
        row.save()
        if model is Enquiry:
            Delivery.objects.create(enquiry=row, address="front@clinic.example")
    assert queries() == before


TEXTS = [(Post, "body"), (Service, "risks"), (Practitioner, "biography")]


@pytest.mark.parametrize(("model", "text"), TEXTS)
def test_a_list_reads_no_long_text(desk, sample_site, model, text):
    assert model.objects.exists()
    with CaptureQueriesContext(connection) as asked:
        desk.get(address(model, "changelist"))
    column = f'"{model._meta.db_table}"."{text}"'
    assert not [query["sql"] for query in asked if column in query["sql"]]


def test_the_dashboard_groups_models_as_staff_think(desk, sample_site):
    response = desk.get("/admin/")
    assert [section["name"] for section in response.context["app_list"]] == [
        "Enquiries",
        "Articles",
        "Services and team",
        "Clinic",
        "Pages and images",
        "Staff accounts",
    ]
    assert Clinic.objects.get().name in response.content.decode()


def test_the_clinic_is_one_row(desk, sample_site):
    clinic = Clinic.objects.get()
    page = address(Clinic, "change", clinic.pk)
    assert desk.get(address(Clinic, "changelist")).headers["Location"] == page
    assert desk.post(address(Clinic, "delete", clinic.pk), {"post": "yes"}).status_code == 403


def test_the_home_page_has_room_for_four_facts(desk, sample_site):
    clinic = Clinic.objects.get()
    page = address(Clinic, "change", clinic.pk)
    data = typed_in(form_page(desk, page))
    count = clinic.facts.count()
    data["facts-TOTAL_FORMS"] = 5
    data |= {f"facts-{number}-label": "One more" for number in range(count, 5)}
    data |= {f"facts-{number}-order": 9 for number in range(count, 5)}
    response = desk.post(page, data)
    assert "at most 4 forms" in response.content.decode()


def test_a_service_is_saved_with_its_fees(desk, sample_site):
    data = typed_in(form_page(desk, address(Service, "add"))) | {
        "title": "Shockwave",
        "slug": "shockwave",
        "summary": "Sound waves for a stubborn tendon.",
        "status": "published",
        "joint": "elbow",
        "practitioners": [Practitioner.objects.first().pk],
        "reviewer": Practitioner.objects.first().pk,
        "reviewed_on": "2026-01-02",
        "review_due_on": "2027-01-02",
        "body": "<h2>What it is</h2><p>Waves.</p>",
        "fees-TOTAL_FORMS": 1,
        "fees-0-name": "First visit",
        "fees-0-minutes": 45,
        "fees-0-price": "120.00",
        "fees-0-visits": 1,
        "fees-0-effective_on": "2026-01-02",
        "fees-0-order": 0,
    }
    response = desk.post(address(Service, "add"), data)
    assert response.status_code == 302, response.context["errors"]
    service = Service.objects.get(slug="shockwave")
    assert [fee.name for fee in service.fees.all()] == ["First visit"]
    assert service.practitioners.count() == 1
    assert '<h2 id="h-what-it-is">' in service.body


@pytest.mark.parametrize("model", [Post, Service, Page, Topic, Practitioner])
def test_a_taken_address_is_told_beside_the_field(desk, sample_site, model):
    second = model.objects.exclude(slug__in=("fees", "privacy")).last()
    first = model.objects.exclude(pk=second.pk).first()
    page = address(model, "change", second.pk)
    response = desk.post(page, typed_in(form_page(desk, page)) | {"slug": first.slug})
    errors = response.context["adminform"].form.errors
    assert list(errors) == ["slug"]
    assert "already has this address" in errors["slug"][0]


@pytest.mark.parametrize("slug", ["blog", "contact", "services", "team", "admin"])
def test_a_page_cannot_take_an_address_of_the_site(desk, sample_site, slug):
    page = address(Page, "change", Page.objects.get(slug="about").pk)
    response = desk.post(page, typed_in(form_page(desk, page)) | {"slug": slug})
    assert "uses this address itself" in response.context["adminform"].form.errors["slug"][0]


def test_a_page_the_site_needs_keeps_its_address_and_stays(desk, sample_site):
    page = Page.objects.get(slug="privacy")
    assert "slug" not in desk.get(address(Page, "change", page.pk)).context["adminform"].form.fields
    assert desk.post(address(Page, "delete", page.pk), {"post": "yes"}).status_code == 403


def test_a_draft_needs_no_summary_and_a_published_post_does(desk, sample_site):
    post = Post.objects.first()
    page = address(Post, "change", post.pk)
    data = typed_in(form_page(desk, page)) | {"summary": ""}
    response = desk.post(page, data)
    assert list(response.context["adminform"].form.errors) == ["summary"]
    assert desk.post(page, data | {"status": "draft"}).status_code == 302


def test_a_new_row_s_address_follows_its_title_and_a_known_one_stays(desk, sample_site):
    assert "prepopulated" in desk.get(address(Post, "add")).content.decode()
    response = desk.get(address(Post, "change", Post.objects.first().pk))
    assert not response.context["adminform"].prepopulated_fields


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [
        ("18:00", "20:00", "These hours overlap with 9:00 am to 7:00 pm."),
        ("08:00", "00:00", "These hours overlap with 9:00 am to 7:00 pm."),
        ("19:00", "20:00", None),
        ("20:00", "19:30", "The closing time must be after the opening time."),
    ],
)
def test_weekly_hours_that_overlap_are_told_beside_the_row(
    desk, sample_site, opens, closes, message
):
    location = Location.objects.get()
    page = address(Location, "change", location.pk)
    count = location.weekly_hours.count()
    data = typed_in(form_page(desk, page)) | {
        "weekly_hours-TOTAL_FORMS": count + 1,
        f"weekly_hours-{count}-weekday": 0,
        f"weekly_hours-{count}-opens": opens,
        f"weekly_hours-{count}-closes": closes,
    }
    response = desk.post(page, data)
    if message is None:
        assert response.status_code == 302
    else:
        row = response.context["inline_admin_formsets"][0].formset.forms[count]
        assert [message] in row.errors.values()


def test_what_is_wrong_in_a_long_form_is_linked_to(desk, sample_site):
    service = Service.objects.filter(fees__isnull=False).first()
    page = address(Service, "change", service.pk)
    data = typed_in(form_page(desk, page))
    assert 'class="fields-in-error"' not in desk.get(page).text
    html = desk.post(page, data | {"title": "", "status": "lost", "fees-0-effective_on": "x"}).text
    links = re.search(r'<ul class="fields-in-error".*?</ul>', html, re.DOTALL)[0]
    found = re.findall(r'href="#([^"]+)">([^<]+)<', links)
    assert found == [
        ("id_title", "Title"),
        ("id_status_error", "Status"),
        ("id_fees-0-effective_on", "Fees, row 1: In force from"),
    ]
    assert all(f'id="{place}"' in html for place, _ in found)


def test_a_row_in_error_is_linked_to_as_a_whole(desk, sample_site):
    practitioner = Practitioner.objects.filter(rosterings__isnull=False).first()
    page = address(Practitioner, "change", practitioner.pk)
    count, act = practitioner.rosterings.count(), practitioner.rosterings.first().act
    twice = {"rosterings-TOTAL_FORMS": count + 1, f"rosterings-{count}-act": act}
    html = desk.post(page, typed_in(form_page(desk, page)) | twice).text
    for place in ("rosterings-group", f"rosterings-{count}"):
        assert f'<a href="#{place}">' in html
        assert f'id="{place}"' in html


def test_a_special_day_is_closed_or_has_hours(desk, sample_site):
    location = Location.objects.get()
    page = address(Location, "change", location.pk)
    day, count = location.special_days.first().day, location.special_days.count()
    response = desk.post(
        page,
        typed_in(form_page(desk, page))
        | {
            "special_days-TOTAL_FORMS": count + 1,
            f"special_days-{count}-day": day.isoformat(),
            f"special_days-{count}-opens": "10:00",
            f"special_days-{count}-closes": "12:00",
        },
    )
    row = response.context["inline_admin_formsets"][1].formset.forms[count]
    assert row.errors == {"opens": ["This day is here twice, once as closed all day. Remove one."]}


def test_an_unknown_time_zone_is_told_beside_its_field(desk, sample_site):
    page = address(Location, "change", Location.objects.get().pk)
    answer = desk.post(page, typed_in(form_page(desk, page)) | {"time_zone": "Toronto"})
    words = ["Enter a time zone, for example America/Toronto."]
    assert answer.context["adminform"].form.errors == {"time_zone": words}


@pytest.mark.parametrize("model", [Post, Service, Page, Practitioner, Topic])
def test_a_page_of_each_model_opens(client, sample_site, model):
    assert client.get(model.objects.last().get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("status", "days", "words"),
    [
        ("draft", -1, "it is a draft"),
        ("archived", -1, "it is archived"),
        ("published", 3, "Goes live"),
    ],
)
def test_what_readers_cannot_see_says_why(desk, sample_site, status, days, words):
    post = Post.objects.first()
    post.status, post.publish_at = status, timezone.now() + timedelta(days=days)
    post.save()
    response = desk.get(address(Post, "change", post.pk))
    assert response.context.get("absolute_url") is None
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "No recipient"),
        (["waiting"], "Waiting to be sent"),
        (["accepted", "accepted"], ">Sent<"),
        (["accepted", "refused"], "Rejected, still trying (1), Sent (1)"),
    ],
)
def test_the_list_of_enquiries_says_how_the_mail_stands(desk, enquiry, states, words):
    enquiry.deliveries.all().delete()
    for number, state in enumerate(states):
        enquiry.deliveries.create(address=f"{number}@clinic.example", state=state)
    html = desk.get(address(Enquiry, "changelist")).content.decode()
    assert words in html
    assert enquiry.name in html


def test_an_enquiry_is_only_read_and_its_private_parts_stay_hidden(desk, enquiry):
    page = address(Enquiry, "change", enquiry.pk)
    html = desk.get(page).content.decode()
    assert "tel:+1-905-555-0111" in html
    assert "front@clinic.example" in html
    assert enquiry.token not in html
    assert desk.post(page, {"name": "Other"}).status_code == 405
    assert desk.post(address(Enquiry, "delete", enquiry.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["index", "password_change"])
def test_other_admin_pages_have_no_inline_style_nor_script(desk, enquiry, name):
    assert not INLINE.search(desk.get(reverse(f"admin:{name}")).text)


def test_date_and_time_are_one_field_with_one_label(desk, sample_site):
    html = desk.get(address(Post, "add")).content.decode()
    assert re.search(r'<input type="datetime-local" name="publish_at"', html)
    assert "publish_at_0" not in html


# Rich text, on every way into the database

PROSE = [(model, field.name) for model, fields in models_with(ProseField) for field in fields]
BAD = '<p onclick="x()">Good</p><script>alert(1)</script><img src="https://evil.example/x.png">'


def test_there_are_rich_texts():
    assert {model for model, _ in PROSE} >= {Post, Service, Page, Practitioner}


def stored(model, name, row):
    return model.objects.filter(pk=row.pk).values_list(name, flat=True).get()


def assert_clean(html):
    assert "Good" in html
    assert not re.search("script|onclick|evil", html)


@pytest.mark.parametrize(("model", "name"), PROSE)
def test_rich_text_is_clean_on_every_way_in(sample_site, model, name, tmp_path):
    row = model.objects.first()
    setattr(row, name, BAD)
    row.save()
    assert_clean(stored(model, name, row))

    model.objects.filter(pk=row.pk).update(**{name: BAD})
    assert_clean(stored(model, name, row))

    fixture = tmp_path / "rows.json"
    row.refresh_from_db()
    setattr(row, name, BAD)
    fixture.write_text(serializers.serialize("json", [row]))
    assert "<script>" in fixture.read_text()
    call_command("loaddata", fixture, verbosity=0)
    assert_clean(stored(model, name, row))

    model.objects.bulk_update([row], [name])
    assert_clean(stored(model, name, row))

    for way in ("create", "bulk_create"):
        row.pk, row._state.adding, row.slug = None, True, way
        if model is Practitioner:
            row.account = None
        setattr(row, name, BAD)
        model.objects.bulk_create([row]) if way == "bulk_create" else row.save(force_insert=True)
        assert_clean(model.objects.filter(slug=way).values_list(name, flat=True).get())
