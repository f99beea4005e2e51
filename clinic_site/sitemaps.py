"""The sitemap: every published page with the day it truly changed, and its pictures' pages."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import sitemaps
from django.urls import reverse

from blog.models import Post, Topic
from clinic_site.models import Page
from services.models import Practitioner, Service


class Sitemap(sitemaps.Sitemap):
    protocol = urlsplit(settings.SITE_URL).scheme


class FixedSitemap(Sitemap):
    def items(self):
        return [
            "home",
            "services:service_list",
            "services:practitioner_list",
            "blog:post_list",
            "contact:enquiry",
        ]

    def location(self, name):
        return reverse(name)


class RowSitemap(Sitemap):
    """Rows that know their address and when they changed."""

    def __init__(self, rows):
        self.rows = rows

    def items(self):
        return self.rows()

    def lastmod(self, row):
        return row.updated_at


class TopicSitemap(Sitemap):
    def items(self):
        return Topic.objects.with_posts()


SITEMAPS = {
    "fixed": FixedSitemap(),
    "pages": RowSitemap(lambda: Page.objects.published().only("slug", "updated_at")),
    "services": RowSitemap(lambda: Service.objects.published().only("slug", "updated_at")),
    "team": RowSitemap(lambda: Practitioner.objects.active().only("slug", "updated_at")),
    "topics": TopicSitemap(),
    "posts": RowSitemap(lambda: Post.objects.published().only("slug", "updated_at")),
}
