"""Checks while writing: what a College stops is said beside the text, as it is typed."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.test_drafts import write
from tests.browser.test_editor import sign_in

pytestmark = pytest.mark.browser


def test_a_promise_is_named_while_it_is_typed_and_stops_publishing(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto("/admin/blog/post/4/change/")
    panel = page.get_by_role("region", name="Checks")
    expect(panel).not_to_contain_text("You can’t publish this yet.")
    write(page, "We guarantee relief. ")
    expect(panel).to_contain_text("“guarantee” ")
    expect(panel.get_by_role("status")).to_contain_text("to look at")
    link = page.get_by_role("link", name="Checks: ")
    number = int(link.inner_text().removeprefix("Checks: "))
    assert number == panel.get_by_role("listitem").count()
    link.click()
    expect(panel.get_by_role("heading", name="Checks")).to_be_in_viewport()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errorlist").first).to_contain_text("This promises a result.")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_contain_text("We guarantee")
    panel.get_by_label("Reason").fill("A quotation from the law.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
