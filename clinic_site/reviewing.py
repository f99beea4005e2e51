"""What a health text has that a practitioner answers for: who checked it, when, and until when."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from clinic_site.publishing import Publishable, PublishableQuerySet

REVIEW_EVERY = timedelta(days=365)


class ReviewableQuerySet(PublishableQuerySet):
    def review_due_within(self, days):
        """Keep published texts whose next review is due in so many days, or was already."""
        last = timezone.localdate() + timedelta(days=days)
        return self.published().filter(review_due_on__lte=last)

    def review_overdue(self):
        """Keep published texts whose next review is due today, or was already."""
        return self.review_due_within(0)

    def changed_since_review(self):
        """Keep published texts whose words changed after somebody had checked them."""
        return self.published().filter(needs_review=True)


class Reviewable(Publishable):
    """A text that a practitioner checks before readers see it, and again each year."""

    reviewer = models.ForeignKey(
        "services.Practitioner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviewed_%(class)ss",
    )
    reviewed_on = models.DateField(null=True, blank=True)
    review_due_on = models.DateField("next review due on", null=True, blank=True)
    needs_review = models.BooleanField("needs review again", default=False, editable=False)

    objects = ReviewableQuerySet.as_manager()

    class Meta:
        abstract = True
