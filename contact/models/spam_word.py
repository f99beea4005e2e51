"""What the clinic's "Spam" and "Not spam" taught the spam model."""

from django.db import models

from contact.intake import spam_model


class SpamWordQuerySet(models.QuerySet):
    def weights(self, text):
        """Return what the clinic taught about the words of a text, by bucket."""
        found = self.filter(bucket__in=spam_model.features(text))
        return dict(found.values_list("bucket", "weight"))

    def learn(self, text, is_spam):
        """Move the weights of a text's words, because staff said whether it is spam."""
        weights = spam_model.lesson(text, is_spam, self.weights(text))
        self.bulk_create(
            [SpamWord(bucket=bucket, weight=weight) for bucket, weight in weights.items()],
            update_conflicts=True,
            unique_fields=["bucket"],
            update_fields=["weight"],
        )


class SpamWord(models.Model):
    """The weight of all words whose hash falls in one of 262,144 buckets; no word can be read."""

    bucket = models.PositiveIntegerField(primary_key=True)
    weight = models.FloatField()

    objects = SpamWordQuerySet.as_manager()

    def __str__(self):
        return f"{self.bucket}: {self.weight:+.2f}"
