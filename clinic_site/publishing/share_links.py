"""A link to a saved draft for somebody without an account: signed, for a week, revocable."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.web.generic import GenericModel, GenericQuerySet

VALID_FOR = timedelta(days=7)
signer = Signer(salt="clinic_site.publishing.share_links")


class PreviewLinkQuerySet(GenericQuerySet):
    def valid(self):
        return self.filter(expires_at__gt=timezone.now())

    def of_token(self, token):
        """Return the valid link of a token, or None; what is gone or in the bin is not shown."""
        try:
            link = self.valid().filter(pk=signer.unsign(token)).first()
        except BadSignature:
            return None
        return link if link and link.row and link.row.trashed_at is None else None


class ShareLink(GenericModel):
    """One link; deleting it revokes it. The token is made from the key and kept nowhere."""

    expires_at = models.DateTimeField()

    objects = PreviewLinkQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["-pk"]

    def save(self, **kwargs):
        self.expires_at = self.expires_at or timezone.now() + VALID_FOR
        super().save(**kwargs)

    @property
    def url(self):
        return settings.SITE_URL + reverse("preview", args=[signer.sign(self.pk)])
