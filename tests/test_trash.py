"""The bin: what staff delete leaves the site, can be brought back whole, and is gone in the end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from blog.models import Post
from clinic_site.management.commands.run_daily import empty_trash
from clinic_site.models import Page
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
SURE = {"post": "yes"}
ROWS = [
    (Post, "what-is-dry-needling"),
    (Service, "dry-needling"),
    (Practitioner, "priya-sample"),
    (Page, "about"),
]


@pytest.fixture
def editor(client):
    client.force_login(User.objects.create_superuser("alex"))
    return client


def act(browser, model, name, *rows, **query):
    chosen = {"action": name, "_selected_action": [row.pk for row in rows], **SURE}
    return browser.post(address(model, "changelist"), chosen, query_params=query)


@pytest.mark.parametrize(("model", "slug"), ROWS)
def test_a_deleted_row_leaves_the_site_and_comes_back_as_it_was(editor, model, slug):
    row = model.objects.get(slug=slug)
    asked = editor.get(address(model, "delete", row.pk)).text
    assert "You can restore it" in asked
    told = editor.post(address(model, "delete", row.pk), SURE, follow=True).text
    assert "You can restore it for 30 days" in told
    assert editor.get(row.get_absolute_url()).status_code == 404
    assert editor.get("/").status_code == editor.get("/blog/").status_code == 200
    assert row not in editor.get(address(model, "changelist")).context["cl"].queryset
    assert row in editor.get(address(model, "changelist"), {"bin": 1}).context["cl"].queryset

    act(editor, model, "restore_from_trash", row, bin=1)
    assert editor.get(row.get_absolute_url()).status_code == 200
    assert row in editor.get(address(model, "changelist")).context["cl"].queryset


def test_the_history_says_who_moved_what_to_the_bin_and_restored_it(editor):
    page = Page.objects.get(slug="about")
    editor.post(address(Page, "delete", page.pk), SURE)
    act(editor, Page, "restore_from_trash", page, bin=1)
    act(editor, Page, "move_to_trash", page)
    act(editor, Page, "restore_from_trash", page, bin=1)
    versions = editor.get(address(Page, "history", page.pk)).context["versions"]
    said = [(one["version"].by_name, one["words"]) for one in versions]
    restored, moved = ["Restored from the bin"], ["Moved to the bin"]
    assert [words for _, words in said[:4]] == [restored, moved, restored, moved]
    assert {name for name, _ in said[:4]} == {"alex"}


def test_a_service_brought_back_has_its_fees_people_and_articles(editor):
    service = Service.objects.get(slug="dry-needling")

    def belongings():
        return [set(rows.all()) for rows in (service.fees, service.practitioners, service.posts)]

    kept = belongings()
    assert all(kept)
    act(editor, Service, "move_to_trash", service)
    assert editor.get(service.get_absolute_url()).status_code == 404
    act(editor, Service, "restore_from_trash", service, bin=1)
    assert [
        set(rows.all()) for rows in (service.fees, service.practitioners, service.posts)
    ] == kept


def test_a_page_the_site_needs_does_not_go_with_the_others(editor):
    act(editor, Page, "move_to_trash", *Page.objects.filter(slug__in=["privacy", "about"]))
    assert [page.slug for page in Page.objects.in_trash()] == ["about"]


def test_only_the_bin_deletes_for_good(editor):
    post = Post.objects.get(slug="what-is-dry-needling")
    act(editor, Post, "delete_selected", post)
    assert Post.objects.filter(pk=post.pk).exists()
    post.move_to_trash()
    act(editor, Post, "delete_selected", post, bin=1)
    assert not Post.objects.filter(pk=post.pk).exists()


def test_an_address_in_the_bin_is_told_as_taken(editor):
    Page.objects.get(slug="about").move_to_trash()
    response = editor.post(address(Page, "add"), {"title": "About", "slug": "about"})
    assert "or one in the bin" in response.context["adminform"].errors["slug"][0]


def test_who_may_not_delete_may_not_restore(client):
    robin = User.objects.create_user("robin", is_staff=True)
    robin.groups.add(Group.objects.get(name="Physiotherapist"))
    client.force_login(robin)
    post = Post.objects.get(slug="what-is-dry-needling")
    act(client, Post, "move_to_trash", post)
    assert post in Post.objects.not_trashed()
    post.move_to_trash()
    act(client, Post, "restore_from_trash", post, bin=1)
    assert post in Post.objects.in_trash()


def test_the_bin_is_emptied_after_thirty_days_of_what_nothing_needs():
    now = timezone.now()
    Page.objects.filter(slug="about").update(trashed_at=now - timedelta(days=29, hours=23))
    Post.objects.filter(slug="what-is-dry-needling").update(trashed_at=now - timedelta(days=31))
    author = Post.objects.exclude(slug="what-is-dry-needling").first().author
    Practitioner.objects.filter(pk=author.pk).update(trashed_at=now - timedelta(days=31))
    empty_trash()
    assert Page.objects.filter(slug="about").exists()
    assert not Post.objects.filter(slug="what-is-dry-needling").exists()
    assert Practitioner.objects.filter(pk=author.pk).exists()


def choices(browser, row, name):
    """Return the words of what a row's form lets choose in a field, by key."""
    page = browser.get(
        address(type(row), "change", row.pk) if row.pk else address(type(row), "add")
    )
    offered = page.context["adminform"].form.fields[name].choices
    return {getattr(key, "value", key): words for key, words in offered}


@pytest.mark.parametrize(
    ("model", "name"),
    [(Post, "author"), (Post, "reviewer"), (Post, "services"), (Service, "practitioners")],
)
def test_what_lies_in_the_bin_cannot_be_chosen(editor, model, name):
    related = model._meta.get_field(name).related_model
    one = related.objects.create(**{related.titled_by: "New"}, slug="new")
    row = model.objects.first()
    assert one.pk in choices(editor, row, name)
    one.move_to_trash()
    assert one.pk not in choices(editor, row, name)
    assert one.pk not in choices(editor, model(), name)
    form = editor.get(address(model, "change", row.pk))
    value = [one.pk] if model._meta.get_field(name).many_to_many else one.pk
    answer = editor.post(address(model, "change", row.pk), typed_in(form) | {name: value})
    assert name in answer.context["adminform"].form.errors


def test_a_row_that_has_what_lies_in_the_bin_says_so_and_is_saved_as_it_is(editor):
    post = Post.objects.get(slug="what-is-dry-needling")
    service = post.services.first()
    for one in (post.author, service):
        one.move_to_trash()
    assert choices(editor, post, "author")[post.author_id] == f"{post.author} (in the bin)"
    assert choices(editor, post, "services")[service.pk] == f"{service} (in the bin)"
    page = address(Post, "change", post.pk)
    sent = typed_in(form_page(editor, page)) | {"title": "New"}
    assert editor.post(page, sent).status_code == 302
    saved = Post.objects.get(title="New")
    assert saved.author_id == post.author_id
    assert service in saved.services.all()


@pytest.mark.parametrize(
    ("model", "name"), [(Post, "author"), (Service, "practitioners")], ids=["author", "provider"]
)
def test_a_list_is_not_filtered_by_what_lies_in_the_bin(editor, model, name):
    page = address(model, "changelist")
    binned, kept = Practitioner.objects.all()[:2]
    binned.move_to_trash()

    def offered():
        specs = editor.get(page).context["cl"].filter_specs
        (spec,) = [one for one in specs if getattr(one, "field_path", "") == name]
        return dict(spec.lookup_choices)

    assert kept.pk in offered()
    assert binned.pk not in offered()
    binned.restore_from_trash()
    assert binned.pk in offered()
