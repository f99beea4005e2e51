"""The image library in the admin: upload, alt text, focal point, where an image is used, delete."""

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

from clinic_site.editing.lists import List, folded_search
from clinic_site.editing.pages import row_link
from clinic_site.images.library import CleanImageField, Image
from clinic_site.richtext.usage import objects_choosing, texts_showing

# The uses that crop an image, with their labels; see renditions.USES.
CROPS = (("card", "In a list"), ("portrait", "As a portrait"))
# An article shows an image 44rem wide.
SHARP_FROM = 704  # pixels


class ImageInput(AdminFileWidget):
    """A file input that names the accepted formats."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        accepted = {"accept": "image/jpeg,image/png,image/webp,image/heic,image/avif"}
        return super().build_attrs(base_attrs, extra_attrs) | accepted


class ImageForm(forms.ModelForm):
    """An image, and its focal point as two numbers for people who use no mouse."""

    focal_x = forms.IntegerField(
        label="Focal point, percent from the left",
        min_value=0,
        max_value=100,
        help_text="This point stays visible in every crop. You can also click on the image.",
    )
    focal_y = forms.IntegerField(
        label="Focal point, percent from the top", min_value=0, max_value=100
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "focal_x" in self.fields:  # missing for people who may only view
            across, down = (round(100 * part) for part in self.instance.focal_point)
            self.initial |= {"focal_x": across, "focal_y": down}

    def clean(self):
        data = super().clean()
        if {"focal_x", "focal_y"} & set(self.changed_data) and not self.errors:
            data["image_ppoi"] = f"{data['focal_x'] / 100:g}x{data['focal_y'] / 100:g}"
        return data


@admin.register(Image)
class ImageAdmin(FileAdmin):
    """The image library; drag and drop, folders and the editor's picker come from cabinet."""

    form = ImageForm
    formfield_overrides = {CleanImageField: {"widget": ImageInput}}
    search_fields = ("file_name", "image_alt_text")
    readonly_fields = ("crops", "used_in")
    get_search_results = folded_search

    class Media:
        js = ["js/admin-focal-point.js", "js/admin-uploads.js"]

    def get_fieldsets(self, request, obj=None):
        focus = ("focal_x", "focal_y", "image_ppoi", "crops") if obj else ()
        used_in = ("used_in",) if obj else ()
        fields = ("image_file", "image_alt_text", "is_decorative", *focus, "folder", *used_in)
        return [(None, {"fields": fields})]

    def get_form(self, request, obj=None, **kwargs):
        if obj is None:  # nothing to focus on yet
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, **kwargs)

    def get_changeform_initial_data(self, request):
        folder = Folder.objects.first()
        return {"folder": folder and folder.pk} | super().get_changeform_initial_data(request)

    def get_changelist(self, request, **kwargs):
        return type("ImageList", (List, super().get_changelist(request, **kwargs)), {})

    @admin.display(description="Crops")
    def crops(self, image):
        """The crops as the site shows them; the script moves them with the focal point."""
        frame = (
            '<figure><img class="crop--{}" data-crop src="{}" alt=""><figcaption>{}</figcaption>'
            "</figure>"
        )
        crops = [(use, image.image_file.preview, label) for use, label in CROPS]
        return format_html('<div class="crops">{}</div>', format_html_join("", frame, crops))

    @admin.display(description="Used in")
    def used_in(self, image):
        objects = dict.fromkeys([*objects_choosing(image), *texts_showing(image)])
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

    @admin.display(description="Alt text")
    def admin_details(self, image):
        if image.needs_alt_text:
            return format_html('<strong class="needs-alt-text">{}</strong>', "Alt text missing")
        return "Decorative" if image.is_decorative else image.image_alt_text

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        if cookie := response.cookies.get("cabinet_folder"):  # cabinet sets it for the whole site
            cookie["path"] = reverse("admin:index")
            cookie["secure"] = settings.SESSION_COOKIE_SECURE
            cookie["httponly"], cookie["samesite"] = True, "Lax"
        return response

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "image_file" in form.changed_data:
            self.warn_if_small(request, obj)

    def warn_if_small(self, request, image):
        if image.image_width < SHARP_FROM:
            message = (
                f"“{image}” is only {image.image_width} pixels wide and will look blurred in an "
                f"article, which needs {SHARP_FROM}. Upload a larger one if you have it."
            )
            self.message_user(request, message, messages.WARNING)

    def upload(self, request):
        """Save a dropped file, or show why not: cabinet's script shows only that it failed."""
        try:
            response = super().upload(request)
            if response.status_code == 302:
                return response
            if response.status_code != 400:
                pk = json.loads(response.content)["pk"]
                self.warn_if_small(request, self.model.objects.get(pk=pk))
                return response
            message = "The file is empty, or its folder was deleted. Please reload the page."
        except ValidationError as error:
            message = " ".join(error.messages)
        if file := request.FILES.get("file"):
            message = f"“{file.name}”: {message}"  # the admin capitalises the first letter
        self.message_user(request, message, messages.ERROR)
        return JsonResponse({"success": False, "error": message}, status=400)

    def get_deleted_objects(self, objs, request):
        """Add the texts that show an image to the objects that protect it."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        shown_in = [
            row_link(obj)
            for image in objs
            if isinstance(image, Image)  # cabinet deletes folders here too
            for obj in texts_showing(image)
        ]
        return deleted, counts, lacking, protected + shown_in
