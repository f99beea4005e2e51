"""What may come in as a picture and what is kept of it: new bytes, never the uploaded ones."""

import hashlib
import io
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.text import slugify
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_MEGABYTES = 20
# JPEG is read at reduced size; the others stand in memory whole, at 4 bytes a pixel.
MAX_MEGAPIXELS = {"JPEG": 50, "PNG": 25, "WEBP": 25}
LONGEST_SIDE = 2400  # pixels kept: one and a half times the widest use

# How each format is written again: suffix and Pillow's options.
KEPT_AS = {
    "JPEG": (".jpg", {"quality": 90, "progressive": True}),
    "PNG": (".png", {}),
    "WEBP": (".webp", {"quality": 90}),
}
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")
# ISO/IEC 23008-12 names the brands of HEIC pictures at byte 8, after "ftyp".
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

EMPTY = "The file is empty. Choose it again."
WRONG_KIND = "This is not a JPEG, PNG or WebP picture. Save it as one of these and choose it again."
HEIC = (
    "This is a HEIC picture, which most browsers cannot show. Save it as JPEG and choose that: on "
    "a Mac open it in Preview and choose File, Export; on Windows open it in Photos and choose "
    "Save as; on an iPhone choose Settings, Camera, Formats, Most compatible before the next one."
)
MOVING = "This picture moves. Choose one that stands still."
DAMAGED = "The picture cannot be read to its end: the file is damaged. Get it once more."

SRGB = ImageCms.createProfile("sRGB")


class CleanPicture(ContentFile):
    """A picture that was made anew, so that it is not done twice on its way to the disk."""


def clean_picture(file):
    """Check a picture and make it anew: upright, sRGB, one frame, without EXIF or any other data.

    Nothing is decoded before size, format, pixels and frames were checked.

    Args:
        file: a django.core.files.File from anywhere; a CleanPicture comes back as it is.

    Returns:
        A CleanPicture of at most LONGEST_SIDE pixels, named by us after the uploaded name and
        its content.

    Raises:
        ValidationError: with a sentence for the person who chose the file.
    """
    if isinstance(file, CleanPicture):
        return file
    image, kind = opened(file)
    try:
        sheet = redrawn(image, with_alpha=kind != "JPEG")
    except Exception as error:  # decoders meet strangers' bytes with exceptions of every class
        raise ValidationError(DAMAGED) from error
    suffix, options = KEPT_AS[kind]
    buffer = io.BytesIO()
    sheet.save(buffer, kind, **options)
    return CleanPicture(buffer.getvalue(), own_name(file.name, buffer.getvalue()) + suffix)


def opened(file):
    """Return the checked, still undecoded image and its kind, a key of KEPT_AS."""
    if not file.size:
        raise ValidationError(EMPTY)
    megabytes = file.size / 1024**2
    if megabytes > MAX_MEGABYTES:
        raise ValidationError(
            f"The file has {megabytes:.1f} MB; at most {MAX_MEGABYTES} can be taken. "
            "Save it smaller and choose it again."
        )
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    try:
        image = Image.open(file, formats=tuple(KEPT_AS))
        # Phones put a second, helping picture into a JPEG (MPO); the first one counts.
        kind = "JPEG" if image.format == "MPO" else image.format
        frames = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(too_many_pixels("far too many", "JPEG")) from error
    except UnidentifiedImageError as error:
        if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
            raise ValidationError(HEIC) from error
        raise ValidationError(DAMAGED if head.startswith(SIGNATURES) else WRONG_KIND) from error
    except Exception as error:  # as in clean_picture
        raise ValidationError(DAMAGED) from error
    megapixels = image.width * image.height / 1_000_000
    if megapixels > MAX_MEGAPIXELS[kind]:
        raise ValidationError(too_many_pixels(f"{megapixels:.1f}", kind))
    if frames > 1:
        raise ValidationError(MOVING)
    return image, kind


def too_many_pixels(amount, kind):
    name = "WebP" if kind == "WEBP" else kind
    return (
        f"The picture has {amount} megapixels; a {name} may have at most {MAX_MEGAPIXELS[kind]}. "
        "Save it smaller and choose it again."
    )


def redrawn(image, with_alpha):
    """Return the picture on a new sheet: RGB, or RGBA where it has transparent parts."""
    profile = image.info.get("icc_profile")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip
        image = image.point(lambda level: level / 256).convert("L")
    mode = "RGBA" if with_alpha and image.has_transparency_data else "RGB"
    if mode == "RGBA" or image.mode not in ("L", "CMYK"):  # those two may have a profile of theirs
        image = image.convert(mode)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)  # after shrinking: turning copies every pixel
    if profile:
        image = in_srgb(image, profile, mode)
    sheet = Image.new(mode, image.size)
    sheet.paste(image.convert(mode))
    return sheet


def in_srgb(image, profile, mode):
    """Return `image` with the colours its profile means; a profile that is no good is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image


def own_name(uploaded_name, content):
    """Return a name without path or suffix: readable words, then eight letters of the content.

    Readers keep a file for a year, so other bytes must have another name.
    """
    words = slugify(PurePath(uploaded_name or "").stem)[:60].strip("-") or "picture"
    return f"{words}-{hashlib.sha256(content).hexdigest()[:8]}"
