"""Prints a picture of the library with its sizes."""

from django import template
from django.conf import settings
from django.templatetags.static import static

from clinic_site.images.renditions import picture_html
from clinic_site.images.share_cards import share_picture_path

register = template.Library()


@register.simple_tag
def picture(image, use, decorative=False):
    """Print an image for a use: {% picture post.lead_image "card" decorative=True %}.

    Args:
        image: an Image.
        use: a key of renditions.USES; "article" is the page's lead and fetched first.
        decorative: the text beside it says the same, so it gets no alternative text.
    """
    alt = "" if decorative else image.alt
    return picture_html(image, use, alt, is_first=use == "article")


@register.simple_tag(takes_context=True)
def share_picture(context, page=None):
    """Print the absolute address of a Publishable's share picture, or of the site's own."""
    path = page and share_picture_path(page, context["clinic"].name)
    return settings.SITE_URL + (path or static("img/share.png"))
