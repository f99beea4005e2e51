"""The picture library in the admin: adding, describing, focusing, choosing and deleting."""

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

# The uses that cut a picture, with the words for them; see renditions.USES.
CROPS = (("card", "In a list"), ("portrait", "As a portrait"))
# An article shows a picture 44rem wide.
SHARP_FROM = 704  # pixels
TOO_SMALL = (
    "“{}” is only {} pixels wide and will look blurred in an article, which needs {}. It is kept; "
    "choose a larger one if you have it."
)


class PictureInput(AdminFileWidget):
    """A file input that offers what can be taken, so that a phone converts HEIC by itself."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        accepted = {"accept": "image/jpeg,image/png,image/webp"}
        return super().build_attrs(base_attrs, extra_attrs) | accepted


class ImageForm(forms.ModelForm):
    """A picture with its focal point as two numbers too: the picker needs a mouse."""

    focal_x = forms.IntegerField(
        label="Focal point, percent from the left",
        min_value=0,
        max_value=100,
        help_text="What must stay in sight when the picture is cut. Or click on the picture.",
    )
    focal_y = forms.IntegerField(
        label="Focal point, percent from the top", min_value=0, max_value=100
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "focal_x" in self.fields:  # not for people who may only look
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
    """The library; drag upload, folders and the editor's picker are cabinet's."""

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

    @admin.display(description="How it is cut")
    def crops(self, image):
        """The picture as lists and people show it; the script moves it with the focal point."""
        frame = (
            '<figure><img class="crop--{}" data-crop src="{}" alt=""><figcaption>{}</figcaption>'
            "</figure>"
        )
        pictures = [(use, image.image_file.preview, words) for use, words in CROPS]
        return format_html('<div class="crops">{}</div>', format_html_join("", frame, pictures))

    @admin.display(description="Where it is used")
    def used_in(self, image):
        rows = dict.fromkeys([*rows_choosing(image), *texts_showing(image)])
        if not rows:
            return "Nowhere yet."
        return format_html(
            '<ul class="plain">{}</ul>',
            format_html_join("", "<li>{}</li>", ((row_link(row),) for row in rows)),
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
        if cookie := response.cookies.get("cabinet_folder"):  # which cabinet sets as if for all
            cookie["path"] = reverse("admin:index")
            cookie["secure"] = settings.SESSION_COOKIE_SECURE
            cookie["httponly"], cookie["samesite"] = True, "Lax"
        return response

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "image_file" in form.changed_data:
            self.tell_too_small(request, obj)

    def tell_too_small(self, request, image):
        if image.image_width < SHARP_FROM:
            words = TOO_SMALL.format(image, image.image_width, SHARP_FROM)
            self.message_user(request, words, messages.WARNING)

    def upload(self, request):
        """Take a dropped file, or say why not.

        The words go into the answer and, since cabinet's script shows only that it failed, to the
        top of the page it then loads again.
        """
        try:
            response = super().upload(request)
            if response.status_code == 302:
                return response
            if response.status_code != 400:
                key = json.loads(response.content)["pk"]
                self.tell_too_small(request, self.model.objects.get(pk=key))
                return response
            words = "A file was empty, or its folder is gone."
        except ValidationError as error:
            words = f"{request.FILES['file'].name}: {' '.join(error.messages)}"
        self.message_user(request, words, messages.ERROR)
        return JsonResponse({"success": False, "error": words}, status=400)

    def get_deleted_objects(self, objs, request):
        """Add the texts that show a picture to what keeps it from being deleted."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        shown_in = [
            row_link(row)
            for image in objs
            if isinstance(image, Image)  # cabinet asks for folders here too
            for row in texts_showing(image)
        ]
        return deleted, counts, lacking, protected + shown_in
