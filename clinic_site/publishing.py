"""What every published thing shares: a slug, a state, a moment, and words for search engines."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from clinic_site.figures import validate_alt_texts
from clinic_site.images import PictureKey
from clinic_site.prose import ProseField

LAST_YEAR = 2200  # later moments overflow when they are turned into another time zone


class PublishableQuerySet(models.QuerySet):
    def published(self):
        """Keep what readers may see now; a scheduled row appears by itself at its moment."""
        return self.filter(status=self.model.Status.PUBLISHED, publish_at__lte=timezone.now())


class Publishable(models.Model):
    """A titled text with its own address."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    title = models.CharField(max_length=120)
    slug = models.SlugField(
        "address", max_length=120, unique=True, help_text="The last part of the page's address."
    )
    summary = models.TextField(
        max_length=300,
        validators=[MaxLengthValidator(300)],
        help_text="One or two sentences for lists, search engines and the top of the page.",
    )
    body = ProseField("text", blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    publish_at = models.DateTimeField(
        "publish at",
        default=timezone.now,
        help_text="Shown from this moment on, once published.",
    )
    seo_title = models.CharField(
        "search title",
        max_length=70,
        blank=True,
        help_text="For search engines, when the title is too long or too short for them.",
    )
    seo_description = models.CharField("search description", max_length=170, blank=True)
    share_image = PictureKey(help_text="Shown where a link to this page is shared.")
    updated_at = models.DateTimeField(auto_now=True)

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

    def clean(self):
        if self.publish_at and self.publish_at.year > LAST_YEAR:
            raise ValidationError({"publish_at": f"Choose a day up to {LAST_YEAR}."})
        try:
            validate_alt_texts(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error}) from None

    @property
    def is_published(self):
        return self.status == self.Status.PUBLISHED and self.publish_at <= timezone.now()

    @property
    def head_title(self):
        return self.seo_title or self.title

    @property
    def head_description(self):
        return self.seo_description or self.summary

    @property
    def share_picture(self):
        """The Image shown where a link to this is shared, or None for the site's own."""
        return self.share_image

    @property
    def url(self):
        """The page's one absolute address."""
        return f"{settings.SITE_URL}{self.get_absolute_url()}"
