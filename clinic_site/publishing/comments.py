"""Comments on a text, and approvals of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic_site.history.version import person_name
from clinic_site.web.generic import GenericModel, GenericQuerySet


class ReviewCommentQuerySet(GenericQuerySet):
    def write(self, obj, by, text, is_approval=False):
        name = person_name(by)
        return self.create(obj=obj, by=by, by_name=name, text=text, is_approval=is_approval)


class ReviewComment(GenericModel):
    """A comment, or an approval with or without one."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField("who, at that time", max_length=310)
    text = models.TextField(blank=True)
    is_approval = models.BooleanField(default=False)

    objects = ReviewCommentQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        ordering = ["-pk"]
