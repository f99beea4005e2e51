"""Every public page for all: axe's rules, small screens, wide text, forced colours, print."""

from itertools import combinations

import pytest
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import CROWDED, ENHANCED, LOST, NARROW, TEXT_SPACING, look

pytestmark = pytest.mark.browser

ARTICLE = "/blog/what-is-dry-needling/"


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


def test_axe_finds_nothing_and_narrow_screens_and_wide_text_lose_nothing(crawl, inspect):
    """Header and footer are alike on all pages: the home page has every size in every theme."""
    page = inspect()
    faults = []
    for name, open_state in states(crawl):
        open_state(page)
        others = [("dark", DESK)]
        if name == "/":
            others += [("dark", PHONE), ("light", DESK)]
        faults += look(page, name, PHONE, *others, contrast=ENHANCED)
        faults += lost_words(page, name)
    assert not faults, "\n".join(faults)


def lost_words(page, name):
    """Return what is cut off at 320 pixels, in the page's own text and in wide text."""
    faults = []
    page.emulate_media(color_scheme="light")
    for spacing in ("", TEXT_SPACING):
        if spacing:
            page.add_style_tag(content=spacing)
        for size in NARROW:
            page.set_viewport_size(size)
            where = f"{name}, {size['height']} px high, {'wide' if spacing else 'own'} text"
            faults += [f"{where}: {words}" for words in page.evaluate(LOST)]
    return faults


def test_text_of_twice_the_size_loses_and_breaks_nothing(crawl, inspect):
    """WCAG 1.4.4 with the browser's default font size at 32 pixels; also 16 at 320 pixels."""
    page = inspect(viewport=PHONE)
    cdp = page.context.new_cdp_session(page)
    faults = []
    sizes = ((390, 32), (320, 32), (390, 28), (1920, 32), (1920, 16), (320, 16))
    for name, open_state in states(crawl):
        open_state(page)
        for width, size in sizes:
            cdp.send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})
            page.set_viewport_size({"width": width, "height": 844})
            assert (
                page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{size}px"
            )
            found = page.evaluate(LOST) + page.evaluate(CROWDED)
            faults += [f"{name}, {width} px, letters of {size} px: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def test_nothing_moves_while_somebody_types(inspect):
    page = inspect(viewport=PHONE)
    page.goto("/contact/")
    fields = page.locator("form :is(input, select, textarea, button, label, p):visible")

    def places():
        return fields.evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().y + scrollY)"
        )

    before = places()
    for label, words in (
        ("Your name", "Ana"),
        ("Phone number", "905-555-0142"),
        ("Email address", "ana@mail.example"),
        ("Message", "My knee hurts"),
    ):
        field = page.get_by_label(label)
        for letter in words:
            field.press(letter)
            assert places() == before, f"{label}: {letter}"


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


def overlaps(pdf):
    """Return the texts of a PDF that lie upon each other."""
    faults = []
    for page in PdfDocument(pdf):
        text = page.get_textpage()
        boxes = [text.get_rect(number) for number in range(text.count_rects())]
        for (left, low, right, top), (left2, low2, right2, top2) in combinations(boxes, 2):
            width = min(right, right2) - max(left, left2)
            height = min(top, top2) - max(low, low2)
            if width > 2 and height > 0.35 * min(top - low, top2 - low2):
                faults.append(text.get_text_bounded(left, low, right, top))
    return faults


@pytest.mark.parametrize("path", ["/", "/contact/", "/services/dry-needling/", "/fees/", ARTICLE])
def test_nothing_overlaps_on_paper(inspect, path):
    page = inspect(viewport=DESK)
    page.goto(path)
    for scale in (0.7, 1):
        pdf = page.pdf(format="Letter", landscape=True, scale=scale)
        assert not overlaps(pdf), f"at a scale of {scale}"


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
