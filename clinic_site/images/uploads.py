"""Safe decoding of uploads: each image is checked, decoded and encoded anew before it is stored.

Metadata is thrown away, so no fault in it is a reason to refuse an image. The limits of pixels are
what a decoder takes in memory: the process that decodes stays under 250 MB, the worker under 150.
"""

import hashlib
import io
import pickle
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path, PurePath
from threading import Lock

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.text import slugify
from PIL import Image, ImageChops, ImageCms, ImageOps, PngImagePlugin

ROOT = Path(__file__).resolve().parents[2]
CHILD_SECONDS = 60
turn = Lock()
MAX_MEGABYTES = 20
LONGEST_SIDE = 2400  # stored pixels: one and a half times the widest use
# A JPEG is read at reduced size, unless it is progressive; others are in memory whole, some twice.
MAX_MEGAPIXELS = {
    "JPEG": 50,
    "progressive JPEG": 25,
    "progressive CMYK JPEG": 13,
    "PNG": 25,
    "WebP": 13,
    "HEIC": 25,
    "AVIF": 16,
}
# Suffix and Pillow's options for each format that is stored.
ENCODINGS = {
    "JPEG": (".jpg", {"quality": 90, "progressive": True}),
    "PNG": (".png", {}),
    "WEBP": (".webp", {"quality": 90}),
}
# What Pillow may open, by how a file begins.
FORMATS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n": "PNG", b"RIFF": "WEBP"}
# ISO/IEC 23008-12 and AV1-AVIF put the brand at byte 8, after "ftyp".
BRANDS = dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), "HEIF") | {b"avif": "AVIF"}
SEQUENCES = (b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis")
NAMES = {"WEBP": "WebP", "HEIF": "HEIC"}
# The chunks of a PNG that decide how it looks.
PNG_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT")
LARGEST_PROFILE = 4_000_000  # bytes; Pillow refuses more than 1 MB
END_OF_JPEG = b"\xff\xd9"
BAND = 256  # rows
LOST_ROWS = 32  # pixels at the end of a JPEG that may be missing
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"

EMPTY = "The file is empty. Please choose it again."
TOO_LARGE = "The file is {:.1f} MB. The limit is {} MB. Please make it smaller and upload it again."
WRONG_FORMAT = (
    "This is not a JPEG, PNG, WebP, HEIC or AVIF image. Save it in one of these formats and upload "
    "it again."
)
ANIMATION = "This is an animation. Please use a still image."
DAMAGED = "The file is damaged and can't be read to the end. Please upload it again."
BUSY = "Other images are still being prepared. Please upload this one again in a minute."

SRGB = ImageCms.createProfile("sRGB")
PngImagePlugin.MAX_TEXT_CHUNK = LARGEST_PROFILE


class CleanImage(ContentFile):
    """An image that clean_image() made, so that it is not encoded twice on its way to the disk."""


class BusyError(Exception):
    """Other images took too long."""


def run_in_child(function, *args, patience=CHILD_SECONDS):
    """Return what a function returns, called in a process of its own, one at a time.

    Pillow keeps Python's lock while it decodes: in a thread, a large image would stop all requests
    of the worker, also one that holds the database's write lock. And memory is free again when a
    process ends. The function may need neither settings nor the database.

    Args:
        patience: seconds to wait for a turn; -1 waits for ever.

    Raises:
        BusyError: no turn came.
        SubprocessError: the process died, or took longer than CHILD_SECONDS.
        Exception: what the function raised.
    """
    if not turn.acquire(timeout=patience):
        raise BusyError
    try:
        done = subprocess.run(
            [sys.executable, "-m", "clinic_site.images.child"],
            input=pickle.dumps((function, args)),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            timeout=CHILD_SECONDS,
            check=True,
        )
    finally:
        turn.release()
    result, error = pickle.loads(done.stdout)
    if error:
        raise error
    return result


def clean_image(file):
    """Return an upload as a CleanImage: upright, sRGB, one frame, without EXIF or other data.

    Raises:
        ValidationError: what is wrong with the file, for the person who chose it.
    """
    if isinstance(file, CleanImage):
        return file
    kind = kind_of(file)
    has_path = hasattr(file, "temporary_file_path")  # a large upload
    source = file.temporary_file_path() if has_path else file.read()
    try:
        content, suffix = run_in_child(encode_anew, source, kind)
    except BusyError as error:
        raise ValidationError(BUSY) from error
    except subprocess.SubprocessError as error:  # a decoder crashed
        raise ValidationError(DAMAGED) from error
    return CleanImage(content, stored_name(file.name, content) + suffix)


def encode_anew(source, kind):
    """Return the bytes and the suffix of a checked image.

    Args:
        source: the bytes of the upload, or the path of its file.
        kind: its format, as kind_of() returned it.

    Raises:
        ValidationError: what is wrong with it.
    """
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        image = decode_upload(content, kind)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels("far too many", NAMES.get(kind, kind)) from error
    except Exception as error:  # on untrusted bytes, decoders raise exceptions of every class
        raise ValidationError(DAMAGED) from error
    if kind not in ENCODINGS:
        kind = "PNG" if image.mode == "RGBA" else "JPEG"
    suffix, options = ENCODINGS[kind]
    image.save(buffer := io.BytesIO(), kind, **options)
    return buffer.getvalue(), suffix


def kind_of(file):
    """Return Pillow's name of an upload's format, as its first bytes tell it."""
    if not file.size:
        raise ValidationError(EMPTY)
    megabytes = file.size / 1024**2
    if megabytes > MAX_MEGABYTES:
        raise ValidationError(TOO_LARGE.format(megabytes, MAX_MEGABYTES))
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    brand = head[8:12] if head[4:8] == b"ftyp" else None
    if brand == b"mif1" and b"avif" in head:  # some programs name the family first
        brand = b"avif"
    if brand in SEQUENCES:
        raise ValidationError(ANIMATION)
    kinds = [kind for start, kind in FORMATS.items() if head.startswith(start)]
    kind = BRANDS.get(brand) or next(iter(kinds), None)
    if kind is None:
        raise ValidationError(WRONG_FORMAT)
    return kind


def decode_upload(content, kind):
    """Return the pixels of an upload as a new image, at most LONGEST_SIDE long.

    Raises:
        ValidationError: it has too many pixels, or moves.
        Exception: it is damaged.
    """
    if kind == "PNG":
        content = without_metadata(content)
    try:
        return decode(open_checked(content, kind), with_alpha=kind != "JPEG")
    except OSError:
        if kind != "JPEG" or content.rstrip(b"\0").endswith(END_OF_JPEG):
            raise
    # It ends too early. If all pixels are there, further data changes none of them.
    noise = bytes(range(250)) * 2
    one, other = (
        decode(open_checked(content + rest + END_OF_JPEG, kind), with_alpha=False)
        for rest in (b"", noise)
    )
    changed = ImageChops.difference(one, other).getbbox()
    if changed and one.height - changed[1] > LOST_ROWS:
        raise ValidationError(DAMAGED)
    return one


def open_checked(content, kind):
    """Return an image that is not decoded yet, and has neither too many pixels nor frames."""
    if kind == "HEIF":
        # Here, because most images do not need it.
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False, decode_threads=1)
    image = Image.open(io.BytesIO(content), formats=(kind,))
    name = NAMES.get(kind, kind)
    if kind == "JPEG" and image.info.get("progressive"):
        name = "progressive CMYK JPEG" if image.mode == "CMYK" else "progressive JPEG"
    megapixels = image.width * image.height / 1_000_000
    if megapixels > MAX_MEGAPIXELS[name]:
        raise too_many_pixels(f"{megapixels:.1f}", name)
    # Phones put further images into a JPEG (MPO) or a HEIC; the first one counts.
    if kind not in ("JPEG", "HEIF") and getattr(image, "n_frames", 1) > 1:
        raise ValidationError(ANIMATION)
    return image


