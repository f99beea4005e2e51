"""Images: which uploads are accepted, what is stored, where it is shown, and when it is deleted."""

import io
import json
import pickle
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from unittest import mock

import pytest
from cabinet.models import Folder
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.template import Context, Template
from django.urls import reverse
from PIL import Image as Pillow
from PIL import ImageCms
from pillow_heif import register_heif_opener

from blog.models import Post
from clinic_site.images import uploads
from clinic_site.images.library import Image, ImageForeignKey, validate_alt_text
from clinic_site.images.renditions import FORMATS, RENDITIONS, USES
from clinic_site.images.uploads import BusyError, clean_image
from clinic_site.models import Page
from clinic_site.richtext.rendering import for_page

register_heif_opener()
EXIF_ORIENTATION, EXIF_GPS = 0x0112, 0x8825


def image_bytes(width=60, height=40, kind="JPEG", mode="RGB", colour="teal", **options):
    """Return an image as bytes."""
    buffer = io.BytesIO()
    Pillow.new(mode, (width, height), colour).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@cache
def png_claiming(width, height):
    """Return a valid grey PNG of a few kB that unpacks to width x height bytes."""
    packer = zlib.compressobj(9)
    rows = [packer.compress(bytes(width + 1)) for _ in range(height)] + [packer.flush()]
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def moving(kind):
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def webp_claiming(width, height):
    """Return a lossless WebP whose header names another size than it has."""
    content = bytearray(image_bytes(kind="WEBP", lossless=True))
    place = content.index(b"VP8L") + 9  # two sizes of 14 bits, each less one
    content[place : place + 4] = struct.pack("<I", width - 1 | height - 1 << 14)
    return bytes(content)


