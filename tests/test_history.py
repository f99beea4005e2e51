"""History: every save is recorded as one version of a thing with its parts."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from blog.models import Post, Topic
from clinic_site.history.snapshot import snapshot
from clinic_site.history.version import (
    OUTSIDE,
    Versioned,
    record_outside_changes,
    recording,
)
from clinic_site.models import Page, Version
from clinic_site.richtext.plain_text import annotated_text, plain_text
from contact.models import Clinic, Location
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def alex(db):
    return User.objects.create_superuser("alex", first_name="Alex", last_name="Sample")


@pytest.fixture
def desk(client, alex):
    client.force_login(alex)
    return client


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def change(desk, row, **typed):
    """Save a row's form with some fields typed anew, and return the new Version."""
    page = address(type(row), "change", row.pk)
    response = desk.post(page, typed_in(form_page(desk, page)) | typed)
    assert response.status_code == 302, response.context["errors"]
    return Version.objects.for_object(row).first()


def test_a_save_with_its_parts_and_links_is_one_version_by_who_did_it(desk, alex, post):
    page = address(Post, "change", post.pk)
    count = post.sources.count()
    before = record_outside_changes(post)
    typed = typed_in(form_page(desk, page)) | {
        "title": "Needles",
        "sources-TOTAL_FORMS": count + 1,
        f"sources-{count}-title": "A new study",
        f"sources-{count}-publisher": "Sample",
        f"sources-{count}-year": 2025,
        f"sources-{count}-order": 9,
        "sources-0-title": "Another title",
    }
    typed["services"] = typed["services"][:1]
    assert desk.post(page, typed).status_code == 302
    version = Version.objects.for_object(post).first()
    assert Version.objects.for_object(post).count() == 2
    assert (version.by, version.by_name) == (alex, "Alex Sample")
    new, old = version.state, before.state
    assert (old["title"], new["title"]) == (post.title, "Needles")
    assert len(new["services"]) == 1 < len(old["services"])
    assert len(new["sources"]) == count + 1 == len(old["sources"]) + 1
    (first, *_), (first_before, *_) = new["sources"], old["sources"]
    assert first["pk"] == first_before["pk"]
    assert first["title"] == "Another title" != first_before["title"]


def test_the_first_change_of_a_thing_made_in_bulk_keeps_how_it_was(desk, post):
    assert not Version.objects.exists()
    change(desk, post, summary="Another summary.")
    new, old = Version.objects.for_object(post)
    assert old.state["summary"] == post.summary != new.state["summary"]
    assert len(old.state["sources"]) == post.sources.count()


def test_a_save_that_changes_nothing_is_no_version(desk, post):
    change(desk, post)
    last = Version.objects.for_object(post).first()
    change(desk, post)
    Post.objects.get(pk=post.pk).save()
    assert record_outside_changes(post) == last


def test_a_deleted_account_keeps_its_name_in_the_history(desk, alex, post):
    change(desk, post, title="Needles")
    alex.delete()
    version = Version.objects.for_object(post).first()
    assert (version.by, version.by_name) == (None, "Alex Sample")


def test_what_changed_past_save_is_caught_up(post):
    record_outside_changes(post)
    Post.objects.filter(pk=post.pk).update(title="In bulk")
    post.sources.all()[:1].get().delete()
    Service.objects.filter(pk=post.services.first().pk).delete()
    last = record_outside_changes(post)
    assert (last.state, last.words) == (snapshot(post), OUTSIDE)
    assert last.state["title"] == "In bulk"


def test_a_new_field_of_the_model_is_no_change_by_anybody(desk, post):
    """Versions from before an update of the site lack its new fields, also those of parts."""
    first = record_outside_changes(post)
    first.state.pop("urgent_care")
    first.state["sources"][0].pop("url")
    first.token = "older"
    first.save()
    assert record_outside_changes(post) == first
    assert [one.words for one in Version.objects.for_object(post)] == [""]
    assert "urgent_care" in Version.objects.get().state
    change(desk, post, title="Needles")
    assert Version.objects.for_object(post).count() == 2


def test_old_text_is_kept_clean(post):
    with recording(post, None):
        post.body = '<p onclick="x()">Good</p><script>alert(1)</script>'
        post.save()
    body = Version.objects.for_object(post).first().state["body"]
    assert "Good" in body
    assert "script" not in body
    assert "onclick" not in body


def test_what_is_gone_takes_its_history_with_it():
    page = Page.objects.create(title="A", slug="a", summary="s")
    with recording(page, None):
        page.title = "B"
        page.save()
    assert Version.objects.for_object(page).count() == 2
    page.delete()
    assert not Version.objects.exists()


def test_enquiries_have_no_history():
    from contact.models import Delivery, Enquiry, EnquiryEvent

    assert not any(issubclass(model, Versioned) for model in (Enquiry, Delivery, EnquiryEvent))


def test_a_part_belongs_to_its_thing():
    person = Practitioner.objects.exclude(rosterings=None).first()
    first = record_outside_changes(person)
    person.rosterings.first().delete()
    last = record_outside_changes(person)
    assert len(last.state["rosterings"]) == len(first.state["rosterings"]) - 1
    assert list(Version.objects.all()) == [last, first]


def test_callouts_and_questions_are_named_in_words():
    html = (
        '<aside class="callout callout--urgent"><p>Call us.</p></aside><details class="question">'
        "<summary>Does it hurt?</summary><p>It can.</p></details>"
    )
    assert annotated_text(html).split("\n") == [
        "Callout (urgent):",
        "Call us.",
        "Question: Does it hurt?",
        "It can.",
    ]
    assert plain_text(html).split("\n")[:2] == ["When to get help fast", "Call us."]


@pytest.mark.parametrize("model", [Post, Service, Practitioner, Page, Topic, Clinic, Location])
def test_a_snapshot_lists_every_part_of_the_form(model):
    inlines = {inline.model for inline in admin.site.get_model_admin(model).inlines}
    parts = {model._meta.get_field(name).related_model for name in model.history_parts}
    assert parts == inlines
