"""A version: one save of an object and its parts by one person."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone


def person_name(user):
    """Return a person's full name, or the user name if there is none."""
    return user.get_full_name() or user.get_username()


@dataclass
class Saving:
    """A save in progress: by whom, with which description, and the versions made so far."""

    by: object = None
    words: str = ""
    versions: dict = field(default_factory=dict)


_saving = ContextVar("saving", default=None)


@contextmanager
def saving(by=None, words=""):
    """Collect all saves inside into one version of each object.

    Args:
        by: the account, or None for the site itself.
        words: a description, if the changes alone do not explain it.
    """
    token = _saving.set(Saving(by, words))
    try:
        yield
    finally:
        _saving.reset(token)


def saved_by():
    """Return the account that is saving, or None."""
    current = _saving.get()
    return current and current.by


class VersionQuerySet(models.QuerySet):
    def for_object(self, obj):
        """Keep the versions of one object, newest first."""
        kind = ContentType.objects.get_for_model(obj, for_concrete_model=False)
        return self.filter(content_type=kind, object_id=obj.pk)

    def joined(self, model, pk):
        """Return the version of the save in progress, created at the first change."""
        current = _saving.get() or Saving()
        if (model, pk) not in current.versions:
            by = current.by
            current.versions[model, pk] = self.create(
                content_type=ContentType.objects.get_for_model(model),
                object_id=pk,
                by=by,
                by_name=person_name(by) if by else "",
                words=current.words,
            )
        return current.versions[model, pk]


class Version(models.Model):
    """One save of one object. The records that point to it hold the values."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField("who, at that time", max_length=310, blank=True)
    words = models.CharField(max_length=200, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["content_type", "object_id", "-id"])]
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.content_type} {self.object_id}, {self.at:%Y-%m-%d %H:%M}"
