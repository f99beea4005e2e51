"""Tags that print images of the library."""

from django import template
from django.conf import settings
from django.templatetags.static import static

from clinic_site.images import renditions
from clinic_site.images.share_cards import og_image_path

register = template.Library()


@register.simple_tag
def responsive_image(image, use, decorative=False):
    """Print an image in all its sizes: {% responsive_image post.lead_image "card" %}.

    Args:
        image: an Image.
        use: a key of renditions.USES; "article" is the page's lead image and fetched first.
        decorative: the text beside it says the same, so it gets no alternative text.
    """
    alt = "" if decorative else image.alt
    return renditions.responsive_image(image, use, alt, is_first=use == "article")


@register.simple_tag(takes_context=True)
def og_image_url(context, page=None):
    """Print the absolute URL of a page's Open Graph image, or of the site's own."""
    path = page and og_image_path(page, context["clinic"].name)
    return settings.SITE_URL + (path or static("img/share.png"))
