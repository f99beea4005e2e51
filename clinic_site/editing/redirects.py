"""Redirects in the admin: those the site makes by itself, and those the clinic adds."""

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
RESERVED = ("/admin/", "/contact/", "/media/", "/static/")

admin.site.unregister(Redirect)


class RedirectForm(forms.ModelForm):
    class Meta:
        labels = {"old_path": "Redirect from", "new_path": "Redirect to"}
        help_texts = {
            "old_path": "For example, /old-page/.",
            "new_path": "A page of this site, for example /services/, or a full address with https://.",
        }

    def clean_old_path(self):
        path = self.cleaned_data["old_path"]
        if not OWN_PATH.fullmatch(path):
            words = "Enter the part after the site’s name, for example /old-page/."
            raise forms.ValidationError(words)
        if path == "/" or path.startswith(RESERVED):
            raise forms.ValidationError("The site uses this address itself. Choose another.")
        others = Redirect.objects.filter(old_path=path).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("This address has a redirect already. Change that one.")
        if read_page(path):
            raise forms.ValidationError(
                "There is a page at this address, so a redirect would have no effect."
            )
        return path

    def clean_new_path(self):
        path = self.cleaned_data["new_path"]
        if not ADDRESS.fullmatch(path):
            raise forms.ValidationError(
                "Enter a page of this site, for example /services/, or a full address with https://."
            )
        path = find_redirect(path) or path  # one hop
        if path.startswith("/") and not read_page(re.split("[?#]", path)[0]):
            raise forms.ValidationError("This site has no page at this address.")
        return path


@admin.register(Redirect)
class RedirectAdmin(ModelAdmin):
    """Redirects. The site makes most of them when a page gets a new address."""

    form = RedirectForm
    fields = ("old_path", "new_path")
    list_display = ("old_path", "new_path")
    search_fields = ("old_path", "new_path")
    view_on_site = False

    def save_model(self, request, obj, form, change):
        """Point redirects to the old address to the new one, so that each stays one hop."""
        obj.site_id = settings.SITE_ID
        super().save_model(request, obj, form, change)
        Redirect.objects.filter(new_path=obj.old_path).update(new_path=obj.new_path)
