"""Pictures: what may come in, what is kept of it, and the sizes it is shown at."""

from cabinet.base import AbstractFile
from django.db import models
from imagefield.fields import ImageField, PPOIField


class ImagePart(models.Model):
    """The fields cabinet's library expects of a picture."""

    image_file = ImageField(
        "picture",
        upload_to="pictures",
        width_field="image_width",
        height_field="image_height",
        ppoi_field="image_ppoi",
        max_length=200,
    )
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    image_ppoi = PPOIField("focal point")
    image_alt_text = models.CharField("alt text", max_length=300, blank=True)

    class Meta:
        abstract = True

    def accept_file(self, value):
        self.image_file = value
        return True


class Image(AbstractFile, ImagePart):
    """One picture of the library."""

    FILE_FIELDS = ["image_file"]

    class Meta(AbstractFile.Meta):
        verbose_name = "picture"
        verbose_name_plural = "pictures"
