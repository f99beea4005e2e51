"""What every published thing shares: a slug, a state, a moment, and words for search engines."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from clinic_site.images.library import PictureKey
from clinic_site.publishing.trash import Trashable, TrashQuerySet
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.rendering import validate_alt_texts
from clinic_site.web.prepared import Moment
from clinic_site.web.redirects import PublicPage

# A year before the Web, like 1970, is a slip; later moments than the last year overflow when they
# are turned into another time zone.
FIRST_YEAR, LAST_YEAR = 1991, 2200


def this_minute(days_ago=0):
    """Return the present moment, or one so many days ago, as the form shows it, without seconds.

    In the hour that comes twice in November it is one before it: the form takes none of that hour,
    so that what stood in it untouched could not be saved.
    """
    moment = timezone.now().replace(second=0, microsecond=0) - timedelta(days=days_ago)
    local = timezone.localtime(moment)
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment - timedelta(hours=2) if comes_twice else moment


class PublishableQuerySet(TrashQuerySet):
    def published(self):
        """Keep what readers may see now; a row appears and goes by itself at its moments."""
        return self.not_trashed().filter(
            models.Q(unpublish_at=None) | models.Q(unpublish_at__gt=Moment()),
            status=self.model.Status.PUBLISHED,
            publish_at__lte=Moment(),
        )

    on_site = published


class Publishable(PublicPage, Trashable):
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
        default=this_minute,
        help_text="Shown from this moment on, once published.",
    )
    unpublish_at = models.DateTimeField(
        "unpublish on",
        null=True,
        blank=True,
        help_text="Shown until this moment. Leave it empty to show it for good.",
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
        for name in ("publish_at", "unpublish_at"):
            moment = getattr(self, name)
            if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise ValidationError(
                    {name: f"Choose a day in the years {FIRST_YEAR} to {LAST_YEAR}."}
                )
        if self.publish_at and self.unpublish_at and self.unpublish_at <= self.publish_at:
            raise ValidationError({"unpublish_at": "Choose a moment after “Publish at”."})
        try:
            validate_alt_texts(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error}) from None

    @property
    def state(self):
        """The status as time makes it: of what is published, "scheduled" and "ended" too."""
        now = timezone.now()
        if self.status != self.Status.PUBLISHED:
            return self.status
        if self.publish_at > now:
            return "scheduled"
        return "ended" if self.unpublish_at and self.unpublish_at <= now else self.status

    @property
    def is_published(self):
        return self.trashed_at is None and self.state == self.Status.PUBLISHED

    def was_shown(self):
        shown = {"status": self.Status.PUBLISHED, "publish_at__lte": timezone.now()}
        return self.is_published or type(self).history.filter(id=self.pk, **shown).exists()

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
