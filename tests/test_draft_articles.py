"""Articles begun with a title alone: saved, previewed and shared, and published only when whole."""

from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, transaction

from blog.models import Post, Topic
from clinic_site.history.snapshot import snapshot, token_of
from clinic_site.history.version import record_outside_changes
from clinic_site.models import Page, ShareLink
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
BARE = {"title": "Why knees click"}


def new(browser, **typed):
    """Return what a browser sends of a new form in which a person typed."""
    return typed_in(form_page(browser, address(Post, "add"))) | typed


@pytest.fixture
def draft(editor):
    assert editor.post(address(Post, "add"), new(editor, **BARE)).status_code == 302
    return Post.objects.get(**BARE)


def test_a_title_alone_is_a_draft_with_an_address_of_its_words(draft):
    assert (draft.slug, draft.status) == ("why-knees-click", "draft")
    assert draft.topic is draft.author is None


@pytest.mark.parametrize("model", [Service, Page])
def test_a_service_and_a_page_begin_with_a_title_too(editor, model):
    page = address(model, "add")
    typed = typed_in(form_page(editor, page)) | BARE
    assert "<h1>Why knees click</h1>" in editor.post(address(model, "preview_new"), typed).text
    assert editor.post(page, typed).status_code == 302


def test_it_is_opened_listed_and_saved_again(editor, draft):
    assert draft.title in editor.get(address(Post, "changelist")).text
    assert draft.title in editor.get("/admin/").text
    page = address(Post, "change", draft.pk)
    sent = typed_in(form_page(editor, page)) | {"summary": "They often do."}
    assert editor.post(page, sent).status_code == 302
    for name in ("history", "review", "saved"):
        assert editor.get(address(Post, name, draft.pk)).status_code == 200


@pytest.mark.parametrize("is_stored", [False, True])
def test_it_is_previewed_with_words_in_the_place_of_what_lacks(request, editor, is_stored):
    row = request.getfixturevalue("draft") if is_stored else None
    page = address(Post, "preview", row.pk) if row else address(Post, "preview_new")
    typed = new(editor, **BARE) | ({"slug": row.slug} if row else {})
    topics, people = Topic.objects.count(), Practitioner.objects.count()
    for _ in range(2):
        shown = editor.post(page, typed)
        assert shown.status_code == 200
        assert "<h1>Why knees click</h1>" in shown.text
        assert "Topic not set" in shown.text
        assert "Author not set" in shown.text
    assert (Topic.objects.count(), Practitioner.objects.count()) == (topics, people)
    assert Post.objects.filter(**BARE).count() == is_stored


def test_it_is_shown_by_a_link(client, draft):
    link = ShareLink.objects.create(obj=draft)
    client.logout()
    assert "Topic not set" in client.get(urlsplit(link.url).path).text


@pytest.mark.parametrize("name", ["topic", "author"])
def test_publishing_asks_for_what_lacks_beside_its_field(editor, name):
    post = Post.objects.published().first()
    page = address(Post, "change", post.pk)
    sent = typed_in(form_page(editor, page)) | {name: ""}
    errors = editor.post(page, sent).context["adminform"].form.errors
    assert list(errors) == [name]
    assert "before you publish" in errors[name][0]
    later = sent | {"publish_at": "2099-01-01T08:00"}
    assert list(editor.post(page, later).context["adminform"].form.errors) == [name]
    assert editor.post(page, sent | {"status": "draft"}).status_code == 302


@pytest.mark.parametrize("name", ["topic", "author"])
def test_the_database_keeps_no_published_article_without_it(name):
    post = Post.objects.published().first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(**{name: None})
    Post.objects.filter(pk=post.pk).update(**{name: None, "status": "draft"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(status="published")


def test_an_old_version_that_lacks_it_is_not_brought_back_to_a_public_page(editor, draft):
    page = address(Post, "change", draft.pk)
    first = record_outside_changes(draft)
    other = Post.objects.published().first()
    whole = {"topic": other.topic, "author": other.author, "reviewer": other.reviewer}
    Post.objects.filter(pk=draft.pk).update(
        **whole,
        status="published",
        summary="Short",
        reviewed_on=other.reviewed_on,
        review_due_on=other.review_due_on,
    )
    version = form_page(editor, page).context_data["version"]
    answer = editor.post(
        address(Post, "version", draft.pk, first.pk), {"_version": version}, follow=True
    )
    assert "Choose a topic before you publish." in answer.text
    draft.refresh_from_db()
    assert draft.topic == other.topic


def test_a_draft_that_was_refused_is_not_linked_to_as_if_readers_saw_it(editor, draft):
    page = address(Post, "change", draft.pk)
    answer = editor.post(page, typed_in(form_page(editor, page)) | {"status": "published"})
    assert set(answer.context["adminform"].form.errors) >= {"topic", "author", "summary"}
    assert "View on site" not in answer.text


@pytest.mark.parametrize("title", ["🦵", "膝"])
def test_a_title_that_makes_no_address_asks_for_one(editor, title):
    errors = editor.post(address(Post, "add"), new(editor, title=title)).context["errors"]
    assert "Use only letters" in str(errors)


def test_a_title_that_stands_already_asks_for_another_address(editor, draft):
    form = editor.post(address(Post, "add"), new(editor, **BARE)).context["adminform"].form
    assert "already has this address" in form.errors["slug"][0]


def test_a_known_address_is_not_made_anew(editor, draft):
    page = address(Post, "change", draft.pk)
    sent = typed_in(form_page(editor, page)) | {"title": "Other", "slug": ""}
    assert list(editor.post(page, sent).context["adminform"].form.errors) == ["slug"]


def test_a_version_without_a_summary_is_restored(editor, draft):
    page = address(Post, "change", draft.pk)
    first = record_outside_changes(draft)
    sent = typed_in(form_page(editor, page)) | {"summary": "They often do."}
    assert editor.post(page, sent).status_code == 302
    draft.refresh_from_db()
    data = {"_version": token_of(snapshot(draft))}
    editor.post(address(Post, "version", draft.pk, first.pk), data)
    draft.refresh_from_db()
    assert draft.summary == ""


def test_a_form_without_a_title_has_one_error(editor):
    answer = editor.post(address(Post, "add"), new(editor, title="", slug=""))
    assert list(answer.context["adminform"].form.errors) == ["title"]
