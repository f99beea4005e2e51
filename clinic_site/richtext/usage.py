"""Which objects use an image: in a text, or in a field of their own."""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from clinic_site.images.library import Image, ImageForeignKey
from clinic_site.richtext.field import ProseField


def models_with(kind):
    """Yield each model with fields of a class, and those fields."""
    for model in apps.get_models():
        fields = [field for field in model._meta.fields if isinstance(field, kind)]
        if fields and not model._meta.proxy:
            yield model, fields


def objects_matching(kind, condition):
    """Yield the objects of which a field of a class meets a condition, a pair for Q."""
    for model, fields in models_with(kind):
        query = reduce(or_, (models.Q(condition(field.name)) for field in fields))
        yield from model._base_manager.filter(query)


def texts_showing(image):
    """Return the objects whose text shows the image in a figure."""
    figure = f'data-file="{image.pk}"'
    return objects_matching(ProseField, lambda name: (f"{name}__contains", figure))


def objects_choosing(image):
    """Return the objects that name the image in a field of their own, such as a lead image."""
    return objects_matching(ImageForeignKey, lambda name: (name, image.pk))


@receiver(pre_delete, sender=Image)
def protect_images_in_texts(instance, **kwargs):
    """Refuse to delete an image that a text shows, as a foreign key would."""
    objects = set(texts_showing(instance))
    if objects:
        names = ", ".join(sorted(map(str, objects)))
        raise models.ProtectedError(f"These texts show the image: {names}.", objects)
