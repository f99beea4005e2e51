"""Every public page for everybody: axe's rules, small screens, large text, forced colours, print."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERY_RULE = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
# What the dark scheme can change.
CONTRAST = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]},
}
ARTICLE = "/blog/what-is-dry-needling/"
SIZES = {"phone": PHONE, "desk": DESK}
# WCAG 1.4.12, Text Spacing: what a reader may set without losing anything.
TEXT_SPACING = """
* { letter-spacing: 0.12em !important; line-height: 1.5 !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }
"""
# 1280 × 1024 at 400 %, WCAG 1.4.10, and a small phone.
NARROW = [{"width": 320, "height": 256}, {"width": 320, "height": 640}]
# What sticks out of the page, or is cut off where it cannot be scrolled into view.
LOST = """() => {
  const page = document.documentElement;
  const lost = page.scrollWidth > innerWidth ? [`page ${page.scrollWidth} px wide`] : [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("svg, .visually-hidden")) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const hides = ["hidden", "clip"];
    if ((hides.includes(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
        (hides.includes(overflowY) && element.scrollHeight > element.clientHeight + 1))
      lost.push(element.outerHTML.slice(0, 120));
  }
  return lost;
}"""


def fill_wrongly(page):
    """Bring the form to its error state."""
    page.goto("/contact/?page=/about/")
    page.get_by_label("Phone number").fill("call me")
    page.get_by_label("Email address").fill("ana@")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def send(page):
    """Bring a request to its sent page."""
    page.goto("/contact/")
    page.get_by_label("Your name").fill("Ana Marker")
    page.get_by_label("Email address").fill("ana@mail.example")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()


def states(crawl):
    """Yield (name, function that brings a page there) for all public pages and their states."""
    for path in crawl.pages:
        yield path, lambda page, path=path: page.goto(path)
    yield "form with errors", fill_wrongly
    yield "sent page", send
    yield "not found", lambda page: page.goto("/no/such/page/")


def violations(page, options):
    """Return what axe finds, as (rule, what it is about, the elements)."""
    found = Axe().run(page, options=options).response["violations"]
    return [
        (one["id"], one["help"], [node["html"][:150] for node in one["nodes"]]) for one in found
    ]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_axe_finds_nothing_in_light_and_dark(crawl, inspect, size):
    page = inspect(viewport=size)
    faults = {}
    for name, open_state in states(crawl):
        page.emulate_media(color_scheme="light")
        open_state(page)
        faults[name, "light"] = violations(page, EVERY_RULE)
        page.emulate_media(color_scheme="dark")
        faults[name, "dark"] = violations(page, CONTRAST)
    assert not {state: found for state, found in faults.items() if found}


def test_nothing_is_lost_at_320_pixels_and_with_wide_text(crawl, inspect):
    page = inspect()
    faults = {}
    for name, open_state in states(crawl):
        open_state(page)
        for spacing in ("", TEXT_SPACING):
            if spacing:
                page.add_style_tag(content=spacing)
            for size in NARROW:
                page.set_viewport_size(size)
                faults[name, size["height"], bool(spacing)] = page.evaluate(LOST)
    assert not {state: found for state, found in faults.items() if found}


def test_open_menu_fits_a_low_screen(inspect):
    page = inspect(viewport={"width": 320, "height": 256})
    page.goto("/")
    page.locator("summary", has_text="Menu").click()
    last = page.get_by_role("navigation", name="Main menu").get_by_role("link").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)


def test_buttons_have_edges_in_forced_colours(inspect):
    page = inspect(viewport=PHONE, forced_colors="active")
    page.goto(ARTICLE)
    for button in page.get_by_role("link", name="Book a visit").all():
        if not button.is_visible():
            continue
        style = button.evaluate(
            "element => { const s = getComputedStyle(element); return "
            "[s.borderTopStyle, s.borderTopWidth, s.borderTopColor, s.backgroundColor] }"
        )
        line, width, colour, ground = style
        assert line == "solid"
        assert float(width.removesuffix("px")) >= 1
        assert colour != ground


def test_printed_article_has_its_text_and_no_menu(inspect):
    page = inspect(viewport=DESK)
    page.goto(ARTICLE)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-prose]")).to_be_visible()
    for name in ("Main", "Main menu", "Quick actions"):
        expect(page.get_by_role("navigation", name=name, exact=True)).to_be_hidden()
    expect(page.locator("summary", has_text="Menu")).to_be_hidden()


def test_phone_bar_is_not_on_the_form_and_covers_no_field(inspect):
    page = inspect(viewport=PHONE)
    page.goto(ARTICLE)
    expect(page.get_by_role("navigation", name="Quick actions")).to_be_visible()
    fill_wrongly(page)
    expect(page.get_by_role("navigation", name="Quick actions")).to_have_count(0)
    for field in page.locator("form input:visible, form select, form textarea, form button").all():
        field.focus()
        assert field.evaluate(
            """element => {
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              return element === document.elementFromPoint(x, y);
            }"""
        ), field.evaluate("element => element.outerHTML")
