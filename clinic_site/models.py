"""Standing pages: about, fees, privacy, accessibility and whatever else the clinic adds."""

from django.db import models
from django.urls import reverse

from clinic_site.dead_link import DeadLink
from clinic_site.history import Records
from clinic_site.history.version import Version
from clinic_site.images import Image
from clinic_site.preview_link import PreviewLink
from clinic_site.publishing import Publishable, PublishableQuerySet
from clinic_site.review_note import ReviewNote
from clinic_site.review_reminder import ReviewReminder

__all__ = ["DeadLink", "Image", "Page", "PreviewLink", "ReviewNote", "ReviewReminder", "Version"]


class PageQuerySet(PublishableQuerySet):
    def for_detail(self):
        return self.published().select_related("share_image")


class Page(Publishable):
    """A text at an address of its own, like /about/."""

    order = models.PositiveSmallIntegerField(default=0)

    objects = PageQuerySet.as_manager()
    history = Records()

    class Meta:
        ordering = ["order", "title"]

    def get_absolute_url(self):
        return reverse("page_detail", args=[self.slug])
