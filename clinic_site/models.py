"""Standing pages: about, fees, privacy, accessibility and whatever else the clinic adds."""

from django.db import models
from django.urls import reverse

from clinic_site.images import Image
from clinic_site.publishing import Publishable

__all__ = ["Image", "Page"]


class Page(Publishable):
    """A text at an address of its own, like /about/."""

    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "title"]

    def get_absolute_url(self):
        return reverse("page_detail", args=[self.slug])
