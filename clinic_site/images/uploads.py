"""Safe decoding of uploads: each image is checked, decoded and encoded anew before it is stored."""

import hashlib
import io
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.text import slugify
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_MEGABYTES = 20
# Pillow reads a JPEG at reduced size; the others are in memory whole, at 4 bytes a pixel.
MAX_MEGAPIXELS = {"JPEG": 50, "PNG": 25, "WEBP": 25}
LONGEST_SIDE = 2400  # stored pixels: one and a half times the widest use

# Suffix and Pillow's options for each format that is accepted and stored.
ENCODINGS = {
    "JPEG": (".jpg", {"quality": 90, "progressive": True}),
    "PNG": (".png", {}),
    "WEBP": (".webp", {"quality": 90}),
}
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")
# ISO/IEC 23008-12 puts the brands of HEIC images at byte 8, after "ftyp".
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

TOO_LARGE = "The file is {:.1f} MB. The limit is {} MB. Please make it smaller and upload it again."
WRONG_FORMAT = (
    "This is not a JPEG, PNG or WebP image. Save it in one of these formats and upload it again."
)
HEIC = (
    "This is a HEIC image, which most browsers can't show. Save it as JPEG and upload that. On a "
    "Mac, open it in Preview and choose File, Export. On Windows, open it in Photos and choose "
    "Save as. On an iPhone, choose Settings, Camera, Formats, Most Compatible before the next one."
)
DAMAGED = "The file is damaged and can't be read to the end. Please upload it again."

SRGB = ImageCms.createProfile("sRGB")


class CleanImage(ContentFile):
    """An image that clean_image() made, so that it is not encoded twice on its way to the disk."""


def clean_image(file):
    """Return an upload as a CleanImage: upright, sRGB, one frame, without EXIF or other data.

    Raises:
        ValidationError: what is wrong with the file, for the person who chose it.
    """
    if isinstance(file, CleanImage):
        return file
    image, kind = open_checked(file)
    try:
        image = decode(image, with_alpha=kind != "JPEG")
    except Exception as error:  # on untrusted bytes, decoders raise exceptions of every class
        raise ValidationError(DAMAGED) from error
    suffix, options = ENCODINGS[kind]
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return CleanImage(buffer.getvalue(), stored_name(file.name, buffer.getvalue()) + suffix)


def open_checked(file):
    """Return the checked image, not decoded yet, and its format, a key of ENCODINGS."""
    if not file.size:
        raise ValidationError("The file is empty. Please choose it again.")
    megabytes = file.size / 1024**2
    if megabytes > MAX_MEGABYTES:
        raise ValidationError(TOO_LARGE.format(megabytes, MAX_MEGABYTES))
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    try:
        image = Image.open(file, formats=tuple(ENCODINGS))
        # Phones put a second image into a JPEG (MPO); the first one counts.
        kind = "JPEG" if image.format == "MPO" else image.format
        frames = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels("far too many", "JPEG") from error
    except UnidentifiedImageError as error:
        if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
            raise ValidationError(HEIC) from error
        raise ValidationError(DAMAGED if head.startswith(SIGNATURES) else WRONG_FORMAT) from error
    except Exception as error:  # as in clean_image
        raise ValidationError(DAMAGED) from error
    megapixels = image.width * image.height / 1_000_000
    if megapixels > MAX_MEGAPIXELS[kind]:
        raise too_many_pixels(f"{megapixels:.1f}", kind)
    if frames > 1:
        raise ValidationError("This is an animation. Please use a still image.")
    return image, kind


def too_many_pixels(amount, kind):
    name = "WebP" if kind == "WEBP" else kind
    return ValidationError(
        f"The image has {amount} megapixels. The limit for {name} is {MAX_MEGAPIXELS[kind]}. "
        "Please make it smaller and upload it again."
    )


def decode(image, with_alpha):
    """Return the pixels as a new image: RGB, or RGBA if it has transparent parts."""
    profile = image.info.get("icc_profile")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip
        image = image.point(lambda level: level / 256).convert("L")
    mode = "RGBA" if with_alpha and image.has_transparency_data else "RGB"
    if mode == "RGBA" or image.mode not in ("L", "CMYK"):  # those two may have their own profile
        image = image.convert(mode)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)  # after shrinking: turning copies every pixel
    if profile:
        image = to_srgb(image, profile, mode)
    bare = Image.new(mode, image.size)
    bare.paste(image.convert(mode))
    return bare


def to_srgb(image, profile, mode):
    """Convert an image from its ICC profile to sRGB; a broken profile is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image


def stored_name(uploaded_name, content):
    """Return words of the name and a hash of the content: browsers cache a file for a year."""
    words = slugify(PurePath(uploaded_name or "").stem)[:60].strip("-") or "image"
    return f"{words}-{hashlib.sha256(content).hexdigest()[:8]}"
