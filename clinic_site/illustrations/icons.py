"""The icons of buttons, links and notes: small SVG files in templates/icons/."""

from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from clinic_site.illustrations.inline import inline_svg

FOLDER = settings.BASE_DIR / "templates" / "icons"


@cache
def icon(name: str, label: str = "") -> SafeString:
    """Return templates/icons/<name>.svg. Raises ValueError if there is no such icon."""
    return mark_safe(inline_svg(FOLDER, name, label).replace("<svg ", '<svg class="icon" ', 1))
