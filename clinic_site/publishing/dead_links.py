"""A link of a page that leads nowhere, as the last check found it."""

from django.db import models, transaction

from clinic_site.web.generic import GenericModel, GenericQuerySet


class DeadLinkQuerySet(GenericQuerySet):
    @transaction.atomic
    def keep(self, row, found):
        """Replace what is kept of a row by the (href, words, why) found now."""
        self.for_object(row).delete()
        self.bulk_create(
            self.model(row=row, href=href[:1000], words=words.strip()[:200], why=why)
            for href, words, why in found
        )


class DeadLink(GenericModel):
    """One such link; it goes when a check finds it mended, or its page gone."""

    href = models.CharField(max_length=1000)
    words = models.CharField(max_length=200)
    why = models.CharField(max_length=100)

    objects = DeadLinkQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["pk"]
