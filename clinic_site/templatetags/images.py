"""Prints a picture of the library with its sizes."""

from django import template

from clinic_site.renditions import picture_html

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
