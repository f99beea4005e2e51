"""Articles, their topics and their sources."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

from clinic_site.history.version import Versioned
from clinic_site.images.library import Image, ImageForeignKey
from clinic_site.publishing.review import Reviewable, ReviewableQuerySet
from clinic_site.richtext.html import headings, parse_fragment, reading_minutes
from clinic_site.web.redirects import PublicPage
from services.colleges import College
from services.models import Practitioner, Service

PUBLISHED = ("status", "trashed_at", "-publish_at", "unpublish_at")
RESERVED = ("feed", "topic")


class TopicQuerySet(models.QuerySet):
    def with_posts(self):
        """Keep topics with published articles."""
        return self.filter(
            models.Exists(Post.objects.published().filter(topic=models.OuterRef("pk")))
        )

    on_site = with_posts


class Topic(PublicPage, Versioned):
    """The subject of a post."""

    title = models.CharField(max_length=80)
    slug = models.SlugField("page address (URL)", max_length=80, unique=True)
    description = models.CharField(max_length=300, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("blog:topic_detail", args=[self.slug])


class PostQuerySet(ReviewableQuerySet):
    def for_cards(self):
        """Load only what a list prints: half of a query's time goes into its columns."""
        return (
            self.published()
            .select_related("topic", "author", "lead_image")
            .only(
                *("title", "slug", "summary", "publish_at", "updated_at"),
                *("topic__title", "author__name", "author__slug"),
                *(f"lead_image__{field.name}" for field in Image._meta.concrete_fields),
            )
        )

    def for_detail(self):
        return self.published().select_related(
            "topic", "author__portrait", "reviewer", "lead_image"
        )

    def for_feed(self):
        return self.published().select_related("author", "topic")

    def related_to(self, post):
        """Return other posts of a post's topic, newest first."""
        return self.for_cards().filter(topic=post.topic_id).exclude(pk=post.pk)


class Post(Reviewable):
    """An article for patients."""

    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="posts")
    author = models.ForeignKey(
        Practitioner, models.PROTECT, null=True, blank=True, related_name="posts"
    )
    services = models.ManyToManyField(
        Service, blank=True, related_name="posts", verbose_name="related services"
    )
    lead_image = ImageForeignKey()
    feed_id = models.UUIDField(default=uuid4, editable=False)
    urgent_care = models.TextField(
        "when to seek urgent care", blank=True, help_text="Put an empty line between paragraphs."
    )

    history_parts = ("sources",)
    history_ignores = ("feed_id",)
    clinical_fields = (*Reviewable.clinical_fields, "lead_image")
    clinical_parts = {"sources": ("title", "publisher", "year", "url")}
    needed_to_publish = Reviewable.needed_to_publish | {
        "topic": "Choose a topic before you publish.",
        "author": "Choose an author before you publish.",
    }

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "article"
        ordering = ["-publish_at", "-pk"]
        # The index answers alone which posts are published: lists count all of them.
        indexes = [
            models.Index(fields=PUBLISHED, name="blog_post_published"),
            models.Index(fields=["topic", *PUBLISHED], name="blog_post_published_of_topic"),
        ]
        constraints = [
            models.CheckConstraint(
                name="blog_post_published_is_complete",
                condition=~models.Q(status="published")
                | models.Q(topic__isnull=False, author__isnull=False),
                violation_error_message="Choose a topic and an author before you publish.",
            )
        ]

    def get_absolute_url(self):
        return reverse("blog:post_detail", args=[self.slug])

    def clean(self):
        super().clean()
        if self.slug in RESERVED:
            raise ValidationError({"slug": "The site uses this address itself. Choose another."})

    def preview_defaults(self):
        defaults = {}
        if self.topic_id is None:
            defaults["topic"] = Topic(title="Topic not set", slug="not-set")
        if self.author_id is None:
            defaults["author"] = Practitioner(
                name="Author not set", slug="not-set", college=College.NONE, is_active=False
            )
        return defaults

    @cached_property
    def tree(self):
        return parse_fragment(self.body)

    @cached_property
    def headings(self):
        return headings(self.tree)

    @property
    def og_image(self):
        return self.share_image or self.lead_image

    @property
    def reading_minutes(self):
        return reading_minutes(self.tree)


class Source(models.Model):
    """A publication that an article cites."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="sources")
    title = models.CharField(max_length=300)
    publisher = models.CharField("authors and publisher", max_length=300)
    year = models.PositiveSmallIntegerField()
    url = models.URLField("link", blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self):
        return self.title
