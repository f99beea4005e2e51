"""The reminders of a review that were sent, so that each is sent once."""

from django.db import models

from clinic_site.web.generic import GenericModel


class ReviewReminder(GenericModel):
    """A reminder about one text, sent a month before its review is due or on that day."""

    due_on = models.DateField()
    is_ahead = models.BooleanField()

    class Meta(GenericModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "due_on", "is_ahead"],
                name="one_reminder_ahead_one_when_due",
            )
        ]
