"""Every public page for all: axe's rules, small screens, wide text, forced colours, print."""

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
* {
  letter-spacing: 0.12em !important;
  line-height: 1.5 !important;
  word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }
"""
# 1280 × 1024 at 400 %, WCAG 1.4.10, and a small phone.
NARROW = [{"width": 320, "height": 256}, {"width": 320, "height": 640}]
# What makes the page scroll sideways, and text that is cut off where it cannot be scrolled to.
LOST = """() => {
  const page = document.documentElement;
  const lost = page.scrollWidth > innerWidth ? [`page ${page.scrollWidth} px wide`] : [];
  const cuts = (overflow) => ["hidden", "clip"].includes(overflow);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    // What nobody is meant to see, like the field that only programs fill in, is not lost.
    if (!words || parent.closest("svg, .visually-hidden, [aria-hidden=true]")) continue;
    if (!parent.checkVisibility()) continue;
    const range = new Range();
    range.selectNodeContents(texts.currentNode);
    const text = range.getBoundingClientRect();
    for (let around = parent; around !== page; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      const box = around.getBoundingClientRect();
      if ((cuts(overflowX) && (text.left < box.left - 1 || text.right > box.right + 1)) ||
          (cuts(overflowY) && (text.top < box.top - 1 || text.bottom > box.bottom + 1)))
        lost.push(words.slice(0, 80));
    }
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


def send_too_much(page):
    """Bring the form to the page that gives back what could not be taken."""
    page.goto("/contact/")
    page.get_by_label("Your name").fill("Ana Marker")
    page.get_by_label("Message").evaluate("field => field.value = 'x '.repeat(1_500_000)")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", name="Your message is too long")).to_be_visible()


def states(crawl):
    """Yield (name, function that brings a page there) for all public pages and their states."""
    for path in crawl.pages:
        yield path, lambda page, path=path: page.goto(path)
    yield "form with errors", fill_wrongly
    yield "sent page", send
    yield "given back", send_too_much
    yield "not found", lambda page: page.goto("/no/such/page/")


def violations(page, options):
    """Return what axe finds, each as the rule and the elements that break it."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']} {[node['html'][:150] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_axe_finds_nothing_in_light_and_dark(crawl, inspect, size):
    page = inspect(viewport=size)
    faults = []
    for name, open_state in states(crawl):
        page.emulate_media(color_scheme="light")
        open_state(page)
        faults += [f"{name}, light: {fault}" for fault in violations(page, EVERY_RULE)]
        page.emulate_media(color_scheme="dark")
        faults += [f"{name}, dark: {fault}" for fault in violations(page, CONTRAST)]
    assert not faults, "\n".join(faults)


def test_nothing_is_lost_at_320_pixels_and_with_wide_text(crawl, inspect):
    page = inspect()
    faults = []
    for name, open_state in states(crawl):
        open_state(page)
        for spacing in ("", TEXT_SPACING):
            if spacing:
                page.add_style_tag(content=spacing)
            for size in NARROW:
                page.set_viewport_size(size)
                where = f"{name}, {size['height']} px high, {'wide' if spacing else 'own'} text"
                faults += [f"{where}: {words}" for words in page.evaluate(LOST)]
    assert not faults, "\n".join(faults)


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
    fields = "form input:visible:not([tabindex='-1']), form select, form textarea, form button"
    for field in page.locator(fields).all():
        field.focus()
        assert field.evaluate(
            """element => {
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              return element === document.elementFromPoint(x, y);
            }"""
        ), field.evaluate("element => element.outerHTML")
