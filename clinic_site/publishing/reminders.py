"""Which reminders of a review have gone out, so that each does once."""

from django.db import models

from clinic_site.web.generic import GenericModel


class ReviewReminder(GenericModel):
    """A reminder about one text and the day its review is due: a month ahead, or on the day."""

    due_on = models.DateField()
    is_ahead = models.BooleanField()

    class Meta(GenericModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "due_on", "is_ahead"],
                name="one_reminder_ahead_one_when_due",
            )
        ]
