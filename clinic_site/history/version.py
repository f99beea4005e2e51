"""A version: an object with its parts as one save left it, by whom and when."""

from contextlib import contextmanager

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from clinic_site.history.snapshot import is_same, snapshot, token_of
from clinic_site.web.generic import GenericModel, GenericQuerySet

OUTSIDE = "Changed outside the admin"


def person_name(user):
    """Return a person's full name, or the user name if there is none."""
    return user.get_full_name() or user.get_username()


class VersionQuerySet(GenericQuerySet):
    def record(self, obj, by=None, words=""):
        """Record an object as it is stored, unless its last version is the same.

        Args:
            by: the account, or None for the site itself.
            words: a description, if the changes alone do not explain it.

        Returns:
            The last Version.
        """
        last, state = self.for_object(obj).first(), snapshot(obj)
        token = token_of(state)
        if last and is_same(last.state, state):
            if last.token != token:  # the model has other fields now: nobody changed the object
                last.state, last.token = state, token
                last.save(update_fields=["state", "token"])
            return last
        if last and hasattr(obj, "updated_at"):  # perhaps only a part or a link was changed
            type(obj)._base_manager.filter(pk=obj.pk).update(updated_at=timezone.now())
        name = person_name(by) if by else ""
        return self.create(obj=obj, by=by, by_name=name, words=words, state=state, token=token)

    def with_before(self):
        """Add `before` to each version: the state before that save, or None for the first."""
        same = {name: models.OuterRef(name) for name in ("content_type", "object_id")}
        earlier = Version.objects.filter(pk__lt=models.OuterRef("pk"), **same)
        return self.annotate(before=models.Subquery(earlier.values("state")[:1]))


class Version(GenericModel):
    """One save of one object, with a snapshot of the whole object."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField("who, at that time", max_length=310, blank=True)
    words = models.CharField(max_length=200, blank=True)
    state = models.JSONField()
    token = models.CharField(max_length=16, help_text="token_of() the state.")

    objects = VersionQuerySet.as_manager()

    class Meta(GenericModel.Meta):
        indexes = [models.Index(fields=["content_type", "object_id", "-id"])]
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.content_type} {self.object_id}, {self.at:%Y-%m-%d %H:%M}"


class Versioned(models.Model):
    """An object with a history. Enquiries have none: versions would copy patients' words."""

    history_parts = ()  # relations to objects that are edited as parts of it
    history_ignores = ()  # fields that the site works out from others

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        post_delete.connect(delete_versions, sender=cls)

    @classmethod
    def part_models(cls):
        """Return {model: name of the relation} of the parts."""
        return {cls._meta.get_field(name).related_model: name for name in cls.history_parts}


def delete_versions(instance, **kwargs):
    Version.objects.for_object(instance).delete()


def record_outside_changes(obj):
    """Record what changed outside the admin, and return the last Version.

    Call it before a save, in its transaction: then the last version is the object as it was before.
    It writes, so call it for no GET.
    """
    has_versions = Version.objects.for_object(obj).exists()
    return Version.objects.record(obj, words=OUTSIDE if has_versions else "")


@contextmanager
def recording(obj, by, words=""):
    """Record what a block saves as one version of an object, in one transaction."""
    with transaction.atomic():
        record_outside_changes(obj)
        yield
        Version.objects.record(obj, by, words)
