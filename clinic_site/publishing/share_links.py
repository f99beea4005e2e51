"""Share links: signed links to a saved draft, valid for a week, for people without an account."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic_site.web.generic import GenericModel, GenericQuerySet

VALID_FOR = timedelta(days=7)
signer = Signer(salt="clinic_site.publishing.share_links")


class ShareLinkQuerySet(GenericQuerySet):
    def valid(self):
        return self.filter(expires_at__gt=timezone.now())

    def of_token(self, token):
        """Return the valid link of a token, or None if its object is deleted or in the bin."""
        try:
            link = self.valid().filter(pk=signer.unsign(token)).first()
        except BadSignature:
            return None
        return link if link and link.obj and link.obj.trashed_at is None else None


class ShareLink(GenericModel):
    """A share link. Deleting it revokes it. The token is its signed key and not stored."""

    expires_at = models.DateTimeField()

    objects = ShareLinkQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["-pk"]

    def save(self, **kwargs):
        self.expires_at = self.expires_at or timezone.now() + VALID_FOR
        super().save(**kwargs)

    @property
    def url(self):
        return settings.SITE_URL + reverse("preview", args=[signer.sign(self.pk)])
