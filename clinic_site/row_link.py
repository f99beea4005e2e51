"""A row of any model as a link to its form, for lists of what uses or names something."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst


def row_link(row):
    """Return the row's kind and name, linked to its form where the admin has one."""
    kind = capfirst(row._meta.verbose_name)
    if not admin.site.is_registered(type(row)):
        return f"{kind}: {row}"
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('{}: <a href="{}">{}</a>', kind, reverse(name, args=[row.pk]), row)
