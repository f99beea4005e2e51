"""One number that moves whenever something on a public page is saved."""

import time
from threading import local

from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

last_bump = local()


class ContentVersionQuerySet(models.QuerySet):
    def current(self):
        return self.values_list("number", flat=True).first() or 0

    def bump(self):
        if not self.update(number=models.F("number") + 1):
            self.get_or_create(pk=1, defaults={"number": 1})


class ContentVersion(models.Model):
    """The one object with the number."""

    number = models.BigIntegerField()

    objects = ContentVersionQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return str(self.number)


def bump_after_commit(**kwargs):
    """Bump once for all that one transaction saved, however many objects that were."""
    saved_at = time.monotonic()

    def bump():
        if getattr(last_bump, "at", 0) < saved_at:
            ContentVersion.objects.bump()
            last_bump.at = time.monotonic()

    # robust: what was saved stays saved, also where the number cannot be moved.
    transaction.on_commit(bump, robust=True)


def watch(models):
    """Bump the version after each change to objects of these models, and to their links."""
    for model in models:
        post_save.connect(bump_after_commit, sender=model)
        post_delete.connect(bump_after_commit, sender=model)
        for field in model._meta.many_to_many:
            m2m_changed.connect(bump_after_commit, sender=field.remote_field.through)
