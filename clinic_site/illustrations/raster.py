"""The painter: the same shapes as pixels, for share images and icons."""

from collections.abc import Iterator
from math import dist

from PIL import Image, ImageDraw

from clinic_site.illustrations.geometry import Pin, Point, Shape, between

FINER = 4  # painted this many times larger, then averaged down: that is the antialiasing

Palette = dict[str, str]


def painted(
    size: tuple[int, int],
    ground: str,
    layers: list[tuple[list[Shape | Pin], Palette, Point, float]],
) -> Image.Image:
    """Return an RGB image of size pixels.

    A layer is its shapes, their colours by role ("ink", "accent", "paper", "pin", "rim"), its
    top left corner in pixels, and pixels per unit of its viewBox.
    """
    image = Image.new("RGB", (size[0] * FINER, size[1] * FINER), ground)
    for items, palette, corner, zoom in layers:
        for item in items:
            _paint(image, item, palette, corner, zoom)
    return image.reduce(FINER)


def _paint(
    image: Image.Image, item: Shape | Pin, palette: Palette, corner: Point, zoom: float
) -> None:
    def pixel(point: Point) -> Point:
        return tuple((c + p * zoom) * FINER for c, p in zip(corner, point, strict=True))

    scale = zoom * FINER
    if isinstance(item, Pin):
        draw = ImageDraw.Draw(image)
        _disc(draw, pixel(item.centre), item.radius * 1.12 * scale, palette["rim"])
        _disc(draw, pixel(item.centre), item.radius * 0.88 * scale, palette["pin"])
        return
    lines = [[pixel(point) for point in line] for line in item.path.lines]
    if item.width is None or item.role == "paper":
        colour = palette["paper" if item.role == "paper" else "ink"]
        _fill(image, lines, colour, item.opacity)
    if item.width is not None:
        width, colour = item.width * scale, palette["accent" if item.role == "accent" else "ink"]
        lines = [piece for line in lines for piece in _dashes(line, item, scale)]
        _stroke(image, lines, width, colour, item.opacity, ends=item.role == "accent")


def _fill(image: Image.Image, lines: list[list[Point]], colour: str, opacity: float) -> None:
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for line in lines:
        draw.polygon(line, fill=round(255 * opacity))
    image.paste(colour, mask=mask)


def _stroke(
    image: Image.Image,
    lines: list[list[Point]],
    width: float,
    colour: str,
    opacity: float,
    *,
    ends: bool,
) -> None:
    mask = Image.new("L", image.size)
    draw, shade = ImageDraw.Draw(mask), round(255 * opacity)
    for line in lines:
        draw.line(line, fill=shade, width=round(width), joint="curve")
        for end in (line[0], line[-1]) if ends else ():
            _disc(draw, end, width / 2, shade)
    image.paste(colour, mask=mask)


def _disc(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: str | int) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _dashes(line: list[Point], shape: Shape, scale: float) -> Iterator[list[Point]]:
    """Cut a line in pixels the way stroke-dasharray does."""
    if shape.dash is None:
        yield line
        return
    if shape.path_length is not None:
        scale = sum(map(dist, line, line[1:])) / shape.path_length
    on, off = (length * scale for length in shape.dash)
    piece, left, drawn = [line[0]], on, True
    for a, b in zip(line, line[1:], strict=False):
        here, rest = a, dist(a, b)
        while rest > left:
            here = between(here, b, left / rest)
            rest -= left
            if drawn:
                yield [*piece, here]
            piece, drawn = [here], not drawn
            left = on if drawn else off
        left -= rest
        piece.append(b)
    if drawn and len(piece) > 1:
        yield piece
