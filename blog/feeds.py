"""The feed of the newest articles, with their full text."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from blog.models import Post
from clinic_site.richtext.html import without_control_characters
from clinic_site.richtext.rendering import for_feed

NEWEST = 20


class FullTextFeed(Rss201rev2Feed):
    """RSS whose items carry the whole article in content:encoded."""

    def rss_attributes(self):
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/"
        }

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])


class PostFeed(Feed):
    feed_type = FullTextFeed
    title = "Articles"
    description = "New articles from the clinic."

    # Whole addresses: Django would make them from the request.
    def link(self):
        return settings.SITE_URL + reverse("blog:post_list")

    def feed_url(self):
        return settings.SITE_URL + reverse("blog:feed")

    def item_link(self, post):
        return post.url

    def items(self):
        """Return the newest posts, each with its `full_text`."""
        posts = list(Post.objects.for_feed()[:NEWEST])
        for post, html in zip(posts, for_feed(posts, "body"), strict=True):
            post.full_text = html
        return posts

    # Permanent: an article with a new address is not new to feed readers.
    item_guid_is_permalink = False

    def item_guid(self, post):
        return post.feed_id.urn

    def item_title(self, post):
        return without_control_characters(post.title)

    def item_description(self, post):
        return without_control_characters(post.summary)

    def item_author_name(self, post):
        return post.author.titled_name

    def item_categories(self, post):
        return [post.topic.title]

    def item_pubdate(self, post):
        return post.publish_at

    def item_updateddate(self, post):
        return post.modified_at

    def item_extra_kwargs(self, post):
        return {"content": post.full_text}
