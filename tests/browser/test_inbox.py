"""A day at the front desk: an enquiry is found, answered and closed on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import LOST, look
from tests.browser.test_accessibility import send
from tests.browser.test_editor import sign_in
from tests.running_site import post_enquiry, submission

pytestmark = pytest.mark.browser

INBOX = "/admin/contact/enquiry/"
FEWEST_PIXELS = 40  # of a button's height, for a thumb


def open_first(page):
    page.goto(f"{INBOX}?list=new")
    page.locator("th.field-who a").first.click()


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_an_enquiry_is_found_answered_and_closed_on_a_phone(site, visit):
    # A name of its own: other tests' enquiries stand in the same inbox.
    post_enquiry(site.url, submission(site.url), "Ana Inbox Marker")
    page = visit(viewport=PHONE, is_mobile=True, has_touch=True)
    sign_in(site, page)
    page.get_by_role("navigation", name="Your enquiries").get_by_role("link").filter(
        has_text=re.compile(r"\d+ new$")
    ).click()
    row = page.locator("#result_list tbody tr").filter(has_text="Ana Inbox Marker")
    mail = row.get_by_role("link", name="ana@mail.example")
    expect(mail).to_have_attribute("href", re.compile("^mailto:ana@mail.example"))
    assert mail.bounding_box()["height"] >= FEWEST_PIXELS

    row.get_by_role("link", name=re.compile("Ana Inbox Marker")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Inbox Marker")
    assert "Marker" not in page.title()
    done = page.get_by_role("region", name="Activity")
    expect(done.get_by_text("Marked as seen")).to_have_count(0)
    press(page, "Mark as seen")
    press(page, "Assign to me")
    page.get_by_label("Add a note").fill("Called, and left my number.")
    press(page, "Add note")
    press(page, "Mark as answered")
    page.get_by_label("Reason for closing").select_option(label="Booked")
    press(page, "Close")
    expect(page.locator(".enquiry-head")).to_contain_text("Closed: booked")
    acts = [
        "Closed",
        "Marked as answered",
        "Added a note",
        "Assigned to themselves",
        "Marked as seen",
    ]
    assert done.locator("strong").all_inner_texts()[:5] == acts
    for button in page.locator("#content").get_by_role("button").all():
        assert button.bounding_box()["height"] >= FEWEST_PIXELS

    page.goto(INBOX)
    page.get_by_label("Search by name").fill("inbox marker")
    press(page, "Search")
    expect(page.locator("#result_list")).to_contain_text("Closed: booked")
    assert not [url for url in page.watch.requests if re.search("marker|mail.example", url, re.I)]


def test_the_chosen_ones_are_downloaded(site, visit):
    send(visit(viewport=DESK))
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto(INBOX)
    page.locator("#action-toggle").check()
    page.locator("[name=action]").select_option(label="Export as CSV")
    with page.expect_download() as download:
        page.get_by_role("button", name="Go").click()
    assert re.fullmatch(r"enquiries-[\d-]+\.csv", download.value.suggested_filename)
    assert "Ana Marker" in download.value.path().read_text(encoding="utf-8-sig")


def test_everybody_can_use_the_inbox_in_light_and_dark_and_on_a_phone(site, inspect):
    page = inspect(viewport=DESK)
    send(page)
    sign_in(site, page)
    open_first(page)
    enquiry = page.url
    faults = []

    def look_again(name):
        faults.extend(look(page, name, DESK, ("dark", PHONE)))
        for size in (DESK, PHONE, {"width": 320, "height": 640}):
            page.set_viewport_size(size)
            where = f"{name}, {size['width']} px"
            faults.extend(f"{where}: {words}" for words in page.evaluate(LOST))

    for path in ("/admin/", INBOX, f"{INBOX}?list=no-reply", f"{INBOX}breach/", enquiry):
        page.goto(path)
        look_again(path)
    # What is wrong is told by the page too, not by the browser alone.
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    press(page, "Close")
    expect(page.get_by_text("Choose a reason first.")).to_be_visible()
    look_again("refused")
    page.goto(enquiry)
    page.get_by_role("link", name="Erase it now").click()
    look_again("erase")
    assert not faults, "\n".join(faults)
