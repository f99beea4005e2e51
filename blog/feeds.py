"""The feed of the newest articles, with their full text."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy
from django.utils.feedgenerator import Rss201rev2Feed

from blog.models import Post

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
    link = reverse_lazy("blog:post_list")
    description = "New articles from the clinic."

    def items(self):
        return Post.objects.for_feed()[:NEWEST]

    def item_title(self, post):
        return post.title

    def item_description(self, post):
        return post.summary

    def item_author_name(self, post):
        return post.author.titled_name

    def item_categories(self, post):
        return [post.topic.title]

    def item_pubdate(self, post):
        return post.publish_at

    def item_updateddate(self, post):
        return post.updated_at

    def item_extra_kwargs(self, post):
        # Readers resolve links against their own address: ours are written out in full.
        content = post.body.replace('href="/', f'href="{settings.SITE_URL}/')
        return {"content": content.replace('src="/', f'src="{settings.SITE_URL}/')}
