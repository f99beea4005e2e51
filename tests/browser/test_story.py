"""The outcome lived: from an article to a request for a visit, on every kind of device."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser

NAME = "Ana Marker"
MESSAGE = "My shoulder hurts when I reach up.\nCan somebody look at it?"
NOTICE_SECONDS = 10  # within which the notice is with the clinic's mail server
# True when the focused element has a mark around it and is not hidden by another element.
SEEN = """element => {
  const style = getComputedStyle(element);
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const shown = [...element.getClientRects()].some((box) => {
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const above = document.elementFromPoint(box.x + box.width / 2, (top + bottom) / 2);
    return above && (element.contains(above) || above.contains(element) || above.closest("label"));
  });
  return { marked, shown };
}"""


def follow(page, region, link):
    """Follow a link inside the part of a page with that heading."""
    part = page.get_by_role("region", name=region)
    part.get_by_role("link", name=link).first.click()


def notice_of(site, reference):
    """Wait for the notice of an enquiry and return the message."""
    deadline = time.monotonic() + NOTICE_SECONDS
    while time.monotonic() < deadline:
        for recipients, message in list(site.mail_server.messages):
            if reference in message["Subject"]:
                assert recipients == ["frontdesk@clinic.example"]
                return message
        time.sleep(0.1)
    raise AssertionError(f"no notice of {reference} in {NOTICE_SECONDS} s")


def check_sent(site, page):
    """The sent page says the reference, and the notice says no more than it may."""
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert "/contact/sent/" in page.url
    words = page.get_by_role("main").inner_text()
    reference = re.search(r"Your reference is ([A-Z0-9]{6})", words)[1]
    assert NAME not in words
    subject = notice_of(site, reference)["Subject"]
    assert not any(name in subject for name in NAME.split())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_patient_reads_finds_a_person_and_asks_for_a_visit(site, visit, size, scripts):
    page = visit(viewport=size, java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile("Dry needling: what")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dry needling")

    follow(page, "Related services", "Dry needling")
    expect(page).to_have_url(f"{site.url}/services/dry-needling/")
    follow(page, "Who provides it", re.compile("Priya Sample"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Priya Sample")
    page.get_by_role("link", name="Ask for a visit with Priya Sample").click()
    expect(page).to_have_url(f"{site.url}/contact/?practitioner=priya-sample")

    page.get_by_label("Message").fill(MESSAGE)
    page.get_by_role("button", name="Send my request").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("There is a problem")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    name = page.get_by_label("Your name")
    expect(name).to_have_accessible_description(re.compile("Enter your name."))
    expect(page.get_by_label("Phone number")).to_have_accessible_description(
        re.compile("Enter a phone number or an email address")
    )
    expect(page.get_by_label("Message")).to_have_value(MESSAGE)
    expect(page.get_by_label("Who would you like to see?")).to_have_value("priya-sample")
    summary.get_by_role("link", name="Enter your name.").click()
    expect(name).to_be_focused()

    name.fill(NAME)
    page.get_by_label("Email address").fill("ana@mail.example")
    page.get_by_role("button", name="Send my request").click()
    check_sent(site, page)


@pytest.mark.parametrize("path", ["/", "/services/dry-needling/", "/blog/what-is-dry-needling/"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_book_leads_to_the_form_from_the_first_screen(visit, size, path):
    page = visit(viewport=size)
    page.goto(path)
    books = page.get_by_role("link", name="Book a visit").all()
    in_view = [
        book
        for book in books
        if book.is_visible() and book.bounding_box()["y"] + 10 < size["height"]
    ]
    in_view[-1].click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Book a visit")


def test_service_is_chosen_when_booking_from_its_page(visit):
    page = visit(viewport=PHONE)
    page.goto("/services/dry-needling/")
    page.get_by_role("main").get_by_role("link", name="Book a visit").first.click()
    expect(page.get_by_label("Service")).to_have_value("dry-needling")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_phone_menu_opens_and_closes_by_touch(visit, scripts):
    page = visit(viewport=PHONE, has_touch=True, java_script_enabled=scripts)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main menu")
    button = page.locator("summary", has_text="Menu")
    expect(menu).to_be_hidden()
    button.tap()
    expect(menu).to_be_visible()
    button.tap()
    expect(menu).to_be_hidden()
    button.tap()
    menu.get_by_role("link", name="Our team").tap()
    expect(page).to_have_url(re.compile("/team/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_phone_menu_closes_by_a_tap_beside_it_and_by_escape(visit):
    page = visit(viewport=PHONE)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main menu")
    button = page.locator("summary", has_text="Menu")
    button.click()
    page.mouse.click(5, 700)
    expect(menu).to_be_hidden()
    button.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def focused(page):
    return page.locator(":focus")


def tab_to(page, target, limit=60):
    """Press Tab until `target` has focus; every stop on the way must be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = focused(page)
        assert stop.count() == 1, "focus left the page"
        assert stop.evaluate(SEEN) == {"marked": True, "shown": True}, stop.evaluate(
            "element => element.outerHTML.slice(0, 200)"
        )
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_skip_link_is_the_first_stop(visit, size):
    page = visit(viewport=size)
    page.goto("/")
    skip = page.get_by_role("link", name="Skip to main content")
    tab_to(page, skip, limit=1)
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_request_is_sent_by_keyboard_alone(site, visit):
    page = visit(viewport=PHONE)
    page.goto("/")
    tab_to(page, page.locator("summary", has_text="Menu"))
    page.keyboard.press("Enter")
    menu = page.get_by_role("navigation", name="Main menu")
    expect(menu).to_be_visible()
    tab_to(page, menu.get_by_role("link", name="Contact"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book a visit")

    send = page.get_by_role("button", name="Send my request")
    tab_to(page, send)
    page.keyboard.press("Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    tab_to(page, summary.get_by_role("link", name="Enter your name."))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type(NAME)
    tab_to(page, page.get_by_label("Phone number"))
    page.keyboard.type("905-555-0142")
    tab_to(page, page.get_by_label("Yes"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("No, please call again")).to_be_checked()
    tab_to(page, page.get_by_label("I am asking for someone else"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Service"))
    page.keyboard.type("Dry")
    expect(page.get_by_label("Service")).to_have_value("dry-needling")
    tab_to(page, page.get_by_label("Message"))
    page.keyboard.type(MESSAGE)
    tab_to(page, send)
    page.keyboard.press("Enter")
    check_sent(site, page)


@pytest.mark.parametrize("path", ["/", "/fees/", "/blog/what-is-dry-needling/"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_stop_of_a_page_is_marked_and_not_covered(visit, size, path):
    page = visit(viewport=size)
    page.goto(path)
    last = page.locator("a:visible, button:visible, summary:visible").last
    tab_to(page, last, limit=200)


def test_owner_logs_in_with_the_printed_password(site, visit):
    page = visit(viewport=DESK)
    page.goto("/admin/")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(site.password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/admin/")
    expect(page.get_by_role("link", name="Enquiries").first).to_be_visible()
    cookies = page.context.cookies()
    assert {cookie["path"] for cookie in cookies} == {"/admin/"}
    assert all(cookie["httpOnly"] for cookie in cookies)
