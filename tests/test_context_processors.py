"""The clinic's facts in every template, and the menu that is printed with them."""

import pytest
from django.urls import reverse

from contact.models import Location

pytestmark = pytest.mark.usefixtures("sample_site")


def test_facts_are_read_once_a_page(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(10) as queries:
        client.get(reverse("home"))
    assert len([query for query in queries if "contact_location" in query["sql"]]) == 1


def test_facts_are_those_of_now(client):
    client.get(reverse("home"))
    Location.objects.update(street_address="9 New Lane")
    assert "9 New Lane" in client.get(reverse("home")).content.decode()


def test_page_that_prints_no_facts_reads_none(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("robots")).status_code == 200


def test_links_name_the_page_they_lead_away_from(client):
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
def test_the_menu_marks_the_section_of_this_page(client, name, marked):
    path = reverse(name, args=["treatments"] if name == "blog:topic_detail" else [])
    header = client.get(path).content.decode().partition("<header")[2].partition("</header>")[0]
    assert header.count("aria-current") == (2 if marked else 0)  # with the menu of a phone
    assert marked is None or header.count(marked) == 2
