"""The base of articles, services and pages: slug, status, publication times, search texts."""

from datetime import UTC, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from clinic_site.history.version import Version, Versioned
from clinic_site.images.library import ImageForeignKey
from clinic_site.publishing.trash import Trashable, TrashQuerySet
from clinic_site.richtext.field import ProseField
from clinic_site.web.redirects import PublicPage

# A year before the Web is a typing mistake; dates after the last year overflow in other time zones.
FIRST_YEAR, LAST_YEAR = 1991, 2200


def this_minute(days_ago=0):
    """Return now, or some days ago, without seconds: the form's field shows none.

    In the hour that occurs twice in November it returns a time before that hour, because the form
    refuses the whole hour and an untouched field could not be saved.
    """
    moment = timezone.now().replace(second=0, microsecond=0) - timedelta(days=days_ago)
    local = timezone.localtime(moment)
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment - timedelta(hours=2) if comes_twice else moment


class PublishableQuerySet(TrashQuerySet):
    def published(self):
        """Keep what readers may see now, by status and by the two publication times."""
        now = timezone.now()
        return self.not_trashed().filter(
            models.Q(unpublish_at=None) | models.Q(unpublish_at__gt=now),
            status=self.model.Status.PUBLISHED,
            publish_at__lte=now,
        )

    on_site = published

    def next_moment(self, now):
        """Return when an object next goes live or ends after `now` (aware), or None."""
        moments = (
            self.not_trashed()
            .filter(status=self.model.Status.PUBLISHED)
            .aggregate(
                starts=models.Min("publish_at", filter=models.Q(publish_at__gt=now)),
                ends=models.Min("unpublish_at", filter=models.Q(unpublish_at__gt=now)),
            )
        )
        return min(filter(None, moments.values()), default=None)


class Publishable(PublicPage, Trashable, Versioned):
    """A text with a title and a page of its own."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    title = models.CharField(max_length=120)
    slug = models.SlugField(
        "page address (URL)",
        max_length=120,
        unique=True,
        help_text="The last part of the page’s address.",
    )
    summary = models.TextField(
        blank=True,
        max_length=300,
        validators=[MaxLengthValidator(300)],
        help_text="One or two sentences for lists, search engines and the top of the page.",
    )
    body = ProseField("text", blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    publish_at = models.DateTimeField(
        "publish on",
        default=this_minute,
        help_text="A published page goes live at this time.",
    )
    unpublish_at = models.DateTimeField(
        "unpublish on",
        null=True,
        blank=True,
        help_text="The page leaves the site at this time. Leave it empty to keep the page online.",
    )
    seo_title = models.CharField(
        "search title",
        max_length=70,
        blank=True,
        help_text="Search engines show this in place of the title.",
    )
    seo_description = models.CharField(
        "search description",
        max_length=170,
        blank=True,
        help_text="Search engines show this in place of the summary.",
    )
    share_image = ImageForeignKey(help_text="Shown when somebody shares a link to this page.")
    updated_at = models.DateTimeField(auto_now=True)

    # Fields that a draft may leave empty, and the error when a published page does.
    needed_to_publish = {"summary": "Write a summary before you publish."}

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

    def clean(self):
        if errors := self.field_errors():
            raise ValidationError(errors)

    def field_errors(self):
        """Return {field: error} of what can't be saved as it is."""
        errors = {}
        if self.publish_at and self.unpublish_at and self.unpublish_at <= self.publish_at:
            errors["unpublish_at"] = "Choose a time after “Publish on”."
        for name in ("publish_at", "unpublish_at"):
            moment = getattr(self, name)
            if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
                errors[name] = f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}."
        if self.status == self.Status.PUBLISHED:
            missing = [name for name in self.needed_to_publish if not getattr(self, name)]
            errors |= {name: self.needed_to_publish[name] for name in missing}
        return errors

    @property
    def state(self):
        """The status now: a published page may also be "scheduled" or "ended"."""
        now = timezone.now()
        if self.status != self.Status.PUBLISHED:
            return self.status
        if self.publish_at > now:
            return "scheduled"
        return "ended" if self.unpublish_at and self.unpublish_at <= now else self.status

    @property
    def modified_at(self):
        """When readers got the page as it is: the last save, or later when it went live."""
        return max(self.updated_at, self.publish_at)

    @property
    def is_published(self):
        return self.trashed_at is None and self.state == self.Status.PUBLISHED

    def was_shown(self):
        now = timezone.now().astimezone(UTC).isoformat()
        shown = {"state__status": self.Status.PUBLISHED, "state__publish_at__lte": now}
        return self.is_published or Version.objects.for_object(self).filter(**shown).exists()

    @property
    def head_title(self):
        return self.seo_title or self.title

    @property
    def head_description(self):
        return self.seo_description or self.summary

    @property
    def og_image(self):
        """The Image shown with a shared link, or None for the site's own."""
        return self.share_image

    @property
    def url(self):
        return f"{settings.SITE_URL}{self.get_absolute_url()}"
