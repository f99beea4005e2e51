"""Prepared queries: the same rows as the queryset's, whatever is asked, whenever, by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post, Topic
from clinic_site.web.prepared import Given, Prepared
from services.models import Service

pytestmark = pytest.mark.usefixtures("sample_site")


def by_slug():
    return Prepared(lambda: Post.objects.for_detail().filter(slug=Given("slug")))


def test_rows_are_those_of_the_queryset_with_all_that_comes_with_them(django_assert_num_queries):
    for post in Post.objects.for_detail():
        with django_assert_num_queries(1):
            (found,) = by_slug().rows(slug=post.slug)
            assert found.topic.title == post.topic.title
            assert found.author.portrait == post.author.portrait
        for field in Post._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(post, field.attname)


def test_each_time_has_its_own_values_and_its_sql_is_made_once():
    made = []

    def queryset():
        made.append(1)
        return Service.objects.published().filter(posts=Given("post"))

    services = Prepared(queryset)
    for post in Post.objects.all():
        expected = list(Service.objects.published().filter(posts=post))
        assert services.rows(post=post.pk) == expected
    assert services.rows(post=0) == []
    assert made == [1]


def test_the_moment_is_the_one_of_asking(time_machine):
    post = Post.objects.published().first()
    posts = by_slug()
    assert posts.rows(slug=post.slug)
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() + timedelta(hours=1))
    assert not posts.rows(slug=post.slug)
    shown = Post.objects.published().filter(pk=post.pk)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert posts.rows(slug=post.slug)
    assert shown.exists()  # a queryset too asks for the moment at which it is run


def test_a_moment_in_a_subquery_is_the_one_of_asking(time_machine):
    topics = Prepared(lambda: Topic.objects.with_posts().filter(pk__in=[Given("one")]))
    topic = Topic.objects.with_posts().first()
    assert topics.rows(one=topic.pk) == [topic]
    Post.objects.update(unpublish_at=timezone.now() + timedelta(hours=1))
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert topics.rows(one=topic.pk) == []


def test_what_is_typed_is_a_value_and_never_sql():
    for slug in ("' OR 1=1 --", '"', "%s", "%(slug)s", "x" * 10_000):
        with CaptureQueriesContext(connection):
            assert by_slug().rows(slug=slug) == []


def test_a_value_that_is_not_given_is_told():
    with pytest.raises(KeyError, match="slug"):
        by_slug().rows()


@pytest.mark.parametrize("more", [{"prefetch_related": "sources"}, {"values": "pk"}])
def test_what_it_would_leave_out_is_refused(more):
    ((verb, name),) = more.items()
    with pytest.raises(TypeError, match="cannot be prepared"):
        Prepared(lambda: getattr(Post.objects, verb)(name)).rows()


@pytest.mark.django_db(transaction=True)
def test_threads_ask_at_once_each_by_its_own_connection():
    posts, slugs = by_slug(), list(Post.objects.published().values_list("slug", flat=True))

    def ask(slug):
        try:
            return [row.slug for row in posts.rows(slug=slug)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, slugs * 20)) == [[slug] for slug in slugs * 20]


def test_a_database_that_fails_is_told_as_of_any_query():
    posts = by_slug()

    def fail(*args):
        raise OperationalError("gone")

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        posts.rows(slug="x")
    assert posts.rows(slug=Post.objects.published().first().slug)
