"""Links that lead nowhere, as the last check found them."""

from django.db import models, transaction

from clinic_site.web.generic import GenericModel, GenericQuerySet


class DeadLinkQuerySet(GenericQuerySet):
    @transaction.atomic
    def replace(self, obj, found):
        """Replace an object's dead links by the (href, words, why) found now."""
        self.for_object(obj).delete()
        self.bulk_create(
            self.model(obj=obj, href=href[:1000], words=words.strip()[:200], why=why)
            for href, words, why in found
        )


class DeadLink(GenericModel):
    """A link on a page that leads nowhere, until a check finds it fixed or its page gone."""

    href = models.CharField(max_length=1000)
    words = models.CharField(max_length=200)
    why = models.CharField(max_length=100)

    objects = DeadLinkQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["pk"]
