"""Articles: the list by topic in pages of ten, the article with its parts, the feed."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from blog.models import Post, Topic
from services.models import Practitioner, Service

pytestmark = pytest.mark.usefixtures("sample_site")
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def more_posts(count, **changes):
    values = {
        "summary": "s",
        "status": "published",
        "author": Practitioner.objects.first(),
        "topic": Topic.objects.get(slug="treatments"),
    } | changes
    Post.objects.bulk_create(
        Post(title=f"Post {n}", slug=f"post-{n}", **values) for n in range(count)
    )


def test_post_list_shows_ten_a_page(client):
    more_posts(25)
    html = client.get("/blog/").content.decode()
    assert html.count("card--post") == 10
    assert "Page 1 of 4" in html
    last = client.get("/blog/?page=4").content.decode()
    assert last.count("card--post") == 1
    assert '<link rel="canonical" href="http://localhost:8000/blog/?page=4">' in last
    assert ", page 4 –" in last


def test_topic_detail_lists_its_posts_only(client):
    html = client.get("/blog/topic/treatments/").content.decode()
    count = Post.objects.filter(topic__slug="treatments").count()
    assert html.count("card--post") == count


def test_topic_without_published_posts_is_not_found_and_not_listed(client):
    Post.objects.filter(topic__slug="treatments").update(status="draft")
    assert client.get("/blog/topic/treatments/").status_code == 404
    assert b"/blog/topic/treatments/" not in client.get("/blog/").content


def test_post_detail_has_every_part(client):
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert 'By <a href="/team/priya-sample/">Priya Sample, PT, MScPT</a>' in html
    assert "Checked by" in html
    assert "Daniel Sample, PT" in html
    assert "Last checked" in html
    assert "Next check due" in html
    assert "sample, not a registrant" in html
    assert re.search(r"\d+ minute read", html)
    assert "When to get help fast" in html
    assert html.count("10.1179/2042618613Y.0000000044") == 1
    assert "Related services" in html
    assert "Read more" in html
    assert html.count("Book a visit") >= 3
    assert "Back to top" in html


def test_review_dates_stand_after_the_text(client):
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert html.index("data-prose") < html.index("Last checked") < html.index("sources-title")


def test_contents_list_links_to_headings_that_exist(client):
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    contents = html[html.index("data-contents") : html.index("article__body")]
    names = re.findall(r'href="#([^"]+)"', contents)
    assert len(names) > 4
    assert all(f'<h2 id="{name}">' in html for name in names)


def test_author_who_is_the_reviewer_is_named_once(client):
    post = Post.objects.get(slug="what-is-dry-needling")
    Post.objects.filter(pk=post.pk).update(reviewer=post.author)
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert "Written and checked by" in html
    assert ">Checked by<" not in html


def test_scheduled_post_appears_by_itself(client, time_machine):
    more_posts(1, publish_at=timezone.now() + timedelta(hours=2))
    assert client.get("/blog/post-0/").status_code == 404
    assert b"post-0" not in client.get("/blog/feed/").content
    time_machine.move_to(timezone.now() + timedelta(hours=2, seconds=1))
    assert client.get("/blog/post-0/").status_code == 200
    assert b"post-0" in client.get("/blog/feed/").content


def test_feed_has_the_full_text_of_the_newest_twenty(client):
    more_posts(30)
    response = client.get("/blog/feed/")
    assert response["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(response.content).find("channel")
    assert len(channel.findall("item")) == 20
    Post.objects.filter(slug__startswith="post-").delete()
    channel = ElementTree.fromstring(client.get("/blog/feed/").content).find("channel")
    items = {item.findtext("title"): item for item in channel.findall("item")}
    text = items[Post.objects.get(slug="what-is-dry-needling").title].findtext(CONTENT)
    assert len(text.split()) > 1000
    assert 'href="/' not in text
    assert 'href="http://localhost:8000/' in text
    assert '<p class="callout__title">Emergency</p>' in text


def test_control_character_in_a_title_does_not_end_the_feed(client):
    Post.objects.filter(slug="what-is-dry-needling").update(title="A\x0bB", summary="C\x0cD")
    assert client.get("/blog/feed/").status_code == 200


def test_feed_s_links_come_from_the_site_s_address(client, settings):
    settings.SITE_URL = "https://clinic.example"
    feed = client.get("/blog/feed/").content.decode()
    assert "http://" not in feed.replace("http://purl.org", "").replace("http://www.w3.org", "")


def guids(client):
    """Return {title: (guid, isPermaLink)} of the feed."""
    items = ElementTree.fromstring(client.get("/blog/feed/").content).iter("item")
    found = [(item.findtext("title"), item.find("guid")) for item in items]
    return {title: (guid.text, guid.get("isPermaLink")) for title, guid in found}


def test_an_article_keeps_its_guid_with_another_address_and_after_the_bin(client, settings):
    before = guids(client)
    assert len(set(before.values())) == Post.objects.count()
    assert {is_link for _, is_link in before.values()} == {"false"}
    post = Post.objects.get(slug="what-is-dry-needling")
    post.slug = "moved"
    post.save()
    assert guids(client) == before
    settings.SITE_URL = "https://other.example"
    post.move_to_trash()
    post.restore_from_trash()
    assert guids(client) == before


@pytest.mark.parametrize(("saved", "published"), [(3, 1), (1, 3), (2, 2), (900, 0)])
def test_an_article_is_never_modified_before_it_is_published(client, saved, published):
    """Often it is saved some days before the time at which it goes live."""
    now = timezone.now()
    moments = {"updated_at": now - timedelta(days=saved)}
    moments["publish_at"] = now - timedelta(days=published)
    Post.objects.update(**moments)
    later = max(moments.values())
    html = client.get("/blog/what-is-dry-needling/").text
    assert f'"datePublished":"{moments["publish_at"].isoformat()}"' in html
    assert f'"dateModified":"{later.isoformat()}"' in html
    entry = f"/blog/what-is-dry-needling/</loc><lastmod>{later:%Y-%m-%d}</lastmod>"
    assert entry in client.get("/sitemap.xml").text
    assert f"<lastBuildDate>{later:%a, %d %b %Y %H:%M:%S} +0000" in client.get("/blog/feed/").text


@pytest.mark.parametrize("slug", ["feed", "topic"])
def test_reserved_address_is_refused(slug):
    post = Post.objects.first()
    post.slug = slug
    with pytest.raises(ValidationError, match="The site uses this address itself"):
        post.full_clean()


def test_related_service_that_is_a_draft_is_not_shown(client):
    Service.objects.filter(slug="dry-needling").update(status="draft")
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert 'class="card card--' in html
    assert 'href="/contact/?service=dry-needling"' not in html


@pytest.mark.sqlite  # another planner weighs few rows anew
def test_what_is_published_is_told_by_an_index_alone():
    """So that lists of 10,000 articles are counted in a millisecond."""
    for posts in (Post.objects.published(), Post.objects.published().filter(topic=1)):
        assert "COVERING INDEX" in posts.order_by().values("publish_at").explain()
