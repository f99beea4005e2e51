"""Several images uploaded at once: the good ones are kept, and each other one is told with why."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.test_editor import sign_in
from tests.test_images import image_bytes

pytestmark = pytest.mark.browser


def file(name, content):
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_of_several_images_each_refused_one_is_told_with_its_reason(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto("/admin/clinic_site/image/?folder__id__exact=1")
    files = [
        file("knee.jpg", image_bytes(800, 500)),
        file("notes.jpg", b"These are only words."),
        file("hip.jpg", image_bytes(900, 500)),
        file("Cut.jpg", image_bytes(800, 500)[:900]),
        file("Empty.jpg", b""),
    ]
    with page.expect_navigation():
        page.locator("#cabinet-upload input").set_input_files(files)
    told = page.locator(".messagelist li")
    expect(told).to_have_count(3)
    for number, words in enumerate(
        ("“notes.jpg”: This is not", "“Cut.jpg”: The file", "“Empty.jpg”: The file is empty")
    ):
        expect(told.nth(number)).to_contain_text(words)
    for name in ("knee-", "hip-"):
        expect(page.locator("#result_list")).to_contain_text(name)
    page.watch.faults.clear()  # the browser's own words about each refused request


def test_images_that_do_not_arrive_are_named(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto("/admin/clinic_site/image/?folder__id__exact=1")
    page.route("**/upload/", lambda route: route.abort())
    page.locator("#cabinet-upload input").set_input_files([file("foot.jpg", image_bytes())])
    lost = "Not uploaded: foot.jpg (the connection was lost)."
    expect(page.get_by_role("status").filter(has_text=lost)).to_be_visible()
    page.watch.faults.clear()
