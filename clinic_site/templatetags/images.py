"""Prints a picture of the library with its sizes."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def picture(image, use, decorative=False):
    """Print an image for a use: {% picture post.lead_image "card" decorative=True %}."""
    alt = "" if decorative else image.image_alt_text
    return format_html('<img src="{}" alt="{}">', image.image_file.url, alt)