def too_many_pixels(amount, name):
    return ValidationError(
        f"The image has {amount} megapixels. The limit for {name} is {MAX_MEGAPIXELS[name]}. "
        "Please make it smaller and upload it again."
    )


def without_metadata(content):
    """Return a PNG with the chunks that decide how it looks, and none that Pillow would refuse."""
    place = 8
    kept = [content[:place]]
    while chunk := content[place : place + 12 + int.from_bytes(content[place : place + 4])]:
        place += len(chunk)
        name, is_ancillary = chunk[4:8], chunk[4:5].islower()
        is_faulty = is_ancillary and zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:])
        is_bomb = name == b"iCCP" and is_huge(chunk)
        if name in PNG_CHUNKS and not is_faulty and not is_bomb:
            kept.append(chunk)
    return b"".join([*kept, PNG_END])


def is_huge(chunk):
    """Return whether a PNG's colour profile takes more memory than it is worth."""
    packed = chunk[8:-4].partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    with suppress(zlib.error):
        unpacker.decompress(packed, LARGEST_PROFILE)
    return not unpacker.eof


def decode(image, with_alpha):
    """Return the pixels as a new image: RGB, or RGBA if it has transparent parts."""
    profile = image.info.get("icc_profile")
    shrink = min(1, LONGEST_SIDE / max(image.size))
    size = [max(1, round(side * shrink)) for side in image.size]
    image.draft("RGB", size)
    image.load()
    mode = "RGBA" if with_alpha and image.has_transparency_data else "RGB"
    # Grey and CMYK may have a profile of their own.
    image = made_smaller(image, size, image.mode if image.mode in ("L", "CMYK") else mode)
    with suppress(Exception):  # broken EXIF says nothing about the orientation
        image = ImageOps.exif_transpose(image)
    if profile:
        image = to_srgb(image, profile, mode)
    bare = Image.new(mode, image.size)
    bare.paste(image.convert(mode))
    return bare


def made_smaller(image, size, mode):
    """Return an image in another size and mode, made in bands: Pillow copies what it converts."""
    narrow = Image.new(mode, (size[0], image.height))
    for top in range(0, image.height, BAND):
        band = image.crop((0, top, image.width, min(top + BAND, image.height)))
        if band.mode.startswith("I"):  # 16 bits of grey, which convert() would clip
            band = band.point(lambda level: level / 256).convert("L")
        band = band.convert(mode).resize((size[0], band.height), Image.Resampling.LANCZOS)
        narrow.paste(band, (0, top))
    narrow.info = image.info
    image.close()
    return narrow.resize(size, Image.Resampling.LANCZOS)


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
