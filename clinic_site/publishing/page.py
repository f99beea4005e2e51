"""Standing pages: about, fees, privacy, accessibility and others that the clinic adds."""

from django.db import models
from django.urls import reverse

from clinic_site.publishing.publishable import Publishable, PublishableQuerySet


class PageQuerySet(PublishableQuerySet):
    def for_detail(self):
        return self.published().select_related("share_image")


class Page(Publishable):
    """A page such as /about/."""

    order = models.PositiveSmallIntegerField(default=0)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["order", "title"]

    def get_absolute_url(self):
        return reverse("page_detail", args=[self.slug])
