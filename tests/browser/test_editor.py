"""An editor's day: an article is written with all its parts, and read on the site."""

import io
import re
from datetime import datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import look

pytestmark = pytest.mark.browser

# So long that the bar with Save, which stays in sight, lies over nothing.
LONG_PHONE = {"width": PHONE["width"], "height": 9000}
TITLE = "Marker: rest after a sprain"
ALT_TEXT = "A foot on a cushion"
LISTS = (
    "blog/post",
    "services/service",
    "services/flaggedphrase",
    "contact/enquiry",
    "contact/location",
    "auth/user",
)
FORMS = (
    "styleguide",
    "blog/post/1/review",
    "blog/post/1/history",
    "clinic_site/image",
    "redirects/redirect/add",
    "blog/post/add",
    "blog/post/6/change",  # with a table, callouts and questions
    "services/service/1/change",
    "clinic_site/page/1/change",
    "services/practitioner/1/change",
    "contact/location/1/change",
    "contact/clinic/1/change",
    "auth/user/1/change",
    "auth/group/add",
)


def sign_in(site, page):
    """Open the dashboard as the owner, who signs in by the form once for all tests of a site."""
    page.context.add_cookies(getattr(site, "owner_cookies", []))
    page.goto("/admin/")
    if "/login/" in page.url:
        page.get_by_label("Username").fill("owner")
        page.get_by_label("Password").fill(site.password)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in", exact=True).click()
        site.owner_cookies = page.context.cookies()


