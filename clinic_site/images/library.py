"""The picture library: one row a picture, its words and its files."""

from functools import partial

from cabinet.base import AbstractFile
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models.fields.files import ImageFieldFile as DjangoImageFieldFile
from django.db.models.signals import post_delete
from django.dispatch import receiver
from imagefield.fields import ImageField, ImageFieldFile, PPOIField

from clinic_site.images.renditions import FORMATS
from clinic_site.images.uploads import CleanPicture, clean_picture

NEEDS_ALT_TEXT = "Say in a sentence what the picture shows, or tick Decorative."
FRACTION = r"(0(\.\d+)?|1(\.0+)?)"


class PictureFormField(forms.ImageField):
    """An upload that is checked and made anew before anything else looks into it."""

    def to_python(self, data):
        file = forms.FileField.to_python(self, data)  # ImageField's own opens any format
        return file and clean_picture(file)


class PictureFile(ImageFieldFile):
    """A stored picture with its renditions."""

    def save(self, name, content, save=True):
        picture = clean_picture(content)
        # Past imagefield's own check, which decodes once more and would name the file itself.
        DjangoImageFieldFile.save(self, picture.name, picture, save=save)

    save.alters_data = True

    def stored_names(self):
        """Return the names of the file and of all its renditions."""
        contexts = map(self._process_context, self.field.formats.values())
        return {self.name} | {context.name for context in contexts}


class PictureField(ImageField):
    """An image field that never stores the bytes it was given."""

    attr_class = PictureFile

    def formfield(self, **kwargs):
        # Our own name is short, however long the uploaded one was.
        return super().formfield(**{"form_class": PictureFormField, "max_length": None} | kwargs)

    def update_dimension_fields(self, instance, *args, **kwargs):
        """Measure what is ours only: for a stranger's file, Pillow would read any format."""
        value = instance.__dict__.get(self.attname)
        is_ours = isinstance(value, CleanPicture) or getattr(value, "_committed", False)
        if is_ours or not isinstance(value, File):
            super().update_dimension_fields(instance, *args, **kwargs)


class ImagePart(models.Model):
    """The fields the library's software expects of a picture."""

    image_file = PictureField(
        "picture",
        upload_to="pictures",
        width_field="image_width",
        height_field="image_height",
        ppoi_field="image_ppoi",
        formats=FORMATS,
        max_length=200,
        help_text="JPEG, PNG or WebP, at most 20 MB.",
    )
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    image_ppoi = PPOIField("focal point", validators=[RegexValidator(f"^{FRACTION}x{FRACTION}$")])
    image_alt_text = models.CharField(
        "alt text",
        max_length=300,
        blank=True,
        help_text="What the picture shows, in a sentence, for people who cannot see it.",
    )
    is_decorative = models.BooleanField(
        "decorative",
        default=False,
        help_text="It says nothing that the text does not say: it is passed over when read aloud.",
    )

    class Meta:
        abstract = True

    def accept_file(self, value):
        """Take a file dropped on the library; the words come later.

        Raises:
            ValidationError: with a sentence for the person who dropped it.
        """
        self.image_file = clean_picture(value)
        return True


class Image(AbstractFile, ImagePart):
    """One picture of the library."""

    FILE_FIELDS = ["image_file"]

    class Meta(AbstractFile.Meta):
        verbose_name = "picture"
        verbose_name_plural = "pictures"

    def __str__(self):
        return self.file_name

    def save(self, *args, **kwargs):
        stored = type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None
        if not self.image_file._committed:
            # Here, so that name and size in the row are the kept file's, not the uploaded one's.
            self.image_file.save(self.image_file.name, self.image_file.file, save=False)
        super().save(*args, **kwargs)
        if stored:
            stale = stored.image_file.stored_names() - self.image_file.stored_names()
            storage = self.image_file.storage
            transaction.on_commit(lambda: [storage.delete(name) for name in stale], robust=True)

    def clean(self):
        # Not cabinet's: it would add a second complaint to a refused file.
        if self.needs_alt_text:
            raise ValidationError({"image_alt_text": NEEDS_ALT_TEXT})

    @property
    def needs_alt_text(self):
        return not self.is_decorative and not self.image_alt_text.strip()

    @property
    def alt(self):
        """The alternative text to print, "" for a decorative picture."""
        return "" if self.is_decorative else self.image_alt_text


def validate_words(pk):
    """Refuse a picture that nobody has described yet.

    Args:
        pk: the picture's primary key, as a foreign key holds it.
    """
    image = Image.objects.filter(pk=pk).first()
    if image and image.needs_alt_text:
        raise ValidationError(
            f"“{image}” has no alt text yet. Open it in the picture library and write it first."
        )


class PictureKey(models.ForeignKey):
    """A picture chosen from the library; an undescribed one is refused, a chosen one is kept."""

    default_validators = [validate_words]

    def __init__(self, to="clinic_site.Image", on_delete=models.PROTECT, **kwargs):
        defaults = {"null": True, "blank": True, "related_name": "+"}
        super().__init__(to, on_delete, **defaults | kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


@receiver(post_delete, sender=Image)
def delete_files(instance, **kwargs):
    """Remove the file and everything made from it, once the deletion is certain."""
    transaction.on_commit(partial(instance.image_file.delete, save=False), robust=True)
