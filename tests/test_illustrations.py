"""The picture language: small, always the same, inside its frame, fit for a strict policy."""

import re
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.template import Context, Template
from PIL import Image

from clinic_site import illustrations as drawings
from clinic_site.illustrations import article, brand, figure, images, joints
from clinic_site.illustrations.geometry import Pin, blob, bounds, number, spline

ROOT = Path(__file__).resolve().parent.parent
SLUGS = [f"an-article-{i}" for i in range(200)]
PICTURES = {
    **{f"joint {joint}": drawings.joint_plate(joint) for joint in drawings.JOINTS},
    **{f"study {slug}": drawings.article_plate(slug) for slug in SLUGS[:30]},
    "hero": drawings.hero(),
    "mark": drawings.mark(),
    "monogram": drawings.monogram("PS", "priya-sharma"),
}


def render(source):
    return Template("{% load drawings %}" + source).render(Context())


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_well_formed_and_obeys_the_policy(name):
    root = ElementTree.fromstring(PICTURES[name])
    assert root.attrib["class"].startswith("drawing drawing--")
    assert root.attrib["aria-hidden"] == "true"
    assert root.attrib["focusable"] == "false"
    for element in root.iter():
        assert element.tag in {"svg", "g", "path", "circle", "text"}
        assert not {"style", "id", "onload"} & element.attrib.keys()


@pytest.mark.parametrize("joint", drawings.JOINTS)
def test_joint_plate_is_small(joint):
    assert len(drawings.joint_plate(joint).encode()) <= 1300


def test_hero_and_share_image_are_small():
    assert len(drawings.hero().encode()) <= 5000
    assert (ROOT / "static/img/share.png").stat().st_size <= 80_000


@pytest.mark.parametrize(
    ("size", "items"),
    [
        *((joints.SIZE, joints.joint_shapes(joint)) for joint in drawings.JOINTS),
        *((article.SIZE, article.article_shapes(slug)) for slug in SLUGS),
        (figure.SIZE, figure.hero_shapes()),
        (brand.MARK, brand.mark_shapes()),
        (brand.MONOGRAM, brand.monogram_shapes("priya-sharma")),
    ],
)
def test_everything_lies_inside_the_view_box(size, items):
    left, top, right, bottom = bounds(items)
    assert left >= 0
    assert top >= 0
    assert right <= size[0]
    assert bottom <= size[1]


def test_raised_hand_of_the_hero_is_well_inside():
    assert bounds(figure.hero_shapes())[1] > 40


def test_raised_arm_of_the_hero_leaves_the_head_free():
    angles = figure.PHASES[-1]
    shoulder = (0, 0)
    nape = figure.toward(shoulder, angles[3], figure.NECK * figure.STATURE)
    middle = figure.skull(nape, angles[4])
    head = figure.body.head(middle, angles[4], figure.HEAD * figure.STATURE)
    chin = max(y for line in head.lines for _, y in line)
    elbow = figure.toward(shoulder, angles[5], figure.UPPER_ARM * figure.STATURE)
    fingers = figure.toward(elbow, angles[6], figure.FOREARM_AND_HAND * figure.STATURE)
    arm = figure.body.arm(shoulder, elbow, fingers)
    above = [x for line in arm.lines for x, y in line if y < chin]
    assert min(above) > max(x for line in head.lines for x, _ in line)


def test_each_joint_has_its_own_plate():
    assert len({drawings.joint_plate(joint) for joint in drawings.JOINTS}) == 8


@pytest.mark.parametrize(("joint", "span"), joints.RANGES.items())
def test_scale_spans_the_range_of_the_joint(joint, span):
    paper, short, long, *_ = joints.joint_shapes(joint)
    assert paper.role == "paper"
    for ticks in (short, long):
        on, off = ticks.dash
        assert ticks.path_length == pytest.approx(span[1] - span[0] + on)
        assert (span[1] - span[0]) % (on + off) == pytest.approx(0)


def test_unknown_joint_is_refused():
    with pytest.raises(KeyError):
        drawings.joint_plate("tail")


def test_articles_get_different_plates_and_keep_them():
    plates = [drawings.article_plate(slug) for slug in SLUGS]
    assert plates == [drawings.article_plate(slug) for slug in SLUGS]
    assert len(set(plates)) == len(SLUGS)
    studies = {len(article.article_shapes(slug)) for slug in SLUGS}
    assert len(studies) >= 5


def test_article_plate_does_not_change_between_releases():
    """A slug's plate is pinned, so that a kept article does not change its face unnoticed."""
    plate = drawings.article_plate("what-is-dry-needling").encode()
    assert sha256(plate).hexdigest()[:12] == "ea9a90f20e9a"


