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
        return ["home", "services:service_list", "services:practitioner_list", "blog:post_list",
                "contact:enquiry"]  # fmt: skip

    def location(self, name):
        return reverse(name)


class ObjectSitemap(Sitemap):
    """Objects with a page each; `on_site` is the queryset's method that returns those shown."""

    def __init__(self, model):
        self.model = model

    def items(self):
        fields = {field.name for field in self.model._meta.fields}
        names = {"slug", "updated_at", "publish_at"} & fields
        return self.model.objects.on_site().only(*names)

    def lastmod(self, obj):
        return getattr(obj, "modified_at", getattr(obj, "updated_at", None))


MODELS = {"pages": Page, "services": Service, "team": Practitioner, "topics": Topic, "posts": Post}
SITEMAPS = {"fixed": FixedSitemap()}
SITEMAPS |= {name: ObjectSitemap(model) for name, model in MODELS.items()}
