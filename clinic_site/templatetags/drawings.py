"""Tags that print the clinic's own pictures and icons inside a page."""

from functools import cache

from django import template
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic_site import drawings

register = template.Library()

ICONS = settings.BASE_DIR / "templates" / "icons"

# mark_safe is right below: the pictures hold numbers we computed, labels and initials that the
# drawings escape themselves, and icon files from our own repository.


@register.simple_tag
def joint_plate(joint: str, label: str = "") -> SafeString:
    """Print a joint's goniometer plate. Raises KeyError for a joint without a drawing."""
    return mark_safe(drawings.joint_plate(joint, label))


@register.simple_tag
def article_plate(slug: str, label: str = "") -> SafeString:
    """Print the abstract plate of an article without a photo."""
    return mark_safe(drawings.article_plate(slug, label))


@register.simple_tag
def hero_figure(label: str = "") -> SafeString:
    """Print the motion study."""
    return mark_safe(drawings.hero(label))


@register.simple_tag
def monogram(initials: str, seed: str, label: str = "") -> SafeString:
    """Print initials on an arc, for a person without a portrait; one seed, one arc."""
    return mark_safe(drawings.monogram(initials, str(seed), label))


@register.simple_tag
def brand_mark(label: str = "") -> SafeString:
    """Print the logo mark."""
    return mark_safe(drawings.mark(label))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Print templates/icons/<name>.svg. Raises ValueError where there is no such icon."""
    svg = _icons().get(name)
    if svg is None:
        raise ValueError(f"no icon {name!r} in templates/icons; there are: {', '.join(_icons())}")
    words = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(svg.replace("<svg ", f'<svg class="icon" {words} focusable="false" ', 1))


@cache
def _icons() -> dict[str, str]:
    """Return each icon's SVG by name; inside HTML it needs no namespace."""
    return {
        path.stem: path.read_text().strip().replace(' xmlns="http://www.w3.org/2000/svg"', "")
        for path in sorted(ICONS.glob("*.svg"))
    }
