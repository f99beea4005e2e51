"""The files a browser or a social network asks for: share image, favicon and app icons."""

from io import BytesIO

from PIL import Image

from clinic_site.illustrations import brand, figure
from clinic_site.illustrations.raster import Palette, painted
from clinic_site.illustrations.svg import elements

SHARE = (1200, 630)

# The light tokens of the site's stylesheet, for pictures that cannot read it.
MIST, LAKE, APRICOT, CLAY, WHITE = "#E8F4F1", "#065962", "#F4AD61", "#9F4325", "#FFFFFF"
ON_MIST: Palette = {"ink": LAKE, "accent": CLAY, "paper": WHITE, "pin": APRICOT, "rim": CLAY}
ON_LAKE: Palette = {"ink": WHITE, "accent": APRICOT, "paper": LAKE, "pin": APRICOT, "rim": LAKE}


def icon_files() -> dict[str, bytes]:
    """Return every picture file of static/img/ by name; the same bytes at each call."""
    return {
        "apple-touch-icon.png": _png(app_icon(180)),
        "favicon.ico": _ico(),
        "favicon.svg": favicon_svg().encode(),
        "share.png": _png(share_image()),
    }


def share_image() -> Image.Image:
    """Return the site's share image, 1200 x 630 pixels (Open Graph's usual size)."""
    mark = (brand.mark_shapes(), ON_MIST | {"rim": LAKE}, (76, 68), 0.9)
    return painted(SHARE, MIST, [(figure.hero_shapes(), ON_MIST, (170, 12), 0.7), mark])


def app_icon(pixels: int) -> Image.Image:
    """Return the mark on lake, square; it stays inside the circle that phones may cut."""
    return painted((pixels, pixels), LAKE, [_centred_mark(pixels, 0.62)])


def favicon_svg() -> str:
    """Return the mark on a lake tile, in plain colours that hold on light and dark tabs."""
    names = {
        "ink": {},
        "accent": {"stroke": APRICOT, "stroke-linecap": "round"},
        "paper": {"fill": LAKE},
        "pin": {"fill": APRICOT, "stroke": LAKE, "stroke-width": "7"},
    }
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -16 192 192" fill="none" '
        f'color="{WHITE}" stroke="currentColor"><rect x="-16" y="-16" width="192" height="192" '
        f'rx="42" fill="{LAKE}" stroke="none"/>{elements(brand.mark_shapes(), names)}</svg>\n'
    )


def _centred_mark(pixels: int, part: float) -> tuple:
    zoom = pixels * part / brand.MARK[0]
    corner = pixels * (1 - part) / 2
    return (brand.mark_shapes(), ON_LAKE, (corner, corner), zoom)


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _ico() -> bytes:
    """Return 16 and 32 pixels, each painted for its size rather than scaled down."""
    small, large = (painted((side, side), LAKE, [_centred_mark(side, 0.86)]) for side in (16, 32))
    file = BytesIO()
    large.save(file, "ICO", sizes=[(16, 16), (32, 32)], append_images=[small])
    return file.getvalue()
