"""Tags that print illustrations and icons: {% illustration "hero" label="…" %}."""

from django import template

from clinic_site.illustrations.icons import icon
from clinic_site.illustrations.inline import article_illustration, illustration, monogram

register = template.Library()
for tag in (article_illustration, icon, illustration, monogram):
    register.simple_tag(tag)
