"""Tags that print the clinic's own pictures and icons inside a page."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from clinic_site import illustrations as drawings
from clinic_site.illustrations.icons import icon

register = template.Library()
register.simple_tag(icon)

# mark_safe is right below: the pictures hold numbers we computed, and labels and initials that the
# drawings escape themselves.


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
