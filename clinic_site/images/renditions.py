"""The sizes a picture is shown at: made at save around its focal point, printed as <picture>."""

from dataclasses import dataclass

from django.utils.html import format_html
from imagefield.processing import register

# Pillow's options; they are part of a rendition's name, so new ones make new files.
ENCODINGS = {
    "avif": {"quality": 55, "speed": 8},  # speed 6 took four times as long for the same size
    "webp": {"quality": 78},
}


@dataclass(frozen=True)
class Use:
    """One place pictures are shown at.

    Args:
        widths: in pixels, ascending.
        sizes: how wide it stands on the page, as the HTML attribute.
        ratio: width to height the picture is cut to; None leaves it whole.
    """

    widths: tuple
    sizes: str
    ratio: float | None = None

    def size(self, width, image):
        """Return (width, height) in pixels of a rendition, never larger than the picture is."""
        ratio = self.ratio or image.image_width / image.image_height
        width = max(1, min(width, image.image_width, round(image.image_height * ratio)))
        return width, max(1, round(width / ratio))


USES = {
    "card": Use((400, 800), "(min-width: 60rem) 22rem, (min-width: 40rem) 45vw, 92vw", 5 / 3),
    "article": Use((800, 1600), "(min-width: 48rem) 44rem, 92vw"),
    "portrait": Use((160, 320, 640), "(min-width: 40rem) 16rem, 45vw", 1),
}


@register
def encode(get_image, extension, options):
    """Write a rendition as the format its extension says; the last word on how it is saved."""

    def processor(image, context):
        image = get_image(image, context)
        context.save_kwargs |= {"format": extension.upper()} | options
        return image

    return processor


def rendition(use, width, extension):
    """Return what django-imagefield makes a rendition by: a function of the file and a context."""

    def spec(file, context):
        context.extension = f".{extension}"
        context.processors = [
            ("encode", extension, ENCODINGS[extension]),
            ("crop", use.size(width, file.instance)),
        ]

    return spec


RENDITIONS = {
    f"{name}_{width}_{extension}": rendition(use, width, extension)
    for name, use in USES.items()
    for width in use.widths
    for extension in ENCODINGS
}
# What the admin shows to pick the focal point on.
FORMATS = RENDITIONS | {"preview": RENDITIONS["article_800_webp"]}


def picture_html(image, use, alt, is_first=False):
    """Print a picture with all its sizes; it asks neither the database nor the disk.

    Args:
        image: an Image of the library.
        use: a key of USES.
        alt: the alternative text, "" where the picture only decorates.
        is_first: it stands at the top of the page, so it is fetched at once.
    """
    name, use = use, USES[use]
    # A small picture has fewer sizes: two widths that come out the same are one file.
    widths = {use.size(width, image)[0]: width for width in use.widths}

    def url(width, extension):
        return getattr(image.image_file, f"{name}_{width}_{extension}")

    def srcset(extension):
        return ", ".join(f"{url(width, extension)} {real}w" for real, width in widths.items())

    width, height = use.size(use.widths[-1], image)
    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}">'
        '<source type="image/webp" srcset="{}" sizes="{}">'
        '<img src="{}" width="{}" height="{}" alt="{}" {}="{}" decoding="async"></picture>',
        srcset("avif"),
        use.sizes,
        srcset("webp"),
        use.sizes,
        url(use.widths[-1], "webp"),
        width,
        height,
        alt,
        *(("fetchpriority", "high") if is_first else ("loading", "lazy")),
    )
