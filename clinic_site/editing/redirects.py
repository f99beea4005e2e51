"""Redirects in the admin: those the site makes by itself, and those the clinic adds."""

import re

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.redirects.admin import Redirect

from clinic_site.editing.base import ModelAdmin
from clinic_site.publishing.link_check import read_page
from clinic_site.web.redirects import (
    RESERVED,
    find_redirect,
    is_spelling_of,
    lead_on,
    old_address,
    spellings,
)

HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
OWN_PATH = re.compile(r"/(?![/\\])[^\s#\\]*")
ADDRESS = re.compile(r"https://[^\s/\\@\[\]]+(?:/\S*)?|/(?:(?![/\\])[^\s\\]*)")

admin.site.unregister(Redirect)


class RedirectForm(forms.ModelForm):
    class Meta:
        labels = {"old_path": "Redirect from", "new_path": "Redirect to"}
        help_texts = {
            "old_path": "For example, /old-page/ or /index.php?page_id=7. You can paste the whole "
            "old address.",
            "new_path": "A page of this site, for example /services/, or a full address with https://.",
        }

    def clean_old_path(self):
        typed = HOST.sub("", self.cleaned_data["old_path"]).partition("#")[0] or "/"
        if typed.startswith("?"):
            typed = f"/{typed}"
        if not OWN_PATH.fullmatch(typed):
            words = "Enter the part after the site’s name, for example /old-page/."
            raise forms.ValidationError(words)
        address = old_address(typed)
        if "\0" in address or len(address) > self.fields["old_path"].max_length:
            raise forms.ValidationError("No browser asks for such an address. Copy it again.")
        bare, with_slash = spellings(address)
        if with_slash == "/" or with_slash.startswith(RESERVED):
            raise forms.ValidationError("The site uses this address itself. Choose another.")
        others = Redirect.objects.filter(old_path__in=(bare, with_slash))
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This address has a redirect already. Change that one.")
        if "?" not in address and (read_page(with_slash) or read_page(bare)):
            raise forms.ValidationError(
                "There is a page at this address, so a redirect would have no effect."
            )
        return address

    def clean_new_path(self):
        path = self.cleaned_data["new_path"].removeprefix(settings.SITE_URL) or "/"
        if not ADDRESS.fullmatch(path):
            raise forms.ValidationError(
                "Enter a page of this site, for example /services/, or a full address with https://."
            )
        if path.startswith("/"):
            path = find_redirect(path) or path  # one hop
        if path.startswith("/") and not read_page(re.split("[?#]", path)[0]):
            raise forms.ValidationError("This site has no page at this address.")
        if path.startswith("/") and is_spelling_of(path, self.cleaned_data.get("old_path") or "x"):
            raise forms.ValidationError("This is the address that you redirect from.")
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
        lead_on(obj.old_path, obj.new_path)
