"""The sizes of an image: made on save around its focal point, and printed as <picture>."""

from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace

from django.utils.html import format_html
from imagefield.processing import build_handler, register
from PIL import Image, ImageOps

# Pillow's options; they are part of a rendition's file name, so new ones give new files.
ENCODINGS = {
    "avif": {"quality": 55, "speed": 8},  # speed 6 took four times as long for the same size
    "webp": {"quality": 78},
}


@dataclass(frozen=True)
class Use:
    """A place where images are shown.

    Args:
        widths: in pixels, ascending.
        sizes: how wide the image is on the page, as the HTML attribute.
        ratio: width to height of the crop; None shows the whole image.
    """

    widths: tuple
    sizes: str
    ratio: float | None = None

    def size(self, width, image):
        """Return (width, height) of a rendition in pixels, never larger than the image."""
        ratio = self.ratio or image.image_width / image.image_height
        width = max(1, min(width, image.image_width, round(image.image_height * ratio)))
        return width, max(1, round(width / ratio))


USES = {
    "card": Use((400, 800), "(min-width: 60rem) 22rem, (min-width: 40rem) 45vw, 92vw", 5 / 3),
    "article": Use((800, 1600), "(min-width: 48rem) 44rem, 92vw"),
    "portrait": Use((160, 320, 640), "(min-width: 40rem) 16rem, 45vw", 1),
}


@register
def encode(get_image, extension, options, size):
    """Encode a rendition in the format of its extension; the last say on how it is saved."""

    def processor(image, context):
        image.draft("RGB", size)  # a JPEG is decoded no larger than it is needed
        image = get_image(image, context)
        context.save_kwargs |= {"format": extension.upper()} | options
        return image

    return processor


def rendition(use, width, extension):
    """Return django-imagefield's spec of a rendition: a function of the file and a context."""

    def spec(file, context):
        size = use.size(width, file.instance)
        context.extension = f".{extension}"
        context.processors = [("encode", extension, ENCODINGS[extension], size), ("crop", size)]

    return spec


RENDITIONS = {
    f"{name}_{width}_{extension}": rendition(use, width, extension)
    for name, use in USES.items()
    for width in use.widths
    for extension in ENCODINGS
}
# What networks and messengers show of a shared page: a JPEG, because some read nothing else.
SHARE_SIZE = (1200, 630)
SHARE_BYTES = 300_000  # WhatsApp shows no larger one
SHARE_QUALITIES = (85, 70, 55, 40, 25)


def as_share_image(image, focal_point=(0.5, 0.5)):
    """Return an image as RGB of SHARE_SIZE, cropped around its focal point, enlarged if need be."""
    image = ImageOps.fit(image, SHARE_SIZE, Image.Resampling.LANCZOS, centering=focal_point)
    sheet = Image.new("RGB", SHARE_SIZE, "white")
    sheet.paste(image, mask=image if image.mode == "RGBA" else None)
    return sheet


def share_options(image):
    """Return Pillow's options for the best JPEG of at most SHARE_BYTES."""
    for quality in SHARE_QUALITIES:
        options = {"format": "JPEG", "quality": quality, "progressive": True, "optimize": True}
        image.save(file := BytesIO(), **options)
        if file.tell() <= SHARE_BYTES:
            break
    return options


@register
def share(get_image, size, qualities):
    def processor(image, context):
        image = as_share_image(get_image(image, context), context.ppoi)
        context.save_kwargs |= share_options(image)
        return image

    return processor


def share_rendition(file, context):
    context.extension = ".jpg"
    context.processors = [("share", SHARE_SIZE, SHARE_QUALITIES)]


# The admin shows the preview to pick the focal point on.
FORMATS = RENDITIONS | {"preview": RENDITIONS["article_800_webp"], "share": share_rendition}


def encode_all(content, jobs):
    """Return the bytes of renditions.

    Args:
        content: the bytes of the stored image.
        jobs: (processors, focal point) of each, as django-imagefield has them.
    """
    encoded = []
    for processors, focal_point in jobs:
        context = SimpleNamespace(ppoi=focal_point, save_kwargs={})
        image = build_handler(processors)(Image.open(BytesIO(content)), context)
        image.save(file := BytesIO(), **context.save_kwargs)
        encoded.append(file.getvalue())
    return encoded


def responsive_image(image, use, alt, is_first=False):
    """Return the <picture> of an image; this reads neither the database nor the disk.

    Args:
        image: an Image of the library.
        use: a key of USES.
        alt: the alternative text, "" for a decorative image.
        is_first: the image is at the top of the page, so it is fetched at once.
    """
    name, use = use, USES[use]
    # A small image has fewer sizes: two widths that come out the same are one file.
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
