"""Tags that print images of the library."""

from django import template
from django.conf import settings
from django.templatetags.static import static

from clinic_site.images import renditions
from clinic_site.images.share_cards import og_image_path

register = template.Library()


@register.simple_tag
def responsive_image(image, use, decorative=False):
    """Print an image in all sizes; `use` is a key of USES, decorative images get no alt text."""
    alt = "" if decorative else image.alt
    return renditions.responsive_image(image, use, alt, is_first=use == "article")


@register.simple_tag(takes_context=True)
def og_image_url(context, page=None):
    """Print the absolute URL of a page's Open Graph image, or of the site's own."""
    path = page and og_image_path(page, context["clinic"].name)
    return settings.SITE_URL + (path or static("img/share.png"))
