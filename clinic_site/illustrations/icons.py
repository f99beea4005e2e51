"""The icons of buttons, links and notes: small SVG files in templates/icons/."""

from functools import cache

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = settings.BASE_DIR / "templates" / "icons"


def icon(name: str, label: str = "") -> SafeString:
    """Return templates/icons/<name>.svg. Raises ValueError where there is no such icon."""
    svg = icons().get(name)
    if svg is None:
        raise ValueError(f"no icon {name!r} in templates/icons; there are: {', '.join(icons())}")
    words = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(svg.replace("<svg ", f'<svg class="icon" {words} focusable="false" ', 1))


@cache
def icons() -> dict[str, str]:
    """Return each icon's SVG by name; inside HTML it needs no namespace."""
    return {
        path.stem: path.read_text().strip().replace(' xmlns="http://www.w3.org/2000/svg"', "")
        for path in sorted(FOLDER.glob("*.svg"))
    }