def add_picture(page, colour="teal", alt_text=ALT_TEXT):
    """Put a picture into the library."""
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(picture, "JPEG")
    page.goto("/admin/clinic_site/image/add/")
    page.locator("[name=image_file]").set_input_files(
        {"name": "foot.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    page.locator("[name=image_alt_text]").fill(alt_text)
    save(page)


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errornote")).to_have_count(0)


def write(page):
    """Write a text as a person does: keys where keys are quicker, buttons for the rest."""
    page.locator("label[for=id_body]").click()
    text = page.get_by_role("textbox", name="Text", exact=True)
    expect(text).to_be_focused()
    tools = page.get_by_role("toolbar", name="Formatting").first
    keys = page.keyboard

    tools.get_by_role("button", name="Heading 2").press("Enter")
    expect(tools.get_by_role("button", name="Heading 2")).to_have_attribute("aria-pressed", "true")
    keys.type("How long to rest")
    keys.press("Enter")
    keys.type("Rest for ")
    keys.press("Control+b")
    keys.type("two days")
    keys.press("Control+b")
    keys.type(" at most.")
    keys.press("Enter")
    tools.get_by_role("button", name="Bulleted list").click()
    keys.type("Keep it up")
    keys.press("Enter")
    keys.type("Then walk")
    keys.press("Enter")
    keys.press("Enter")
    keys.type("See our fees")
    for _ in "fees":
        keys.press("Shift+ArrowLeft")
    tools.get_by_role("button", name="Link").click()
    page.get_by_label("Web address (URL)", exact=True).last.fill("/fees/")
    page.get_by_role("button", name="Update").click()
    expect(text.get_by_role("link", name="fees")).to_be_visible()
    expect(text).to_be_focused()
    unselect(page)
    keys.press("Enter")
    insert_picture(page, tools)
    expect(text.locator("figure img")).to_have_attribute("alt", ALT_TEXT)


def unselect(page):
    """Put the caret to the line's end, as somebody who looks does: the closing dialog gives the
    words back their selection a moment later, on a busy machine after the first key."""
    nothing = "document.querySelector('.prose-editor > .ProseMirror').editor.state.selection.empty"
    for _ in range(50):
        if page.evaluate(nothing):
            return
        page.keyboard.press("End")
        page.wait_for_timeout(100)
    pytest.fail("The words stay selected.")


def insert_picture(page, tools):
    """Choose a picture in the library's own window."""
    tools.get_by_role("button", name="Image", exact=True).click()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Choose from the library").click()
    library = opened.value
    library.get_by_role("link", name="Images", exact=True).last.click()
    with library.expect_event("close"):
        # Later, for a window that closes in the middle of a click is an error.
        chosen = library.locator("[data-ckeditor-function]").last
        chosen.evaluate("link => setTimeout(() => link.click())")
    page.get_by_label("Caption").fill("Up, for two days.")
    page.get_by_role("button", name="Insert", exact=True).click()


def test_an_article_is_written_with_all_its_parts_and_read(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    add_picture(page)

    page.goto("/admin/blog/post/add/")
    page.get_by_role("textbox", name="Title:").press_sequentially(TITLE)
    expect(page.locator("#id_slug")).to_have_value("marker-rest-after-a-sprain")
    page.get_by_label("Topic").select_option(index=1)
    page.get_by_label("Summary").fill("How long to rest a sprained ankle.")
    write(page)
    page.get_by_label("Author:", exact=True).select_option(index=1)
    page.get_by_label("Reviewed by:", exact=True).select_option(index=1)
    page.get_by_label("Reviewed on:").fill(f"{datetime.now() - timedelta(days=2):%Y-%m-%d}")
    page.get_by_label("Next review due:").fill(f"{datetime.now() + timedelta(days=360):%Y-%m-%d}")
    page.get_by_label("After surgery").check()
    page.get_by_label("Published").check()
    yesterday = datetime.now() - timedelta(days=1)
    page.get_by_label("Publish on:", exact=True).fill(yesterday.strftime("%Y-%m-%dT%H:%M"))
    save(page)

    page.get_by_role("link", name=TITLE).first.click()
    form = page.url
    page.get_by_role("link", name="View on site").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    text = page.locator(".prose")
    expect(text.get_by_role("heading", level=2)).to_have_id("h-how-long-to-rest")
    expect(text.locator("strong")).to_have_text("two days")
    expect(text.locator("li")).to_have_text(["Keep it up", "Then walk"])
    expect(text.get_by_role("link", name="fees")).to_have_attribute("href", re.compile("/fees/$"))
    expect(text.get_by_role("img", name=ALT_TEXT)).to_be_visible()
    expect(text.locator("figcaption")).to_have_text("Up, for two days.")

    page.goto(form)
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_contain_text("How long to rest")
    page.get_by_role("link", name="Delete").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Move to the bin").click()


def test_the_crops_follow_the_focal_point_by_number_and_by_mouse(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    # Not the picture of another test: one that a text shows cannot go again.
    add_picture(page, "navy", "A hand on a ball")
    page.goto("/admin/clinic_site/image/?q=hand+on+a+ball")
    page.locator("#result_list tbody a").first.click()
    across = page.get_by_label("Focal point, percent from the left")
    portrait = page.locator(".crop--portrait")

    def left():
        return portrait.evaluate("picture => parseFloat(getComputedStyle(picture).objectPosition)")

    assert across.input_value() == "50"
    middle = left()
    across.fill("100")
    assert left() < middle
    page.locator(".imagefield-preview img").click(position={"x": 1, "y": 1})
    expect(across).not_to_have_value("100")
    assert int(across.input_value()) < 5
    assert left() == 0 > middle
    page.get_by_role("link", name="Delete").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, I’m sure").click()


def test_admin_pages_load_without_a_word_in_the_console(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    for path in (*LISTS, *FORMS):
        open_form(page, path)


def open_form(page, path):
    """Open a page of the admin, and wait until its editors stand."""
    page.goto(f"/admin/{path}/")
    editors = page.locator("[data-django-prose-editor-configurable]").count()
    expect(page.get_by_role("toolbar", name="Formatting")).to_have_count(editors)


def test_everybody_can_use_the_admin_in_light_and_dark_and_on_a_phone(site, inspect):
    page = inspect(viewport=DESK)
    faults = []

    def look_again():
        faults.extend(look(page, page.url, DESK, ("dark", LONG_PHONE)))
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            faults.append(f"{page.url} scrolls sideways on a phone")
        page.set_viewport_size(DESK)

    page.goto("/admin/")
    look_again()
    sign_in(site, page)
    look_again()
    for path in (*LISTS, *FORMS):
        open_form(page, path)
        look_again()
    page.goto("/admin/blog/topic/1/change/")
    page.locator("#id_description").fill("Marker words, and a link to a page that is not there")
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="History").click()
    page.locator(".history__versions a").last.click()
    expect(page.get_by_role("button", name="Restore this version")).to_be_visible()
    look_again()
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("link", name="Undo the last save").click()
    look_again()
    with page.expect_navigation():
        page.get_by_role("button", name="Undo the save").click()
    expect(page.get_by_text("Undid the save of")).to_be_visible()
    expect(page.locator("#id_description")).not_to_have_value(re.compile("Marker"))
    assert not faults, "\n".join(faults)