def wide_profile():
    """Return an ICC profile with sRGB's curve and the primaries of Adobe RGB (1998)."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # As XYZ at D50, in the specification's annex; s15Fixed16 numbers.
    primaries = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    for number in range(struct.unpack_from(">I", content, 128)[0]):
        name, place = struct.unpack_from(">4sI", content, 132 + 12 * number)
        if name in primaries:
            values = (round(part * 65536) for part in primaries[name])
            struct.pack_into(">3i", content, place + 8, *values)
    return bytes(content)


def jpeg_claiming(width, height):
    """Return a JPEG whose header names another size than it has."""
    content = bytearray(image_bytes())
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def drawing(kind="JPEG", mode="RGB", **options):
    """Return an image that is nowhere of one colour, as bytes."""
    buffer = io.BytesIO()
    Pillow.radial_gradient("L").resize((300, 300)).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def half(content):
    return content[: len(content) // 2]


def flipped(content):
    """Return a PNG with a wrong bit in the pixels."""
    place = content.index(b"IDAT") + 40
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def with_chunk(png, new):
    """Return a PNG with a further chunk before its pixels."""
    place = png.index(b"IDAT") - 4
    return png[:place] + new + png[place:]


def with_segment(jpeg, marker, data):
    """Return a JPEG with a further segment at its start, such as an APPn."""
    return jpeg[:2] + bytes((255, marker)) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def in_pieces(png):
    """Return a PNG with its pixels in many IDAT chunks."""
    place = png.index(b"IDAT")
    length = int.from_bytes(png[place - 4 : place])
    pixels = png[place + 4 : place + 4 + length]
    pieces = [chunk(b"IDAT", pixels[start : start + 50]) for start in range(0, length, 50)]
    return png[: place - 4] + b"".join(pieces) + chunk(b"IEND", b"")


def wrong_checksum(name, data):
    return chunk(name, data)[:-1] + b"\0"


def packed_text(size):
    """Return the data of an iTXt chunk that unpacks to so many bytes of XMP."""
    return b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * size)


def packed_profile(size):
    return b"profile\0\0" + zlib.compress(bytes(size))


EXIF_HEAD = b"Exif\0\0"
# name: a function that makes an image whose faults browsers pass over
TAKEN = {
    "profile of 1.5 MB.png": lambda: drawing("PNG", icc_profile=wide_profile() + bytes(1_500_000)),
    "profile of 9 MB.png": lambda: with_chunk(
        drawing("PNG"), chunk(b"iCCP", packed_profile(9_000_000))
    ),
    "profile that unpacks to nothing.png": lambda: with_chunk(
        drawing("PNG"), chunk(b"iCCP", b"profile\0\0junk")
    ),
    "profile of 1.5 MB.jpg": lambda: drawing(icc_profile=wide_profile() + bytes(1_500_000)),
    "profile of 1.5 MB.webp": lambda: drawing("WEBP", icc_profile=bytes(1_500_000)),
    "XMP of 3 MB.png": lambda: with_chunk(drawing("PNG"), chunk(b"iTXt", packed_text(3_000_000))),
    "texts of 90 MB.png": lambda: with_chunk(
        drawing("PNG"), chunk(b"iTXt", packed_text(900_000)) * 100
    ),
    "text without an end.png": lambda: with_chunk(drawing("PNG"), chunk(b"zTXt", b"Title")),
    "wrong checksum of a text.png": lambda: with_chunk(
        drawing("PNG"), wrong_checksum(b"tEXt", b"Title\0Knee")
    ),
    "wrong checksum of EXIF.png": lambda: with_chunk(
        drawing("PNG"), wrong_checksum(b"eXIf", b"II*\0")
    ),
    "broken EXIF.png": lambda: with_chunk(drawing("PNG"), chunk(b"eXIf", b"MM" + bytes(30))),
    "wrong time.png": lambda: with_chunk(drawing("PNG"), chunk(b"tIME", b"")),
    "pixels in pieces.png": lambda: in_pieces(drawing("PNG")),
    "without its last chunk.png": lambda: drawing("PNG")[:-12],
    "followed by others.png": lambda: drawing("PNG") + bytes(5000) + b"PK",
    "without its last two bytes.jpg": lambda: drawing()[:-2],
    "without its last byte.jpg": lambda: drawing()[:-1],
    "without its last four bytes.jpg": lambda: drawing()[:-4],
    "progressive without its last two bytes.jpg": lambda: drawing(progressive=True)[:-2],
    "CMYK without its last two bytes.jpg": lambda: drawing(mode="CMYK")[:-2],
    "of one colour without its last two bytes.jpg": lambda: image_bytes(300, 300)[:-2],
    "followed by others.jpg": lambda: drawing() + bytes(5000) + b"PK",
    "EXIF of 60 kB.jpg": lambda: with_segment(drawing(), 0xE1, EXIF_HEAD + b"\xff" * 60_000),
    "EXIF twice.jpg": lambda: with_segment(
        drawing(exif=Pillow.Exif()), 0xE1, EXIF_HEAD + b"MM\0*\0\0\xff\xff"
    ),
    "broken list of images.jpg": lambda: with_segment(
        drawing(), 0xE2, b"MPF\0MM\0*\0\0\0\x08\0\x09" + bytes(20)
    ),
    "segments of 1 MB.jpg": lambda: with_segment(
        with_segment(drawing(), 0xED, bytes(65_000)), 0xEB, bytes(65_000)
    ),
    "EXIF.webp": lambda: drawing("WEBP", exif=EXIF_HEAD + b"\xff" * 1000),
    "XMP of 3 MB.webp": lambda: drawing("WEBP", xmp=b" " * 3_000_000),
    "EXIF.avif": lambda: drawing("AVIF", exif=EXIF_HEAD + b"MM\0*" + bytes(100)),
    "named by its family.avif": lambda: drawing("AVIF").replace(b"avif", b"mif1", 1),
    "XMP of 3 MB.heic": lambda: drawing("HEIF", xmp=b" " * 3_000_000),
}

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OTHER = "not a JPEG, PNG, WebP, HEIC or AVIF image"


def container(brand):
    """Return the first bytes of a file like HEIC and AVIF, with nothing in it."""
    return b"\x00\x00\x00\x18ftyp" + brand + bytes(60)


def claiming(width, height, kind):
    """Return a small HEIC or AVIF whose header names another size than it has."""
    data = image_bytes(64, 64, kind)
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


# name: a function that makes the bytes, and words of the refusal
REFUSED = {
    "empty.jpg": (bytes, "empty"),
    "large.jpg": (lambda: image_bytes() + bytes(21 * 1024**2), "21.0 MB. The limit is 20 MB"),
    "bomb.png": (partial(png_claiming, 9000, 9000), "81.0 megapixels. The limit for PNG is 25"),
    "bomb.webp": (partial(webp_claiming, 4400, 3000), "13.2 megapixels. The limit for WebP"),
    "wide.jpg": (partial(jpeg_claiming, 9000, 6000), "54.0 megapixels. The limit for JPEG is 50"),
    "huge.jpg": (partial(jpeg_claiming, 60000, 60000), "far too many megapixels"),
    "eps.png": (lambda: EPS, OTHER),
    "leaflet.jpg": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", OTHER),
    "drawing.svg": (lambda: SVG, OTHER),
    "script.jpg": (lambda: image_bytes(kind="GIF") + b"<script>", OTHER),
    "scan.tiff": (partial(image_bytes, kind="TIFF"), OTHER),
    "film.mp4": (partial(container, b"isom"), OTHER),
    "empty.avif": (partial(container, b"avif"), "damaged"),
    "empty.heic": (partial(container, b"heic"), "damaged"),
    "burst.heic": (partial(container, b"hevc"), "animation"),
    "burst.heif": (partial(container, b"msf1"), "animation"),
    "moving.avif": (partial(moving, "AVIF"), "animation"),
    "bomb.heic": (partial(claiming, 5100, 5000, "HEIF"), "25.5 megapixels. The limit for HEIC"),
    "bomb.avif": (partial(claiming, 4100, 4000, "AVIF"), "The limit for AVIF is 16"),
    "cmyk.jpg": (
        partial(image_bytes, 4400, 3000, mode="CMYK", progressive=True),
        "13.2 megapixels. The limit for progressive CMYK JPEG is 13",
    ),
    "progressive.jpg": (
        partial(image_bytes, 5100, 5000, progressive=True),
        "25.5 megapixels. The limit for progressive JPEG is 25",
    ),
    "moving.png": (partial(moving, "PNG"), "animation"),
    "moving.webp": (partial(moving, "WEBP"), "animation"),
    "cut.jpg": (lambda: image_bytes(300, 300)[:-200], "damaged"),
    "half.jpg": (lambda: half(drawing()), "damaged"),
    "half of a progressive one.jpg": (lambda: half(drawing(progressive=True)), "damaged"),
    "cut.png": (lambda: image_bytes(300, 300, "PNG")[:-60], "damaged"),
    "half.png": (lambda: half(drawing("PNG")), "damaged"),
    "flipped.png": (lambda: flipped(drawing("PNG")), "damaged"),
    "half.heic": (lambda: half(drawing("HEIF")), "damaged"),
    "half.avif": (lambda: half(drawing("AVIF")), "damaged"),
    "cut.webp": (lambda: image_bytes(300, 300, "WEBP")[:60], "damaged"),
    "head.png": (lambda: image_bytes(kind="PNG")[:20], "damaged"),
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def folder(db):
    return Folder.objects.get_or_create(name="Images", parent=None)[0]


@pytest.fixture
def stored(folder):
    """Return a function that stores an image in the library."""

    def store(width=60, height=40, alt="A knee bends.", name="Knee bend.jpg", **options):
        file = ContentFile(image_bytes(width, height), name)
        return Image.objects.create(folder=folder, image_file=file, image_alt_text=alt, **options)

    return store


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_superuser("staff"))
    return client


def files(folder):
    return {path for path in Path(folder).rglob("*") if path.is_file()}


def opened(path):
    return Pillow.open(io.BytesIO(Path(path).read_bytes()))


def add_url():
    return reverse("admin:clinic_site_image_add")


def typed(folder, **values):
    return {"folder": folder.pk, "image_alt_text": "A knee bends."} | values


# Which uploads are accepted


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_form_drag_upload_and_code(name, staff, folder, tmp_path):
    make, words = REFUSED[name]
    content = make()
    upload = partial(SimpleUploadedFile, name, content, "image/jpeg")

    answer = staff.post(add_url(), typed(folder, image_file=upload()))
    (message,) = answer.context["errors"]
    assert words in message[0]
    form = answer.context["adminform"].form
    assert list(form.errors) == ["image_file"]
    assert form["image_alt_text"].value() == "A knee bends."  # what was typed is kept

    answer = staff.post(reverse("admin:cabinet_upload"), {"folder": folder.pk, "file": upload()})
    assert answer.status_code == 400
    assert words in answer.json()["error"]

    with pytest.raises(ValidationError, match=words):
        Image.objects.create(folder=folder, image_file=upload())

    assert not Image.objects.exists()
    assert not files(tmp_path)


@pytest.mark.filterwarnings("ignore")  # Pillow's, about metadata
@pytest.mark.parametrize("name", TAKEN)
def test_harmless_faults_are_no_reason_to_refuse_an_image(name):
    kept = Pillow.open(clean_image(ContentFile(TAKEN[name](), name))).convert("L")
    assert kept.size == (300, 300)
    if "one colour" not in name:
        assert kept.getpixel((150, 150)) < 60 < 200 < kept.getpixel((3, 3))  # it is all there
        assert kept.getpixel((296, 296)) > 200


MEASURE = """
import re, resource, sys
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from clinic_site.images.uploads import clean_image
for path in sys.argv[1:]:
    try:
        clean_image(ContentFile(open(path, "rb").read(), path))
    except ValidationError as error:
        print(error.messages[0], file=sys.stderr)
