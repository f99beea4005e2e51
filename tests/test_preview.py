"""Preview: the unsaved form as its real page, for who may save it, and nothing is kept."""

import pytest
from django.contrib.auth.models import Group, User

from blog.models import Post
from clinic_site.models import Page, Version
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def preview(browser, row, **typed):
    form = typed_in(form_page(browser, address(type(row), "change", row.pk)))
    return browser.post(address(type(row), "preview", row.pk), form | typed)


@pytest.mark.parametrize("model", [Post, Service, Page, Practitioner])
def test_every_model_with_a_page_shows_the_real_one(editor, client, model):
    row = model.objects.first()
    answer = preview(editor, row, summary="Marker of a preview")
    assert answer.status_code == 200
    assert "Marker of a preview" in answer.text
    assert "Preview: not saved, not published." in answer.text
    public = client.get(row.get_absolute_url()).text
    assert "Preview:" not in public
    assert answer.text.count("<h2") == public.count("<h2")


def test_nothing_of_it_is_stored(editor, post):
    versions = Version.objects.count()
    typed = {"sources-0-title": "Marker source", "services": [], "title": "Marker", "slug": "other"}
    answer = preview(editor, post, **typed)
    assert "Marker source" in answer.text
    assert "Related services" not in answer.text
    stored = Post.objects.get(pk=post.pk)
    assert (stored.title, stored.slug) == (post.title, post.slug)
    assert stored.services.count() == post.services.count() > 0
    assert not stored.sources.filter(title="Marker source").exists()
    assert Version.objects.count() == versions


def test_it_is_sanitised_as_a_save_is(editor, post):
    answer = preview(editor, post, body="<p>Fine</p><script>alert(1)</script><p onclick=x>Too</p>")
    assert "<p>Fine</p>" in answer.text
    assert "alert(1)" not in answer.text
    assert "onclick" not in answer.text


def test_a_new_article_is_shown_before_it_exists(editor):
    old = Post.objects.first()
    typed = typed_in(form_page(editor, address(Post, "add"))) | {
        "title": "Brand new", "slug": "brand-new", "topic": old.topic_id, "author": old.author_id,
        "status": "published"}  # fmt: skip
    answer = editor.post(address(Post, "preview_new"), typed)
    assert "<h1>Brand new</h1>" in answer.text
    assert not Post.objects.filter(slug="brand-new").exists()


def test_what_is_not_complete_is_named(editor, post):
    answer = preview(editor, post, title="", **{"sources-0-year": "x"})
    assert answer.status_code == 200
    for words in ("Title: This field is required.", "Year: Enter a whole number."):
        assert words in answer.text


def test_it_alone_may_be_framed_and_by_ourselves(editor, post):
    answer = preview(editor, post)
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    form = editor.get(address(Post, "change", post.pk))
    assert "frame-src 'self'" in form["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in form["Content-Security-Policy"]
    assert form["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("group", ["Front desk", None])
def test_who_may_not_save_sees_none(client, post, group):
    page = address(Post, "preview", post.pk)
    assert client.post(page).status_code == 302
    user = User.objects.create_user("kim", is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    client.force_login(user)
    assert client.post(page).status_code == 403
    assert client.post(address(Post, "preview_new")).status_code == 403


def test_it_is_asked_by_post_alone_and_of_what_exists(editor, post):
    assert editor.get(address(Post, "preview", post.pk)).status_code == 405
    assert editor.post(address(Post, "preview", 999_999)).status_code == 404
    assert editor.post(address(Post, "preview", "x")).status_code == 404
