"""The clinic's facts in every template: read seldom, and never old for long."""

import time

import pytest
from django.urls import reverse

from clinic_site.context_processors import kept
from contact.models import Location

FACTS = "contact_location"


@pytest.fixture
def kept_for_a_second(settings, sample_site):
    settings.FACTS_KEPT_SECONDS = 1
    kept.rows = None
    yield
    kept.rows = None


def reads_of_facts(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as queries:
        page = client.get(reverse("home")).content.decode()
    return page, [query for query in queries.captured_queries if FACTS in query["sql"]]


def test_facts_are_read_once_a_second(client, kept_for_a_second, django_assert_max_num_queries):
    _, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert len(reads) == 1
    Location.objects.update(street_address="9 New Lane")
    kept.read_at = time.monotonic()  # however long the first page took
    page, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert not reads
    assert "9 New Lane" not in page

    kept.read_at -= 1
    page, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert len(reads) == 1
    assert "9 New Lane" in page


def test_kept_facts_do_not_keep_the_page_of_another(client, kept_for_a_second):
    client.get(reverse("blog:post_list"))
    page = client.get(reverse("services:service_list")).content.decode()
    assert "?page=/services/" in page
    assert '<link rel="canonical" href="http://localhost:8000/services/">' in page
