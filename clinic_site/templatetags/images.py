"""Tags that print images of the library."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join

from clinic_site.images import renditions
from clinic_site.images.share_cards import og_image_path

register = template.Library()


@register.simple_tag
def responsive_image(image, use, decorative=False):
    """Print an image in all sizes; `use` is a key of USES, decorative images get no alt text."""
    alt = "" if decorative else image.alt
    return renditions.responsive_image(image, use, alt, is_first=use == "article")


@register.simple_tag(takes_context=True)
def og_image(context, page=None):
    """Print the Open Graph image of a page, or the site's own: its URL, type, size and alt text."""
    clinic_name = context["clinic"].name
    path = page and og_image_path(page, clinic_name)
    image = path and page.og_image
    alt = (image and image.alt) or (page.title if path else clinic_name)
    width, height = renditions.SHARE_SIZE
    properties = {
        "": settings.SITE_URL + (path or static("img/share.jpg")),
        ":type": "image/jpeg",
        ":width": width,
        ":height": height,
        ":alt": alt,
    }
    tags = ((f"og:image{name}", value) for name, value in properties.items())
    return format_html_join("\n  ", '<meta property="{}" content="{}">', tags)
