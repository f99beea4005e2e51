"""Rows that are about one thing of whatever model: a note on it, a link to it."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class GenericQuerySet(models.QuerySet):
    def for_object(self, row):
        """Keep what is about one row."""
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk)


class GenericModel(models.Model):
    """A row about another; nobody is permitted it by itself, for the other's permissions count."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    row = GenericForeignKey()

    objects = GenericQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [models.Index(fields=["content_type", "object_id"])]
