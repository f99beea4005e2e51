"""The clinic's facts in every template: read seldom, and never old for long."""

import pytest
from django.urls import reverse

from clinic_site.context_processors import kept
from contact.models import Location

FACTS = "contact_location"


@pytest.fixture
def kept_facts(settings, sample_site):
    settings.FACTS_KEPT_SECONDS = 60
    kept.facts = None
    yield
    kept.facts = None


def reads_of_facts(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as queries:
        page = client.get(reverse("home")).content.decode()
    return page, [query for query in queries.captured_queries if FACTS in query["sql"]]


def test_facts_are_read_once_while_they_are_kept(client, kept_facts, django_assert_max_num_queries):
    _, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert len(reads) == 1
    Location.objects.update(street_address="9 New Lane")
    page, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert not reads
    assert "9 New Lane" not in page

    kept.read_at -= 60
    page, reads = reads_of_facts(client, django_assert_max_num_queries)
    assert len(reads) == 1
    assert "9 New Lane" in page


def test_kept_facts_do_not_keep_the_page_of_another(client, kept_facts):
    client.get(reverse("blog:post_list"))
    page = client.get(reverse("services:service_list")).content.decode()
    assert "?page=/services/" in page
    assert '<link rel="canonical" href="http://localhost:8000/services/">' in page


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("home", None),
        ("services:service_list", '<a href="/services/" aria-current="page">'),
        ("blog:topic_detail", '<a href="/blog/" aria-current="true">'),
    ],
)
def test_the_kept_header_marks_the_section_of_this_page(client, kept_facts, name, marked):
    client.get(reverse("fees"))
    path = reverse(name, args=["treatments"] if name == "blog:topic_detail" else [])
    header = client.get(path).content.decode().partition("<header")[2].partition("</header>")[0]
    assert header.count("aria-current") == (2 if marked else 0)  # with the menu of a phone
    assert marked is None or header.count(marked) == 2


def test_parts_are_printed_once_for_kept_facts(client, kept_facts):
    client.get(reverse("home"))
    parts = kept.facts.parts
    kept.facts.parts["book_band"] = "printed before"
    page = client.get(reverse("fees")).content.decode()
    assert kept.facts.parts is parts
    assert "printed before" in page
