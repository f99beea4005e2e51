"""The image library: each image with its file, renditions, focal point and alt text."""

from functools import partial

from cabinet.base import AbstractFile
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models.fields import files
from django.db.models.signals import post_delete
from django.dispatch import receiver
from imagefield.fields import ImageField, ImageFieldFile, PPOIField

from clinic_site.images.renditions import FORMATS, encode_all
from clinic_site.images.uploads import CleanImage, clean_image, run_in_child

NEEDS_ALT_TEXT = "Describe the image in a sentence, or tick Decorative."
FRACTION = r"(0(\.\d+)?|1(\.0+)?)"


class CleanImageFormField(forms.ImageField):
    """An upload that is checked and encoded anew before any other code opens it."""

    def to_python(self, data):
        file = forms.FileField.to_python(self, data)  # ImageField's own opens any format
        return file and clean_image(file)


class CleanImageFieldFile(ImageFieldFile):
    def save(self, name, content, save=True):
        image = clean_image(content)
        # Django's own: imagefield's would decode once more and choose a name itself.
        files.ImageFieldFile.save(self, image.name, image, save=save)

    save.alters_data = True

    def make_renditions(self):
        """Encode what is missing in one child. imagefield itself would do it in this process."""
        contexts = {one.name: one for one in map(self._process_context, FORMATS.values())}
        missing = [one for name, one in contexts.items() if not self.storage.exists(name)]
        if not missing:
            return
        with self.open() as file:
            content = file.read()
        jobs = [(context.processors, context.ppoi) for context in missing]
        all_encoded = run_in_child(encode_all, content, jobs, patience=-1)
        for context, encoded in zip(missing, all_encoded, strict=True):
            self.storage.save(context.name, ContentFile(encoded))


class CleanImageField(ImageField):
    """An image field that never stores the uploaded bytes."""

    attr_class = CleanImageFieldFile

    def formfield(self, **kwargs):
        # No limit for the uploaded name: the stored one is ours, and short.
        return super().formfield(**{"form_class": CleanImageFormField, "max_length": None} | kwargs)

    def update_dimension_fields(self, instance, *args, **kwargs):
        """Measure clean and stored images only: Pillow would open an upload in any format."""
        value = instance.__dict__.get(self.attname)
        if not isinstance(value, File) or isinstance(value, (CleanImage, files.FieldFile)):
            super().update_dimension_fields(instance, *args, **kwargs)


class ImageFields(models.Model):
    """The image's own fields; cabinet looks for them in a base class of Image."""

    image_file = CleanImageField(
        "image",
        upload_to="images",
        width_field="image_width",
        height_field="image_height",
        ppoi_field="image_ppoi",
        formats=FORMATS,
        max_length=200,
        help_text="JPEG, PNG, WebP, HEIC or AVIF, at most 20 MB.",
    )
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    image_ppoi = PPOIField("focal point", validators=[RegexValidator(f"^{FRACTION}x{FRACTION}$")])
    image_alt_text = models.CharField(
        "alt text",
        max_length=300,
        blank=True,
        help_text="Describe the image in a sentence, for people who can't see it.",
    )
    is_decorative = models.BooleanField(
        "decorative",
        default=False,
        help_text="Tick this if the image adds nothing to the text. Screen readers will skip it.",
    )

    class Meta:
        abstract = True

    def accept_file(self, value):
        """Take a file that was dropped on the library; its alt text follows later."""
        self.image_file = clean_image(value)
        return True


class Image(AbstractFile, ImageFields):
    FILE_FIELDS = ["image_file"]

    class Meta(AbstractFile.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"

    def __str__(self):
        return self.file_name

    def save(self, *args, **kwargs):
        """Save the image; files that it no longer uses are deleted on commit.

        All its files are made before the first write, so that nobody waits for the database while
        they are encoded.
        """
        old = Image._base_manager.filter(pk=self.pk).first() if self.pk else None
        # Store the file first: cabinet reads its name and size.
        self._meta.get_field("image_file").pre_save(self, add=old is None)
        is_replaced = old and old.image_file != self.image_file
        is_refocused = old and not is_replaced and old.focal_point != self.focal_point
        stale = [old.image_file.process(name) for name in FORMATS] if is_refocused else []
        self.image_file.make_renditions()
        super().save(*args, **kwargs)
        if is_replaced:
            transaction.on_commit(partial(old.image_file.delete, save=False), robust=True)
        for name in stale:
            transaction.on_commit(partial(old.image_file.storage.delete, name), robust=True)

    def clean(self):
        # Not cabinet's, which would add a second error to a refused file.
        if self.needs_alt_text:
            raise ValidationError({"image_alt_text": NEEDS_ALT_TEXT})

    @property
    def needs_alt_text(self):
        return not self.is_decorative and not self.image_alt_text.strip()

    @property
    def alt(self):
        """The alternative text to print, "" for a decorative image."""
        return "" if self.is_decorative else self.image_alt_text

    @property
    def share_url(self):
        """The path of the JPEG that is shown where a page with this image is shared."""
        return self.image_file.share

    @property
    def focal_point(self):
        """The point that stays visible in every crop: (across, down), each from 0 to 1."""
        across, down = self.image_ppoi.split("x")
        return float(across), float(down)


def validate_alt_text(pk):
    """Refuse the image with this primary key if it has no alt text."""
    image = Image.objects.filter(pk=pk).first()
    if image and image.needs_alt_text:
        raise ValidationError(
            f"“{image}” has no alt text yet. Add it in the image library, then choose the image."
        )


class ImageForeignKey(models.ForeignKey):
    """An image from the library; it needs alt text, and can't be deleted while it is in use."""

    default_validators = [validate_alt_text]

    def __init__(self, to="clinic_site.Image", on_delete=models.PROTECT, **kwargs):
        defaults = {"null": True, "blank": True, "related_name": "+"}
        super().__init__(to, on_delete, **defaults | kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


@receiver(post_delete, sender=Image)
def delete_files(instance, **kwargs):
    """Delete the file and its renditions once the deletion is committed."""
    transaction.on_commit(partial(instance.image_file.delete, save=False), robust=True)
