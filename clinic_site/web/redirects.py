"""Redirects from the old addresses of pages; a page at an old address comes before them."""

from django.apps import apps
from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import models, transaction
from django.http import HttpResponsePermanentRedirect


def add_redirect(old, new):
    """Redirect one path to another, and whatever led to the old one too, so that all is one hop."""
    Redirect.objects.filter(old_path=new).delete()  # the page is there, and a loop would be too
    Redirect.objects.filter(new_path=old).update(new_path=new)
    Redirect.objects.update_or_create(
        site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new}
    )


def find_redirect(path):
    """Return the path that an old one leads to now, or None."""
    if "\0" in path:  # which PostgreSQL takes in no text
        return None
    return Redirect.objects.filter(old_path=path).values_list("new_path", flat=True).first()


def redirect_of(request):
    """Return the redirect from an old address, or None; the query, meant for the old page, goes."""
    path = find_redirect(request.path) if request.method in ("GET", "HEAD") else None
    return path and HttpResponsePermanentRedirect(path)


class PublicPage(models.Model):
    """An object with a page of its own, whose old addresses redirect to it."""

    titled_by = "title"  # the field whose words people look for

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args, **kwargs):
        before = type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None
        super().save(*args, **kwargs)
        if before:
            old, new = before.get_absolute_url(), self.get_absolute_url()
            if old != new and before.was_shown():
                add_redirect(old, new)

    def was_shown(self):
        """Say whether readers may know the address: a draft's leads nowhere."""
        return True

    def preview_defaults(self):
        """Return {field: unsaved object} for what a draft lacks on the page of its preview."""
        return {}


def models_with_pages():
    """Return the models with a page each; `objects.on_site()` keeps those that visitors see."""
    return [model for model in apps.get_models() if issubclass(model, PublicPage)]