# The kernel's count for the process itself; that of getrusage() begins with who started it.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1000)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)
"""


def drawn(kind="JPEG", size=(4000, 3000), mode="RGB", **options):
    """Return a large image of little content."""
    buffer = io.BytesIO()
    Pillow.linear_gradient("L").resize(size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.drive  # it measures processes
@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ([partial(drawn, size=(8000, 6200), mode="CMYK", progressive=True)], 1),
        ([partial(drawn, size=(8000, 6200))], 0),
        ([partial(drawn, size=(4700, 10_600))], 0),
        ([partial(drawn, size=(5000, 5000), subsampling=0, progressive=True)], 0),
        ([partial(drawn, "PNG", (5000, 5000), "RGBA")], 0),
        ([partial(drawn, "WEBP", (4300, 3000), lossless=True)], 0),
        ([partial(drawn, "HEIF", (5000, 5000))], 0),
        ([partial(drawn, "AVIF", (4000, 4000), speed=10)], 0),
        ([drawn] * 6, 0),
    ],
)
def test_worker_and_child_stay_small_whatever_is_uploaded(files, refused, tmp_path):
    """The peaks in MB, each with Python and its libraries."""
    paths = []
    for number, make in enumerate(files):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(make())
    command = [sys.executable, "-c", MEASURE, *paths]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    worker, child = map(int, done.stdout.split())
    assert worker < 100
    assert child < 250
    assert len(done.stderr.splitlines()) == refused, done.stderr


def test_bombs_are_refused_with_little_memory(tmp_path):
    """In a process of its own: 81 megapixels must not be unpacked (81 MB at the least)."""
    path = tmp_path / "bomb.png"
    path.write_bytes(png_claiming(9000, 9000))
    code = (
        "import resource, sys\n"
        "from django.core.exceptions import ValidationError\n"
        "from django.core.files.base import File\n"
        "from clinic_site.images.uploads import clean_image\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "try:\n"
        "    clean_image(File(open(sys.argv[1], 'rb'), 'bomb.png'))\n"
        "except ValidationError:\n"
        "    print(peak() - before)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert int(run.stdout) < 20_000  # kB


@pytest.mark.parametrize(
    ("content", "stored_as", "mode"),
    [
        (image_bytes(), "JPEG", "RGB"),
        (image_bytes(mode="L", colour=90), "JPEG", "RGB"),
        (image_bytes(mode="CMYK", colour=(0, 90, 90, 0)), "JPEG", "RGB"),
        (image_bytes(kind="PNG"), "PNG", "RGB"),
        (image_bytes(kind="PNG", mode="RGBA", colour=(9, 9, 9, 0)), "PNG", "RGBA"),
        (image_bytes(kind="PNG", mode="LA", colour=(9, 0)), "PNG", "RGBA"),
        (image_bytes(kind="PNG", mode="P", colour=1), "PNG", "RGB"),
        (image_bytes(kind="PNG", mode="P", colour=1, transparency=1), "PNG", "RGBA"),
        (image_bytes(kind="PNG", mode="1", colour=1), "PNG", "RGB"),
        (image_bytes(kind="WEBP"), "WEBP", "RGB"),
        (image_bytes(kind="WEBP", mode="RGBA", colour=(9, 9, 9, 0)), "WEBP", "RGBA"),
    ],
)
def test_every_accepted_format_is_stored(content, stored_as, mode):
    kept = Pillow.open(clean_image(ContentFile(content, "x.bin")))
    assert (kept.format, kept.mode, kept.size) == (stored_as, mode, (60, 40))


def test_sixteen_bit_grey_keeps_its_level():
    content = image_bytes(kind="PNG", mode="I;16", colour=40_000)
    assert Pillow.open(clean_image(ContentFile(content, "x.png"))).getpixel((0, 0)) == (156,) * 3


def test_phone_jpeg_with_a_second_image_is_accepted():
    kept = Pillow.open(clean_image(ContentFile(moving("MPO"), "x.jpg")))
    assert kept.format == "JPEG"
    assert kept.getpixel((0, 0))[0] > 200  # the first one, red


def test_location_camera_and_profile_are_removed():
    exif = Pillow.Exif()
    exif[EXIF_GPS] = {1: "N", 2: (43.0, 48.0, 0.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = image_bytes(exif=exif, icc_profile=profile, comment=b"taken at home")
    assert Pillow.open(io.BytesIO(content)).getexif().get_ifd(EXIF_GPS)

    kept = clean_image(ContentFile(content, "x.jpg"))
    data = kept.read()
    assert not Pillow.open(io.BytesIO(data)).getexif()
    assert not {"exif", "icc_profile", "comment"} & set(Pillow.open(io.BytesIO(data)).info)
    assert b"home" not in data


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_photo_of_an_iphone_is_stored_upright_as_jpeg_or_png_without_its_place(mode):
    exif = Pillow.Exif()
    exif[EXIF_ORIENTATION] = 6
    exif[EXIF_GPS] = {1: "N", 2: (43.0, 48.0, 0.0)}
    sheet = Pillow.new(mode, (64, 40), "blue")
    sheet.paste("red", (0, 0, 24, 40))
    buffer = io.BytesIO()
    sheet.info["exif"] = exif.tobytes()  # pillow-heif then also says how it is turned, as phones do
    sheet.save(buffer, "HEIF", quality=90)
    assert b"irot" in buffer.getvalue()
    data = clean_image(ContentFile(buffer.getvalue(), "IMG_0001.HEIC"))
    kept = Pillow.open(data)
    assert kept.format == {"RGB": "JPEG", "RGBA": "PNG"}[mode]
    assert data.name.startswith("img_0001-")
    assert kept.size == (40, 64)
    red, _, blue, *_ = kept.getpixel((20, 5))
    assert red > 200 > 100 > blue  # what was left is now on top
    assert not kept.getexif()
    assert "exif" not in kept.info


@pytest.mark.parametrize(
    ("kind", "stored_as"), [("HEIF", "JPEG"), ("AVIF", "JPEG"), ("MPO", "JPEG")]
)
def test_the_first_of_several_images_or_a_newer_format_is_stored(kind, stored_as):
    frames = [Pillow.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    more = {} if kind == "AVIF" else {"save_all": True, "append_images": frames[1:]}
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, **more)
    kept = Pillow.open(clean_image(ContentFile(buffer.getvalue(), "x")))
    assert kept.format == stored_as
    assert kept.getpixel((30, 30))[0] > 200


def test_image_is_stored_by_way_of_the_child(child, folder):
    image = Image.objects.create(folder=folder, image_file=ContentFile(drawing(), "x.jpg"))
    assert (image.image_width, image.image_height) == (300, 300)
    assert opened(image.image_file.path).format == "JPEG"
    storage = image.image_file.storage
    for name in FORMATS:
        path = getattr(image.image_file, name).removeprefix("/media/")
        assert storage.exists(path)
    with pytest.raises(ValidationError, match="damaged"):
        clean_image(ContentFile(half(drawing()), "x.jpg"))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(subprocess.CalledProcessError(-11, "python"), "damaged"), (BusyError(), "in a minute")],
)
def test_a_decoder_that_crashes_or_a_long_queue_is_told_to_who_uploads(
    trouble, words, staff, folder, monkeypatch
):
    monkeypatch.setattr(uploads, "run_in_child", mock.Mock(side_effect=trouble))
    file = SimpleUploadedFile("x.jpg", image_bytes())
    answer = staff.post(add_url(), typed(folder, image_file=file))
    assert words in answer.context["errors"][0][0]


def test_one_image_is_decoded_at_a_time(child, monkeypatch):
    running = Lock()

    def run(*args, **kwargs):
        assert running.acquire(blocking=False)
        time.sleep(0.05)
        running.release()
        return SimpleNamespace(stdout=pickle.dumps((b"done", None)))

    monkeypatch.setattr(subprocess, "run", run)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(uploads.run_in_child, [len] * 6)) == [b"done"] * 6


def test_archive_behind_an_image_is_removed():
    tail = io.BytesIO()
    with zipfile.ZipFile(tail, "w") as archive:
        archive.writestr("page.html", "<script>alert(1)</script>")
    kept = clean_image(ContentFile(image_bytes() + tail.getvalue(), "x.jpg"))
    assert not zipfile.is_zipfile(kept)


def test_rotated_image_is_stored_upright():
    exif = Pillow.Exif()
    exif[EXIF_ORIENTATION] = 6  # the camera was turned to the right
    sheet = Pillow.new("RGB", (60, 40), "blue")
    sheet.paste("red", (0, 0, 20, 40))
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", exif=exif)
    kept = Pillow.open(clean_image(ContentFile(buffer.getvalue(), "x.jpg")))
    assert kept.size == (40, 60)
    assert kept.getpixel((20, 5))[0] > 200  # what was left is now on top


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_image_is_made_smaller(kind):
    kept = Pillow.open(clean_image(ContentFile(image_bytes(5000, 500, kind), "x")))
    assert kept.size == (2400, 240)


def test_colours_of_another_space_become_srgb():
    """The same numbers mean a stronger green there, which in sRGB takes away all the red."""
    content = image_bytes(kind="PNG", colour=(60, 160, 60), icc_profile=wide_profile())
    green = Pillow.open(clean_image(ContentFile(content, "x.png"))).getpixel((0, 0))
    assert green[0] < 5
    assert abs(green[1] - 160) < 3


def test_broken_profile_is_ignored():
    content = image_bytes(icc_profile=b"not a profile", colour=(10, 200, 30))
    kept = Pillow.open(clean_image(ContentFile(content, "x.jpg")))
    assert abs(kept.getpixel((0, 0))[1] - 200) < 5


@pytest.mark.parametrize(
    ("uploaded", "start"),
    [
        ("Knee Bend (2).JPEG", "knee-bend-2-"),
        ("../../etc/passwd.jpg", "passwd-"),
        ("..\\x\n\x00.php.jpg", "x-php-"),
        ("膝.jpg", "image-"),
        ("a" * 300 + ".jpg", "a" * 60 + "-"),
    ],
)
def test_name_is_our_own(uploaded, start):
    name = clean_image(ContentFile(image_bytes(), uploaded)).name
    assert name.startswith(start)
    assert len(name) == len(start) + len("12345678.jpg")


# What is stored


def test_renditions_have_their_sizes_in_both_formats(stored, tmp_path):
    image = stored(2000, 1000)
    assert (image.image_width, image.image_height) == (2000, 1000)
    sizes = {
        "card_400": (400, 240),
        "card_800": (800, 480),
        "article_800": (800, 400),
        "article_1600": (1600, 800),
        "portrait_160": (160, 160),
        "portrait_320": (320, 320),
        "portrait_640": (640, 640),
    }
    for name in RENDITIONS:
        use, extension = name.rsplit("_", 1)
        rendition = opened(tmp_path / getattr(image.image_file, name).removeprefix("/media/"))
        assert (rendition.format, rendition.size) == (extension.upper(), sizes[use])
    assert len(RENDITIONS) == 2 * len(sizes)


def test_renditions_keep_the_focal_point_in_sight(folder, tmp_path):
    sheet = Pillow.new("RGB", (300, 100), "blue")
    sheet.paste("red", (200, 0, 300, 100))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    file = ContentFile(buffer.getvalue(), "x.png")
    image = Image.objects.create(folder=folder, image_file=file, image_ppoi="0.9x0.5")
    path = tmp_path / image.image_file.portrait_160_webp.removeprefix("/media/")
    assert opened(path).convert("RGB").getpixel((50, 50))[0] > 200


def test_small_image_is_not_enlarged(stored):
    image = stored(300, 300)
    html = printed('{% responsive_image image "article" %}', image)
    assert 'width="300" height="300"' in html
    assert html.count("300w") == 2
    assert "800w" not in html


def test_uploaded_name_and_size_are_the_kept_files(stored, tmp_path):
    image = stored(name="IMG 0001.jpg")
    (path,) = (tmp_path / "images").iterdir()
    assert image.file_name == path.name
    assert image.file_name.startswith("img-0001-")
    assert image.file_size == path.stat().st_size


# Where it is shown


def printed(template, image):
    return Template("{% load images %}" + template).render(Context({"image": image}))


def test_responsive_image(stored, django_assert_num_queries, tmp_path):
    image = Image.objects.get(pk=stored(1000, 600, alt='A "knee" bends.').pk)
    for path in files(tmp_path):
        path.unlink()  # a lost rendition must not take the page down
    with django_assert_num_queries(0):
        html = printed('{% responsive_image image "card" %}', image)
    f = image.image_file
    sizes = USES["card"].sizes
    assert html == (
        f'<picture><source type="image/avif" srcset="{f.card_400_avif} 400w, {f.card_800_avif} '
        f'800w" sizes="{sizes}"><source type="image/webp" srcset="{f.card_400_webp} 400w, '
        f'{f.card_800_webp} 800w" sizes="{sizes}"><img src="{f.card_800_webp}" width="800" '
        'height="480" alt="A &quot;knee&quot; bends." loading="lazy" decoding="async"></picture>'
    )


def test_responsive_image_decorative(stored):
    assert 'alt=""' in printed('{% responsive_image image "card" decorative=True %}', stored())
    assert 'alt=""' in printed('{% responsive_image image "card" %}', stored(is_decorative=True))


def test_lead_image_is_fetched_at_once(stored):
    html = printed('{% responsive_image image "article" %}', stored())
    assert 'fetchpriority="high"' in html
    assert "lazy" not in html


def figure(pk, alt="", caption="Bend slowly."):
    return (
        f'<figure><img src="/media/old.jpg" alt="{alt}" data-file="{pk}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def test_figures_in_a_text(stored, django_assert_num_queries):
    one, two = stored(alt="Library <words>."), stored(alt="Not these.", name="two.jpg")
    text = f"<p>a</p>{figure(one.pk)}<p>b</p>{figure(two.pk, 'Typed &amp; kept.')}{figure(99)}"
    page = Page(title="x", slug="x", body=text)
    page.save()
    with django_assert_num_queries(1):
        html = for_page(page.body, {})
    assert html.count("<picture>") == html.count("<figure>") == 2
    assert 'alt="Library &lt;words&gt;."' in html
    assert 'alt="Typed &amp; kept."' in html
    assert "Not these" not in html
    assert "old.jpg" not in html
    assert one.image_file.article_1600_avif in html
    assert html.count('loading="lazy"') == 2


def test_text_without_images_makes_no_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert for_page("<p>No image.</p>", {}) == "<p>No image.</p>"


def test_figure_with_an_impossible_key_drops(db):
    assert for_page(f"<p>a</p>{figure('9' * 30)}", {}) == "<p>a</p>"


# Alt text


def test_library_asks_for_alt_text(staff, folder):
    upload = partial(SimpleUploadedFile, "x.jpg", image_bytes())
    answer = staff.post(add_url(), typed(folder, image_file=upload(), image_alt_text=" "))
    assert "tick Decorative" in str(answer.context["errors"])
    answer = staff.post(
        add_url(), typed(folder, image_file=upload(), image_alt_text="", is_decorative="on")
    )
    assert answer.status_code == 302
    assert not Image.objects.get().needs_alt_text


def test_dropped_image_is_marked_until_it_has_alt_text(staff, folder):
    answer = staff.post(
        reverse("admin:cabinet_upload"),
        {"folder": folder.pk, "file": SimpleUploadedFile("x.jpg", image_bytes())},
    )
    assert answer.status_code == 200
    image = Image.objects.get(pk=answer.json()["pk"])
    assert image.needs_alt_text
    listed = staff.get(
        reverse("admin:clinic_site_image_changelist"), {"folder__id__exact": folder.pk}
    )
    assert "Alt text missing" in listed.content.decode()

    assert validate_alt_text in ImageForeignKey().validators
    with pytest.raises(ValidationError, match="has no alt text yet"):
        validate_alt_text(image.pk)
    body = Page._meta.get_field("body")
    with pytest.raises(ValidationError, match="x-"):
        body.clean(figure(image.pk), None)
    body.clean(figure(image.pk, "Typed."), None)
    image.is_decorative = True
    image.save()
    validate_alt_text(image.pk)
    body.clean(figure(image.pk), None)


def test_small_image_is_saved_with_a_warning(staff, folder):
    words = "is only 600 pixels wide"
    for width, is_told in ((600, True), (704, False)):
        upload = partial(SimpleUploadedFile, "x.jpg", image_bytes(width, 40))
        answer = staff.post(add_url(), typed(folder, image_file=upload()), follow=True)
        assert (words in answer.content.decode()) == is_told
        staff.post(reverse("admin:cabinet_upload"), {"folder": folder.pk, "file": upload()})
        listed = staff.get(reverse("admin:clinic_site_image_changelist")).content.decode()
        assert (words in listed) == is_told
    assert Image.objects.count() == 4


# The library's pages


def test_library_is_searched_by_name_and_by_words(staff, stored):
    knee, other = stored(), stored(name="other.jpg", alt="A shoulder turns.")
    url = reverse("admin:clinic_site_image_changelist")
    for words, found in (("knee", knee), ("shoulder", other), ("OTHER", other)):
        assert list(staff.get(url, {"q": words}).context["cl"].result_list) == [found]


def test_library_pages_obey_the_content_policy(staff, stored):
    image = stored()
    for url in (
        reverse("admin:clinic_site_image_changelist"),
        reverse("admin:clinic_site_image_changelist") + f"?folder__id__exact={image.folder_id}",
        reverse("admin:clinic_site_image_change", args=[image.pk]),
        add_url(),
        reverse("admin:cabinet_folder_add"),
    ):
        answer = staff.get(url)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert " style=" not in html
        assert "onclick=" not in html
    assert (
        'accept="image/jpeg,image/png,image/webp,image/heic,image/avif"'
        in staff.get(add_url()).content.decode()
    )


@pytest.mark.parametrize("is_secure", [False, True])
def test_library_remembers_its_folder_in_a_cookie_like_the_session_s(staff, settings, is_secure):
    settings.SESSION_COOKIE_SECURE = is_secure
    cookie = staff.get(reverse("admin:clinic_site_image_changelist")).cookies["cabinet_folder"]
    assert (cookie["path"], bool(cookie["secure"])) == ("/admin/", is_secure)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_picker_hands_over_key_and_alt_text(staff, stored):
    image = stored()
    answer = staff.get(
        reverse("admin:clinic_site_image_changelist"),
        {"CKEditorFuncNum": 1, "folder__id__exact": image.folder_id},
    )
    html = answer.content.decode()
    assert "data-ckeditor-function" in html
    assert "A knee bends." in html
    assert f"&quot;id&quot;: {image.pk}" in html


def test_focal_point_by_number_fields(staff, stored):
    image = stored()
    url = reverse("admin:clinic_site_image_change", args=[image.pk])

    def save(**values):
        shown = staff.get(url).context["adminform"].form
        same = {name: shown[name].value() for name in ("focal_x", "focal_y", "image_ppoi")}
        answer = staff.post(url, typed(image.folder, **same | values))
        image.refresh_from_db()
        return answer

    assert save(focal_x=10, focal_y=100).status_code == 302
    assert image.image_ppoi == "0.1x1"
    assert save(focal_x=50, focal_y=50).status_code == 302
    assert image.image_ppoi == "0.5x0.5"
    assert save(image_ppoi="0.25x0.75").status_code == 302  # the mouse picker alone
    assert image.image_ppoi == "0.25x0.75"
    assert save(image_ppoi="7x-1").status_code == 200


def test_image_page_lists_where_it_is_used(staff, stored, sample_site):
    image, other = stored(), stored(100, 100, name="other.jpg")
    page = Page.objects.create(title="About the knee", slug="knee", body=figure(image.pk))
    post = Post.objects.first()
    Post.objects.filter(pk=post.pk).update(lead_image=image, share_image=image)
    html = staff.get(reverse("admin:clinic_site_image_change", args=[image.pk])).content.decode()
    assert html.count(reverse("admin:clinic_site_page_change", args=[page.pk])) == 1
    assert html.count(reverse("admin:blog_post_change", args=[post.pk])) == 1
    html = staff.get(reverse("admin:clinic_site_image_change", args=[other.pk])).content.decode()
    assert "Not used yet." in html


# When it is deleted


def test_deleted_image_leaves_no_file(stored, tmp_path, django_capture_on_commit_callbacks):
    image, other = stored(), stored(100, 100, name="other.jpg")
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert files(tmp_path)
    assert all(path.name.startswith("other-") for path in files(tmp_path))
    with django_capture_on_commit_callbacks(execute=True):
        other.delete()
    assert not files(tmp_path)


def test_files_stay_when_the_deletion_is_undone(stored, tmp_path):
    image = stored()
    before = files(tmp_path)
    image.delete()  # the test's transaction is never committed
    assert files(tmp_path) == before


def test_replaced_image_and_old_focal_point_leave_no_file(
    stored, tmp_path, django_capture_on_commit_callbacks
):
    image = stored(400, 240)
    before = files(tmp_path)
    with django_capture_on_commit_callbacks(execute=True):
        image.image_ppoi = "0.1x0.1"
        image.save()
    turned = files(tmp_path)
    assert len(turned) == len(before)
    assert len(turned & before) == 1  # the image itself
    with django_capture_on_commit_callbacks(execute=True):
        image.image_file = ContentFile(image_bytes(400, 240, colour="red"), "New.jpg")
        image.save()
    assert len(files(tmp_path)) == len(before)
    assert all(path.name.startswith("new-") for path in files(tmp_path))
    assert image.file_name.startswith("new-")


def test_lost_file_can_be_replaced(stored, tmp_path, django_capture_on_commit_callbacks):
    image = stored()
    for path in files(tmp_path):
        path.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        image.image_file = ContentFile(image_bytes(colour="red"), "New.jpg")
        image.save()
    assert files(tmp_path)
    assert image.file_name.startswith("new-")


def test_image_in_a_text_cannot_be_deleted(staff, stored):
    image = stored()
    page = Page.objects.create(title="About the knee", slug="knee", body=figure(image.pk))
    with pytest.raises(ProtectedError, match="About the knee"), transaction.atomic():
        image.delete()

    answer = staff.post(
        reverse("admin:clinic_site_image_delete", args=[image.pk]), {"post": "yes"}, follow=True
    )
    assert "About the knee" in answer.content.decode()
    answer = staff.post(
        reverse("admin:clinic_site_image_changelist") + f"?folder__id__exact={image.folder_id}",
        {"action": "delete_selected", "_selected_action": image.pk, "post": "yes"},
    )
    assert "About the knee" in answer.content.decode()
    assert Image.objects.filter(pk=image.pk).exists()

    page.body = figure(f"{image.pk}1")  # another image, whose key begins the same
    page.save()
    staff.post(reverse("admin:clinic_site_image_delete", args=[image.pk]), {"post": "yes"})
    assert not Image.objects.filter(pk=image.pk).exists()


def test_lead_image_of_a_post_cannot_be_deleted(sample_site, stored):
    image = stored()
    Post.objects.update(lead_image=image)
    with pytest.raises(ProtectedError):
        image.delete()


def test_upload_answers_json(staff, folder):
    answer = staff.post(reverse("admin:cabinet_upload"), {"folder": folder.pk})
    assert json.loads(answer.content)["success"] is False
