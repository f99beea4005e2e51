"""Illustrations and icons: SVG files that fit a strict policy, and the tags that print them."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import Context, Template
from PIL import Image

from clinic_site.illustrations.inline import (
    ARTICLE_ILLUSTRATIONS,
    FOLDER,
    article_number,
    illustration,
    monogram,
)
from services.models import Service

ROOT = settings.BASE_DIR
FILES = sorted((FOLDER / "svg").glob("*.svg"))
NAMES = [path.stem for path in FILES]


def render(source, **context):
    return Template("{% load illustrations %}" + source).render(Context(context))


@pytest.mark.parametrize("name", NAMES)
def test_illustration_is_well_formed_and_obeys_the_content_policy(name):
    root = ElementTree.fromstring(illustration(name))
    assert root.attrib["class"].startswith("illustration illustration--")
    assert root.attrib["aria-hidden"] == "true"
    assert root.attrib["focusable"] == "false"
    for element in root.iter():
        assert element.tag in {"svg", "g", "path", "circle", "text"}
        # No inline styles; an id would stand twice where an illustration is printed twice.
        assert not {"style", "id", "onload"} & element.attrib.keys()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_file_opens_in_an_editor_too(path):
    assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_every_svg_has_a_size_for_browsers_that_read_no_stylesheet():
    icons = ROOT.glob("templates/icons/*.svg")
    for path in (*FILES, *icons, ROOT / "templates/components/_map.html"):
        tag = re.search("<svg[^>]*>", path.read_text())[0]
        assert re.search(r' width="\d+" height="\d+"', tag), path
        assert "slice" not in tag, f"{path} is cropped where its box has another shape"


@pytest.mark.parametrize("name", NAMES)
def test_illustration_is_small(name):
    limit = 5000 if name == "hero" else 2500 if name.startswith("article") else 1600
    assert len(illustration(name).encode()) <= limit


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_class_has_its_colour(path):
    classes = set(re.findall(r"illustration__\w+", path.read_text()))
    css = (ROOT / "static/css/components/illustration.css").read_text()
    assert {name for name in classes if f".{name} {{" not in css} <= {"illustration__initials"}


@pytest.mark.parametrize("joint", Service.Joint.values)
def test_each_joint_has_its_own_illustration(joint):
    assert f"joint-{joint}" in NAMES
    others = {illustration(name) for name in NAMES if name != f"joint-{joint}"}
    assert illustration(f"joint-{joint}") not in others


def test_joint_of_a_service_is_printed():
    printed = render('{% illustration "joint-"|add:joint %}', joint=Service.Joint.KNEE)
    assert printed == illustration("joint-knee")


def test_unknown_illustration_raises():
    with pytest.raises(ValueError, match="no 'joint-tail' in svg/"):
        illustration("joint-tail")


def test_articles_share_all_illustrations_and_each_keeps_its_own():
    numbers = {article_number(f"an-article-{i}") for i in range(200)}
    assert numbers == set(range(1, ARTICLE_ILLUSTRATIONS + 1))
    assert {f"article-{number}" for number in numbers} <= set(NAMES)
    assert article_number("what-is-dry-needling") == 6  # in each process and release
    printed = render("{% article_illustration slug %}", slug="what-is-dry-needling")
    assert printed == illustration("article-6")


def test_every_article_illustration_has_a_ground_for_its_share_card():
    for number in range(1, ARTICLE_ILLUSTRATIONS + 1):
        with Image.open(FOLDER / f"grounds/article-{number}.png") as ground:
            assert ground.size == (1200, 630)


def test_label_is_read_aloud_and_escaped():
    label = 'A "knee" <bent> & straight'
    printed = render('{% illustration "joint-knee" label=label %}', label=label)
    root = ElementTree.fromstring(printed)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == label
    assert "aria-hidden" not in root.attrib


def test_monogram_escapes_and_cuts_initials():
    printed = render("{% monogram initials slug %}", initials="<&>Z", slug="a-person")
    assert unescape(ElementTree.fromstring(printed)[-1].text) == "<&>"
    assert "陈" in monogram("陈", "chen")


def test_monogram_turns_its_arc_by_person():
    arcs = {monogram("AB", f"person-{i}") for i in range(100)}
    assert len(arcs) > 50
    assert monogram("AB", "person-1") == monogram("AB", "person-1")
    for printed in arcs:
        ElementTree.fromstring(printed)


def test_files_of_browsers_and_networks_have_their_sizes():
    with Image.open(ROOT / "static/img/favicon.ico") as favicon:
        assert favicon.info["sizes"] == {(16, 16), (32, 32)}
    with Image.open(ROOT / "static/img/apple-touch-icon.png") as icon:
        assert icon.size == (180, 180)
    share = ROOT / "static/img/share.jpg"
    with Image.open(share) as image:
        assert image.size == (1200, 630)
    assert share.stat().st_size <= 80_000
    ElementTree.parse(ROOT / "static/img/favicon.svg")


def test_icon_is_inlined_and_hidden_unless_labelled():
    assert render('{% icon "phone" %}').startswith('<svg class="icon" aria-hidden="true"')
    assert 'role="img" aria-label="a &amp; b"' in render('{% icon "phone" "a & b" %}')


def test_unknown_icon_raises():
    with pytest.raises(ValueError, match="no 'unicorn' in icons/"):
        render('{% icon "unicorn" %}')


@pytest.mark.parametrize(
    ("tag", "folder"), [("icon", "templates/icons"), ("illustration", FOLDER / "svg")]
)
def test_every_file_named_in_a_template_exists(tag, folder):
    sources = (path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = {name for text in sources for name in re.findall(rf'{{% {tag} "([^"]+)" ', text)}
    assert named
    assert named <= {path.stem for path in (ROOT / folder).glob("*.svg")}


def test_fallback_fonts_of_the_tokens_are_declared():
    wanted = re.findall(r'"([^"]+ Fallback)"', (ROOT / "static/css/tokens.css").read_text())
    faces = (ROOT / "static/css/fonts.css").read_text()
    assert wanted
    assert all(f'font-family: "{name}"' in faces for name in wanted)
