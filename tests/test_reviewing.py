"""Reviewing: a practitioner checks a text before readers see it, and again each year."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Post
from services.models import Service

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def store(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("days", "is_overdue", "is_due_soon"),
    [
        (-1, True, True),
        (0, True, True),
        (1, False, True),
        (30, False, True),
        (31, False, False),
    ],
)
def test_a_review_is_due_by_its_day(post, days, is_overdue, is_due_soon):
    store(post, review_due_on=timezone.localdate() + timedelta(days=days))
    assert (post in Post.objects.review_overdue()) == is_overdue
    assert (post in Post.objects.review_due_within(30)) == is_due_soon


def test_nothing_is_due_of_what_readers_do_not_see(post):
    store(post, review_due_on=timezone.localdate(), needs_review=True)
    assert list(Post.objects.changed_since_review()) == [post]
    store(post, status=Post.Status.DRAFT)
    assert not Post.objects.review_overdue()
    assert not Post.objects.changed_since_review()


def test_the_sample_is_reviewed_and_due_in_the_year_to_come():
    for model in (Post, Service):
        assert not model.objects.filter(reviewer=None).exists()
        assert not model.objects.review_due_within(30)
        assert model.objects.review_due_within(365).count() == model.objects.count()


def test_a_service_page_says_who_checked_it_and_when(client):
    service = Service.objects.get(slug="dry-needling")
    html = client.get(service.get_absolute_url()).text
    assert ">Checked by<" in html
    assert "Written" not in html.split("review-dates")[1]
    assert f"{service.reviewed_on:%Y-%m-%d}" in html
