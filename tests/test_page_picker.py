"""The picker of own pages: found by their title, for whoever may write a text."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.models import Post
from clinic_site.models import Page
from services.models import Practitioner
from tests.enquiries import user

pytestmark = pytest.mark.usefixtures("sample_site")


def found(client, words=""):
    return client.get(reverse("admin:own_pages"), {"q": words}).json()["pages"]


def titles(client, words):
    return [page["title"] for page in found(client, words)]


def test_every_kind_of_page_is_found_by_the_words_of_its_title(editor):
    for words, kind, address in (
        ("needling dry", "Service", "/services/dry-needling/"),
        ("PRIYA", "Practitioner", "/team/priya-sample/"),
        ("what it feels", "Article", "/blog/what-is-dry-needling/"),
        ("treatments", "Topic", "/blog/topic/treatments/"),
        ("fees", "Page", "/fees/"),
        ("enquiry", "Page", "/contact/"),
        ("team", "Page", "/team/"),
    ):
        assert (kind, address) in [(one["kind"], one["address"]) for one in found(editor, words)]


def test_accents_case_and_apostrophes_are_folded(editor):
    Page.objects.filter(slug="about").update(title="L’équipe d’Été")
    for words in ("equipe", "L'ÉQUIPE d'ete", "ete equipe", "ｅｔｅ"):
        assert titles(editor, words) == ["L’équipe d’Été"]


def test_nothing_typed_gives_the_fixed_pages_and_unknown_words_nothing(editor):
    assert [one["address"] for one in found(editor)] == [
        "/",
        "/services/",
        "/team/",
        "/blog/",
        "/contact/",
    ]
    for words in ("nowhere", "fees nowhere", "%", "\0q9", "x" * 5000, "q9 " * 5000):
        assert found(editor, words) == []


def test_it_says_what_readers_do_not_find_and_leaves_out_the_bin(editor):
    Page.objects.filter(slug="about").update(status="draft")
    assert [one["kind"] for one in found(editor, "about the clinic")] == [
        "Page, not on the site now"
    ]
    Page.objects.get(slug="about").move_to_trash()
    Practitioner.objects.get(slug="priya-sample").move_to_trash()
    assert titles(editor, "about the clinic") == titles(editor, "priya") == []


def test_it_shows_no_draft_to_who_may_not_see_it(client, editor):
    row = Page.objects.get(slug="about")
    Page.objects.filter(pk=row.pk).update(status="draft")
    Post.objects.filter(slug="what-is-dry-needling").update(status="draft")
    assert "About the clinic" in titles(editor, "about the")
    client.force_login(user("robin", "Physiotherapist"))
    assert titles(client, "about the") == []
    assert titles(client, "fees")  # what readers find is nobody's secret
    assert [one["kind"] for one in found(client, "what it feels")] == [
        "Article, not on the site now"
    ]


def test_it_asks_as_often_for_many_pages_as_for_few(editor):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert titles(editor, "needling")
        return len(asked)

    queries()
    before = queries()
    post = Post.objects.first()
    Post.objects.bulk_create(
        Post(title=f"Needling {n}", slug=f"n-{n}", author=post.author, topic=post.topic)
        for n in range(30)
    )
    assert queries() == before
    assert len(found(editor, "needling")) < 30
