"""The review of a health text: by which practitioner, when, and when the next one is due.

An approval writes these fields; only an owner may type them. A later change of words, images,
links, sources or questions calls for a new review, and until then the page does not say that it was
reviewed. A typo that an editor fixes does not: clinic_site/publishing/typos.py says what is one."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from clinic_site.history.snapshot import values
from clinic_site.history.version import Version
from clinic_site.history.words import in_words
from clinic_site.publishing.publishable import Publishable, PublishableQuerySet
from clinic_site.richtext.html import alt_text, image_key, links, parse_fragment
from clinic_site.richtext.plain_text import plain_text

REVIEW_EVERY = timedelta(days=365)
APPROVED = "Reviewed and approved"  # what a version says that an approval recorded


class ReviewableQuerySet(PublishableQuerySet):
    def review_due_within(self, days):
        """Keep published texts whose next review is overdue or due within some days."""
        last = timezone.localdate() + timedelta(days=days)
        return self.published().filter(review_due_on__lte=last)

    def changed_since_review(self):
        """Keep published texts that were edited after their review."""
        return self.published().filter(needs_review=True)


class Reviewable(Publishable):
    """A text that a practitioner reviews before it is published, and again each year."""

    reviewer = models.ForeignKey(
        "services.Practitioner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviewed_%(class)ss",
        verbose_name="reviewed by",
        help_text="Filled in when a practitioner approves the text under “Review and share”. "
        "Owners can enter a review made on paper.",
    )
    reviewed_on = models.DateField("reviewed on", null=True, blank=True)
    review_due_on = models.DateField("next review due", null=True, blank=True)
    needs_review = models.BooleanField("review needed", default=False, editable=False)

    clinical_fields = ("title",)  # besides its texts
    clinical_parts = {}  # name in history_parts: fields
    needed_to_publish = Publishable.needed_to_publish | {
        "reviewer": "Choose who reviewed this before you publish.",
        "reviewed_on": "Enter the date of the review before you publish.",
        "review_due_on": "Enter the date of the next review before you publish.",
    }

    objects = ReviewableQuerySet.as_manager()

    class Meta:
        abstract = True

    def field_errors(self):
        errors = super().field_errors()
        if self.reviewed_on and self.reviewed_on > timezone.localdate():
            errors["reviewed_on"] = "Choose today or an earlier date."
        if self.reviewed_on and self.review_due_on and self.review_due_on <= self.reviewed_on:
            errors["review_due_on"] = "Choose a date after the last review."
        return errors

    @property
    def shown_reviewer(self):
        """The practitioner whom the page names: nobody after a change that nobody approved."""
        return None if self.needs_review else self.reviewer

    def approve(self, practitioner, due_on):
        """Record the review of the text as it is stored now."""
        self.reviewer, self.reviewed_on = practitioner, timezone.localdate()
        self.review_due_on, self.needs_review = due_on, False
        self.save()

    def approved_version(self):
        """Return the Version that the last review approved, or the first since it was entered."""
        versions, now = Version.objects.for_object(self), values(self)
        review = {f"state__{name}": now[name] for name in ("reviewer", "reviewed_on")}
        found = [versions.filter(words=APPROVED).first(), versions.filter(**review).last()]
        return max(filter(None, found), key=lambda version: version.pk, default=None)

    def clinical_text(self, state):
        """Return what a review covers of a snapshot: every text that a patient may act on.

        A snapshot from before a field was added to the model has the field's default.
        """
        texts = [
            as_read(field, state.get(field.name, field.get_default()))
            for field in self._meta.fields
            if field.name in self.clinical_fields or isinstance(field, models.TextField)
        ]
        for name, fields in self.clinical_parts.items():
            parts = state.get(name, ())
            texts.append(
                sorted([one_line(str(part.get(one, ""))) for one in fields] for part in parts)
            )
        return texts


def as_read(field, value):
    """Return what readers get of a field: its text, its images with alt texts, and its links."""
    if not isinstance(field, models.TextField):
        return value
    tree = parse_fragment(value)
    images = [(image_key(img), alt_text(img)) for img in tree.iter("img")]
    hrefs = [link.get("href") for link in links(tree)]
    return one_line(in_words(field, value, prose=plain_text)), images, hrefs


def one_line(text):
    return " ".join(text.split())
