"""Old addresses in the admin: those the site keeps by itself, and the clinic's own."""

import re

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.redirects.admin import Redirect

from clinic_site.editing.base import ModelAdmin
from clinic_site.publishing.link_check import read_page
from clinic_site.web.redirects import find_redirect

OWN_PATH = re.compile(r"/(?![/\\])[^\s?#\\]*")
ADDRESS = re.compile(r"https://[^\s/\\@]+(?:/\S*)?|/(?:(?![/\\])[^\s\\]*)")
KEPT_PLACES = ("/admin/", "/contact/", "/media/", "/static/")

admin.site.unregister(Redirect)


class RedirectForm(forms.ModelForm):
    class Meta:
        labels = {"old_path": "Old address", "new_path": "Leads to"}
        help_texts = {
            "old_path": "Like /old-page/.",
            "new_path": "A page of ours, like /services/, or a whole address with https://.",
        }

    def clean_old_path(self):
        path = self.cleaned_data["old_path"]
        if not OWN_PATH.fullmatch(path):
            raise forms.ValidationError("Write the part after the site's name, like /old-page/.")
        if path == "/" or path.startswith(KEPT_PLACES):
            raise forms.ValidationError("The site uses this address itself. Choose another.")
        others = Redirect.objects.filter(old_path=path).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("This address leads somewhere already. Change that row.")
        if read_page(path):
            raise forms.ValidationError("A page is at this address, and readers would stay on it.")
        return path

    def clean_new_path(self):
        path = self.cleaned_data["new_path"]
        if not ADDRESS.fullmatch(path):
            raise forms.ValidationError("Write a page of ours, like /services/, or https://…")
        path = find_redirect(path) or path  # one hop
        if path.startswith("/") and not read_page(re.split("[?#]", path)[0]):
            raise forms.ValidationError("There is no page of ours at this address.")
        return path


@admin.register(Redirect)
class RedirectAdmin(ModelAdmin):
    """Old addresses, most of which the site made when a page got a new one."""

    form = RedirectForm
    fields = ("old_path", "new_path")
    list_display = ("old_path", "new_path")
    search_fields = ("old_path", "new_path")
    view_on_site = False

    def save_model(self, request, obj, form, change):
        """Lead whatever led to this old address to its new one too, so that it stays one hop."""
        obj.site_id = settings.SITE_ID
        super().save_model(request, obj, form, change)
        Redirect.objects.filter(new_path=obj.old_path).update(new_path=obj.new_path)
