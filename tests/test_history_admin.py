"""The history's pages: what a save changed in plain words, and the way back to how it was."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post, Topic
from clinic_site.history.changes import pieces
from clinic_site.history.snapshot import snapshot, token_of
from clinic_site.history.version import record_outside_changes, recording
from clinic_site.models import Page, Version
from contact.models import Clinic, Location
from services.models import Practitioner, Service
from tests.test_admin import address
from tests.test_history import change

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("alex", first_name="Alex"))
    return client


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def versions_page(desk, row, **query):
    return desk.get(address(type(row), "history", row.pk), query)


def version_page(desk, row, version):
    return desk.get(address(type(row), "version", row.pk, version.pk))


def restore(desk, row, version, seen=None):
    page = address(type(row), "version", row.pk, version.pk)
    return desk.post(page, {"_version": seen or token_of(snapshot(row))}, follow=True)


def undo(desk, row, seen=None):
    page = address(type(row), "undo", row.pk)
    return desk.post(page, {"_version": seen or token_of(snapshot(row))}, follow=True)


@pytest.mark.parametrize("model", [Post, Service, Practitioner, Page, Topic, Clinic, Location])
def test_every_kind_of_content_has_its_history(desk, model):
    row = model.objects.first()
    record_outside_changes(row)
    assert versions_page(desk, row).status_code == 200
    assert version_page(desk, row, Version.objects.for_object(row).get()).status_code == 200


def test_the_list_tells_who_changed_what_when(desk, post):
    change(desk, post, title="Needles", **{"sources-0-title": "Another"})
    change(desk, post, status="draft")
    response = versions_page(desk, post)
    told = [one["words"] for one in response.context["versions"]]
    assert told == [
        ["Changed back to a draft"],
        ["Title", "Review needed", "Sources"],
        ["First saved version"],
    ]
    assert response.text.count("Alex") >= 2


def test_a_change_is_shown_by_words_and_never_as_html(desk, post):
    change(desk, post, body='<h2>One</h2><p>Rest is <b>best</b>.</p><p><a href="/a/">Read</a></p>')
    last = change(
        desk, post, body='<h2>One</h2><p>Rest is <b>good</b>.</p><p><a href="/b/">Read</a></p>'
    )
    response = version_page(desk, post, last)
    assert [(one.label, one.pieces) for one in response.context["changed"]] == [
        (
            "Text",
            [
                ("same", "Heading: One\n"),
                ("same", "Rest is "),
                ("removed", "best.\n"),
                ("added", "good.\n"),
                ("same", "Read (link to "),
                ("removed", "/a/)"),
                ("added", "/b/)"),
            ],
        )
    ]
    assert "<ins>good.\n</ins>" in response.text
    assert "&lt;" not in response.text.split('class="history differences"')[1]


def test_keys_are_shown_as_names_and_a_change_of_look_is_told(desk, post):
    topic = Topic.objects.exclude(pk=post.topic_id).first()
    typed = {"topic": topic.pk, "services": [], "body": "<p>Same</p>"}
    change(desk, post, **typed)
    last = change(desk, post, topic=post.topic_id, body="<p><strong>Same</strong></p>")
    told = {one.label: one.pieces for one in version_page(desk, post, last).context["changed"]}
    assert dict(told["Topic"]) == {"removed": str(topic), "added": str(post.topic)}
    assert told["Text"][0][0] == "look"


def test_ends_of_lines_as_a_browser_sends_them_are_no_change(desk, post):
    Post.objects.filter(pk=post.pk).update(urgent_care="One\n\ntwo")
    last = change(desk, post, title="New", urgent_care="One\r\n\r\ntwo")
    changed = version_page(desk, post, last).context["changed"]
    assert "When to seek urgent care" not in [one.label for one in changed]


def test_long_texts_that_stayed_are_left_out():
    lines = [f"Line {number}\n" for number in range(50)]
    told = pieces("".join(lines), "".join([*lines, "The end"]))
    assert told == [
        ("omitted", "…"),
        ("same", "Line 49\n"),
        ("added", "The end"),
    ]


def test_a_version_comes_back_whole_as_a_new_one_and_stays_published(desk, post):
    first = record_outside_changes(post)
    before = snapshot(post)
    typed = {"title": "Needles", "body": "<p>Other</p>", "services": [], "sources-0-DELETE": "on"}
    change(desk, post, **typed)
    assert not post.services.exists()
    response = restore(desk, post, first)
    assert "Restored the version of" in response.text
    assert snapshot(post) == before | {"needs_review": snapshot(post)["needs_review"]}
    last = Version.objects.for_object(post).first()
    assert (last.by_name, last.words[:20]) == ("Alex", "Restored the version")
    assert Version.objects.for_object(post).count() == 3


def test_bringing_back_a_draft_s_text_does_not_take_the_page_down(desk, post):
    change(desk, post, status="draft", title="Draft")
    draft = Version.objects.for_object(post).first()
    change(desk, post, status="published", title="Done")
    restore(desk, post, draft)
    post.refresh_from_db()
    assert (post.title, post.status) == ("Draft", "published")


def test_what_is_gone_meanwhile_stays_away(desk, post):
    first = record_outside_changes(post)
    service, topic = post.services.first(), Topic.objects.create(title="New", slug="new")
    change(desk, post, topic=topic.pk, services=[])
    Topic.objects.get(pk=post.topic_id).posts.update(topic=topic)
    Topic.objects.get(pk=post.topic_id).delete()
    Service.objects.filter(pk=service.pk).delete()
    restore(desk, post, first)
    post.refresh_from_db()
    assert post.topic == topic
    assert service not in post.services.all()


def test_publishing_is_undone_by_one_press_and_that_is_undone_by_another(desk, post):
    change(desk, post, status="draft")
    change(desk, post, status="published", title="Too early")
    page = desk.get(address(Post, "change", post.pk))
    assert page.context["undo"]["words"] == "Undo publishing"
    undo(desk, post)
    assert desk.get(post.get_absolute_url()).status_code == 404
    undo(desk, post)
    assert "Too early" in desk.get(post.get_absolute_url()).text


def test_undoing_a_change_of_a_published_page_shows_the_one_before(desk, post):
    change(desk, post, title="Wrong")
    assert "Undo the last save" in versions_page(desk, post).text
    undo(desk, post)
    html = desk.get(post.get_absolute_url()).text
    assert post.title in html
    assert "Wrong" not in html


def test_undo_asks_first_and_shows_what_comes_back(desk):
    """Fees too, and what was added goes: nothing is lost without a question."""
    service = Service.objects.get(slug="massage-therapy")
    fee = service.fees.first()
    change(desk, service, **{"fees-0-name": "A new name", "questions-0-DELETE": "on"})
    page = desk.get(desk.get(address(Service, "change", service.pk)).context["undo"]["url"])
    assert "Undo the last save?" in page.text
    assert "Alex saved this on" in page.text
    assert f"<ins>{fee.name.split()[0]}" in page.text
    assert [one.label for one in page.context["would_change"]][-2:] == [
        "Fees",
        "Questions patients ask",
    ]
    assert service.fees.filter(name="A new name").exists()
    undo(desk, service)
    assert service.fees.get(pk=fee.pk).name == fee.name


@pytest.mark.parametrize("model", [Post, Service, Clinic, Location])
def test_undo_is_offered_only_for_a_save_that_somebody_made(desk, sample_history, model):
    row = model.objects.first()
    parts = {name: getattr(row, name).count() for name in model.history_parts}
    form, history = address(model, "change", row.pk), address(model, "history", row.pk)

    def is_offered():
        return any(desk.get(page).context["undo"] for page in (form, history))

    assert not is_offered()  # a sample
    assert "There is nothing to undo" in undo(desk, row).text
    model.objects.filter(pk=row.pk).update(**{model._meta.fields[2].name: row.pk})
    assert not is_offered()  # changed outside the admin
    assert "There is nothing to undo" in undo(desk, row).text
    record_outside_changes(row)
    assert not is_offered()
    assert "There is nothing to undo" in undo(desk, row).text
    assert parts == {name: getattr(row, name).count() for name in model.history_parts}


def test_undo_of_a_save_is_not_offered_once_something_else_changed_the_page(desk, post):
    change(desk, post, title="Needles")
    assert versions_page(desk, post).context["undo"]
    Post.objects.filter(pk=post.pk).update(summary="Changed by a script")
    assert not versions_page(desk, post).context["undo"]
    assert "There is nothing to undo" in undo(desk, post).text


def test_undo_is_not_offered_for_a_page_that_came_back_from_the_bin(desk, post):
    for moved in (post.move_to_trash, post.restore_from_trash):
        with recording(post, User.objects.get()):
            moved()
    assert not versions_page(desk, post).context["undo"]


def test_an_old_address_comes_back_with_its_version_and_leads_from_the_other(desk, post):
    old = post.get_absolute_url()
    change(desk, post, slug="moved")
    undo(desk, post)
    assert desk.get(old).status_code == 200
    assert desk.get("/blog/moved/")["Location"] == old


def test_what_may_not_be_saved_today_is_told_and_changes_nothing(desk):
    page = Page.objects.get(slug="about")
    first = record_outside_changes(page)
    change(desk, page, slug="moved")
    Page.objects.create(title="New", slug="about")
    response = restore(desk, page, first)
    assert "Page address (URL): " in response.text
    page.refresh_from_db()
    assert page.slug == "moved"


def test_a_save_by_somebody_else_meanwhile_is_not_lost(desk, post):
    first = record_outside_changes(post)
    change(desk, post, title="Mine")
    seen = token_of(snapshot(post))
    change(desk, post, title="Theirs")
    for act in (undo(desk, post, seen), restore(desk, post, first, seen)):
        assert "Somebody else has just saved this" in act.text
    post.refresh_from_db()
    assert post.title == "Theirs"


def test_who_may_not_change_all_of_it_sees_the_history_alone(client, post):
    robin = User.objects.create_user("robin", is_staff=True)
    robin.groups.add(Group.objects.get(name="Editor"))
    client.force_login(robin)
    location = Location.objects.get()
    first = record_outside_changes(location)
    with recording(location, None, "Moved"):
        location.name = "Other"
        location.save()
    response = version_page(client, location, first)
    assert response.status_code == 200
    assert response.context["would_change"]
    assert "Restore this version</button>" not in response.text
    assert restore(client, location, first).status_code == 403
    assert undo(client, location).status_code == 403
    assert client.get(address(Clinic, "history", location.clinic_id)).status_code == 403
    assert client.get(address(Location, "undo", location.pk)).status_code == 403
    assert client.get(address(Post, "version", post.pk, 999999)).status_code == 404


def test_who_may_not_change_a_registration_brings_none_back(client):
    robin = User.objects.create_user("robin", is_staff=True)
    names = ("change_practitioner", "change_rostering")
    robin.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(robin)
    priya = Practitioner.objects.get(slug="priya-sample")
    first = record_outside_changes(priya)
    change(client, priya, summary="Other words")
    assert restore(client, priya, first).status_code == 403
    assert undo(client, priya).status_code == 403
    robin.user_permissions.add(Permission.objects.get(codename="change_registration"))
    assert undo(client, priya).status_code == 200


def test_the_list_takes_as_many_queries_for_many_versions_and_has_pages(desk, post, monkeypatch):
    monkeypatch.setattr("clinic_site.editing.history.VERSIONS_A_PAGE", 5)
    services = list(Service.objects.all())

    def saves(number):
        for n in range(number):
            with recording(post, None, f"Save {n}"):
                post.title = f"{timezone.now() + timedelta(n)}"
                post.save()
                post.services.set(services[n % 3 :])
                post.sources.first().save()

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert versions_page(desk, post).status_code == 200
        return len(found)

    queries()  # the first one catches up
    saves(6)
    few = queries()
    saves(8)
    assert queries() == few
    assert "Page 1 of 3" in versions_page(desk, post).text
    assert versions_page(desk, post, page=3).context["versions"][-1]["words"]