def test_label_makes_an_image_and_is_escaped():
    root = ElementTree.fromstring(drawings.joint_plate("knee", 'A "knee" <bent> & straight'))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'A "knee" <bent> & straight'
    assert "aria-hidden" not in root.attrib


def test_monogram_escapes_and_cuts_initials():
    root = ElementTree.fromstring(drawings.monogram("<&>Z", "seed"))
    assert root[-1].text == "<&>"
    assert "陈" in drawings.monogram("陈", "chen")


def test_outline_shorthand_rebuilds_every_control():
    controls = [(10, 10), (60, 4), (90, 50), (62, 96), (8, 80)]
    d = blob(controls).d
    start, curve, rest = re.fullmatch(r"M(.+)q(.+)t(.+)z", d).groups()
    here, (*control, x, y) = numbers(start), numbers(curve)
    rebuilt = [(here[0] + control[0], here[1] + control[1])]
    here = [here[0] + x, here[1] + y]
    steps = numbers(rest)
    for x, y in zip(steps[::2], steps[1::2], strict=True):
        rebuilt.append((2 * here[0] - rebuilt[-1][0], 2 * here[1] - rebuilt[-1][1]))
        here = [here[0] + x, here[1] + y]
    assert here == numbers(start)
    assert {(int(x), int(y)) for x, y in rebuilt} == set(controls)


def numbers(text):
    return [float(word) for word in re.findall(r"-?\d*\.?\d+", text)]


def test_numbers_are_short_and_exact():
    assert [number(v) for v in (0, -0.0, 0.5, -0.25, 10, 100, 3.14159)] == [
        "0", "0", ".5", "-.25", "10", "100", "3.14",
    ]  # fmt: skip


def test_joint_paths_of_the_hero_go_through_the_pins():
    pins = [item.centre for item in figure.hero_shapes() if isinstance(item, Pin)]
    drawn = set(chain(*spline(pins[:6]).lines))
    assert all((round(x), round(y)) in drawn for x, y in pins[:6])


@pytest.fixture(scope="module")
def files():
    """What the code draws for static/img/, by name; it takes a while."""
    return images.icon_files()


@pytest.mark.parametrize(
    "name", ["apple-touch-icon.png", "favicon.ico", "favicon.svg", "share.png"]
)
def test_committed_image_is_what_the_code_draws(name, files):
    drawn, kept = files[name], (ROOT / "static/img" / name).read_bytes()
    if name.endswith(".svg"):
        assert drawn == kept
        ElementTree.fromstring(kept)
        return
    drawn, kept = (Image.open(BytesIO(content)) for content in (drawn, kept))
    assert drawn.size == kept.size
    assert drawn.convert("RGBA").tobytes() == kept.convert("RGBA").tobytes()


def test_favicon_holds_two_sizes_and_share_image_has_its_size():
    with Image.open(ROOT / "static/img/favicon.ico") as favicon:
        assert favicon.info["sizes"] == {(16, 16), (32, 32)}
    with Image.open(ROOT / "static/img/share.png") as share:
        assert share.size == (1200, 630)


def test_draw_icons_writes_every_file(tmp_path, settings, files):
    settings.BASE_DIR = tmp_path
    call_command("draw_icons", stdout=None)
    written = {path.name for path in (tmp_path / "static/img").iterdir()}
    assert written == files.keys()


def test_tags_print_pictures():
    for tag in ('joint_plate "hip"', 'article_plate "a"', "hero_figure", 'monogram "PS" 7'):
        assert render(f"{{% {tag} %}}").startswith('<svg class="drawing')
    assert render("{% brand_mark %}") == drawings.mark()


def test_icon_is_inlined_and_hidden_unless_labelled():
    assert render('{% icon "phone" %}').startswith('<svg class="icon" aria-hidden="true"')
    assert 'role="img" aria-label="a &amp; b"' in render('{% icon "phone" "a & b" %}')


def test_unknown_icon_raises():
    with pytest.raises(ValueError, match="no icon 'unicorn'"):
        render('{% icon "unicorn" %}')


def test_every_icon_named_in_a_template_exists():
    sources = (path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = {name for source in sources for name in re.findall(r'{% icon "([^"]+)"', source)}
    assert named <= {path.stem for path in (ROOT / "templates/icons").glob("*.svg")}


def test_fallback_fonts_of_the_tokens_are_declared():
    wanted = re.findall(r'"([^"]+ Fallback)"', (ROOT / "static/css/tokens.css").read_text())
    faces = (ROOT / "static/css/fonts.css").read_text()
    assert wanted
    assert all(f'font-family: "{name}"' in faces for name in wanted)
