"""The feed of the newest articles, with their full text."""

import re

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from blog.models import Post
from clinic_site.richtext.callouts import with_titles
from clinic_site.richtext.field import NOT_IN_XML
from clinic_site.richtext.internal_links import addresses_in, with_addresses
from clinic_site.richtext.rendering import images_in, with_pictures

NEWEST = 20


def in_full(html):
    """Return a text for readers elsewhere: whole addresses, one file a picture, no icons."""
    html = re.sub(r"<source[^>]*>|<svg.*?</svg>", "", with_titles(html))
    return re.sub(r'\b(href|src)="/', rf'\1="{settings.SITE_URL}/', html)


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
        """Return the newest posts, each with its `full_text`.

        One query finds all their pictures, one all their own links.
        """
        posts = list(Post.objects.for_feed()[:NEWEST])
        texts = "".join(post.body for post in posts)
        images, addresses = images_in(texts), addresses_in(texts)
        for post in posts:
            html = with_addresses(post.body, addresses)
            post.full_text = in_full(with_pictures(html, images))
        return posts

    def item_title(self, post):
        return NOT_IN_XML.sub("", post.title)

    def item_description(self, post):
        return NOT_IN_XML.sub("", post.summary)

    def item_author_name(self, post):
        return post.author.titled_name

    def item_categories(self, post):
        return [post.topic.title]

    def item_pubdate(self, post):
        return post.publish_at

    def item_updateddate(self, post):
        return post.updated_at

    def item_extra_kwargs(self, post):
        return {"content": post.full_text}
