"""The image library in the admin."""

import json

from cabinet.admin import FileAdmin
from cabinet.models import Folder
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from clinic_site.editing.pages import row_link
from clinic_site.images.library import Image, PictureField
from clinic_site.richtext.rendering import rows_choosing, texts_showing

# The uses that crop an image, with their labels; see renditions.USES.
CROPS = (("card", "In a list"), ("portrait", "As a portrait"))
SHARP_FROM = 704  # pixels: an article shows an image 44rem wide
TOO_SMALL = (
    "“{}” is only {} pixels wide and will look blurred in an article, which needs {}. It was "
    "added. Replace it with a larger one if you can."
)


class PictureInput(AdminFileWidget):
    """A file input that names the accepted types, so that phones convert HEIC themselves."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        accepted = {"accept": "image/jpeg,image/png,image/webp"}
        return super().build_attrs(base_attrs, extra_attrs) | accepted


class ImageForm(forms.ModelForm):
    """An image with its focal point as two numbers too, because the picker needs a mouse."""

    focal_x = forms.IntegerField(
        label="Focal point, percent from the left",
        min_value=0,
        max_value=100,
        help_text="The part that stays visible when the image is cropped. Or click on the image.",
    )
    focal_y = forms.IntegerField(
        label="Focal point, percent from the top", min_value=0, max_value=100
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "focal_x" in self.fields:  # missing for people who may only view it
            across, down = (
                round(100 * float(part)) for part in self.instance.image_ppoi.split("x")
            )
            self.initial |= {"focal_x": across, "focal_y": down}

    def clean(self):
        data = super().clean()
        if {"focal_x", "focal_y"} & set(self.changed_data) and not self.errors:
            data["image_ppoi"] = f"{data['focal_x'] / 100:g}x{data['focal_y'] / 100:g}"
        return data


@admin.register(Image)
class ImageAdmin(FileAdmin):
    """The library. Cabinet has the drag upload, the folders and the editor's picker."""

    form = ImageForm
    formfield_overrides = {PictureField: {"widget": PictureInput}}
    search_fields = ("file_name", "image_alt_text")
    words = ("image_alt_text", "is_decorative")
    readonly_fields = ("crops", "used_in")

    class Media:
        js = ["js/admin-focal-point.js"]

    def get_fieldsets(self, request, obj=None):
        focus = ("focal_x", "focal_y", "image_ppoi", "crops") if obj else ()
        used_in = ("used_in",) if obj else ()
        return [(None, {"fields": ("image_file", *self.words, *focus, "folder", *used_in)})]

    def get_form(self, request, obj=None, **kwargs):
        if obj is None:  # nothing to focus on yet
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, **kwargs)

    def get_changeform_initial_data(self, request):
        folder = Folder.objects.first()
        return {"folder": folder and folder.pk} | super().get_changeform_initial_data(request)

    @admin.display(description="Crops")
    def crops(self, image):
        """The image as lists and profiles crop it; a script follows the focal point."""
        frame = (
            '<figure><img class="crop--{}" data-crop src="{}" alt=""><figcaption>{}</figcaption>'
            "</figure>"
        )
        pictures = [(use, image.image_file.preview, words) for use, words in CROPS]
        return format_html('<div class="crops">{}</div>', format_html_join("", frame, pictures))

    @admin.display(description="Used in")
    def used_in(self, image):
        objects = dict.fromkeys([*rows_choosing(image), *texts_showing(image)])
        if not objects:
            return "Not used yet."
        return format_html(
            '<ul class="plain">{}</ul>',
            format_html_join("", "<li>{}</li>", ((row_link(obj),) for obj in objects)),
        )

    @admin.display(description="")
    def admin_thumbnail(self, image):
        url = image.image_file.portrait_160_webp
        return format_html('<img src="{}" alt="" width="50" height="50">', url)

    @admin.display(description="alt text")
    def admin_details(self, image):
        if image.needs_alt_text:
            return format_html('<strong class="needs-alt-text">{}</strong>', "Needs alt text")
        return "Decorative" if image.is_decorative else image.image_alt_text

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        if cookie := response.cookies.get(
            "cabinet_folder"
        ):  # which cabinet sets for the whole site
            cookie["path"] = reverse("admin:index")
            cookie["secure"] = settings.SESSION_COOKIE_SECURE
            cookie["httponly"], cookie["samesite"] = True, "Lax"
        return response

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "image_file" in form.changed_data:
            self.warn_if_too_small(request, obj)

    def warn_if_too_small(self, request, image):
        if image.image_width < SHARP_FROM:
            words = TOO_SMALL.format(image, image.image_width, SHARP_FROM)
            self.message_user(request, words, messages.WARNING)

    def upload(self, request):
        """Store a dropped file, or explain why not.

        Cabinet's script shows only that an upload failed and reloads, so a message says why.
        """
        try:
            response = super().upload(request)
            if response.status_code == 302:
                return response
            if response.status_code != 400:
                key = json.loads(response.content)["pk"]
                self.warn_if_too_small(request, self.model.objects.get(pk=key))
                return response
            words = "The file is empty, or its folder was deleted."
        except ValidationError as error:
            words = f"{request.FILES['file'].name}: {' '.join(error.messages)}"
        self.message_user(request, words, messages.ERROR)
        return JsonResponse({"success": False, "error": words}, status=400)

    def get_deleted_objects(self, objs, request):
        """Add the texts that show an image to what prevents its deletion."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        shown_in = [
            row_link(obj)
            for image in objs
            if isinstance(image, Image)  # cabinet asks for folders here too
            for obj in texts_showing(image)
        ]
        return deleted, counts, lacking, protected + shown_in
