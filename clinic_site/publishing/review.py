"""What a health text has that a practitioner answers for: who checked it, when, and until when."""

import re
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from clinic_site.history.words import in_words, plain
from clinic_site.publishing.publishable import Publishable, PublishableQuerySet
from clinic_site.richtext.field import IMAGE
from clinic_site.richtext.rendering import key, stored_alt

REVIEW_EVERY = timedelta(days=365)
LINK = re.compile(r'<a\b[^>]*\shref="([^"]*)"')


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
        verbose_name="reviewed by",
        help_text="Set when a practitioner approves the text under “Review and share”. An owner "
        "may enter it here after a review on paper.",
    )
    reviewed_on = models.DateField("reviewed on", null=True, blank=True)
    review_due_on = models.DateField("next review due on", null=True, blank=True)
    needs_review = models.BooleanField("review needed", default=False, editable=False)

    clinical_fields = ("title",)  # besides its texts
    clinical_parts = {}  # relation to rows that are edited with it: their fields
    needed_to_publish = {  # fields a draft may lack: what is said where a published text does
        "reviewer": "Choose who reviewed it before you publish.",
        "reviewed_on": "Enter when it was reviewed before you publish.",
        "review_due_on": "Enter when the next review is due before you publish.",
    }

    objects = ReviewableQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        errors = {}
        if self.reviewed_on and self.reviewed_on > timezone.localdate():
            errors["reviewed_on"] = "Choose today or a day before."
        if self.reviewed_on and self.review_due_on and self.review_due_on <= self.reviewed_on:
            errors["review_due_on"] = "Choose a day after the last review."
        if self.status == self.Status.PUBLISHED:
            for name, words in self.needed_to_publish.items():
                if not getattr(self, name):
                    errors[name] = words
        if errors:
            raise ValidationError(errors)

    def approve(self, practitioner, due_on):
        """Store that a practitioner has checked the text as it is stored now."""
        self.reviewer, self.reviewed_on = practitioner, timezone.localdate()
        self.review_due_on, self.needs_review = due_on, False
        self.save()

    def clinical_text(self):
        """Return all that a patient may act on, without its markup: what a review is about."""
        told = [
            as_read(field, getattr(self, field.attname))
            for field in self._meta.fields
            if field.name in self.clinical_fields or isinstance(field, models.TextField)
        ]
        for name, fields in self.clinical_parts.items():
            rows = getattr(self, name).values_list(*fields)
            told.append(sorted([one_line(str(value)) for value in row] for row in rows))
        return told


def as_read(field, value):
    """Return what readers get of a field: its words, pictures with theirs, and where links lead."""
    if not isinstance(field, models.TextField):
        return value
    pictures = [(key(tag), stored_alt(tag)) for tag in IMAGE.findall(value)]
    return one_line(in_words(field, value, prose=plain)), pictures, LINK.findall(value)


def one_line(text):
    return " ".join(text.split())
