"""No lost work: the browser keeps what is typed, and two people never overwrite each other."""

import re
import shutil

import pytest
from playwright.sync_api import Error, expect

from tests.browser.conftest import DESK, PATIENCE, PHONE, QUIET
from tests.browser.test_editor import save, sign_in

pytestmark = pytest.mark.browser
FORM = "/admin/blog/post/3/change/"
REVIEWED = "/admin/blog/post/2/change/"  # its own: what others changed needs review already
NEW = "/admin/blog/post/add/"


@pytest.fixture
def open_profile(site, browser, tmp_path):
    """Return a function that opens a browser of one person's computer, which keeps its files.

    `browser` is asked for so that its loop is running: there can be one only.
    """
    open_ones = []

    def open_browser():
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "profile",
            executable_path=shutil.which("chromium"),
            args=QUIET,
            base_url=site.url,
            locale="en-CA",
            viewport=DESK,
        )
        open_ones.append(context)
        page = context.pages[0]
        page.set_default_timeout(PATIENCE)
        return page

    yield open_browser
    for context in open_ones:
        context.close()


def text_of(page):
    return page.get_by_role("textbox", name="Text", exact=True)


def write(page, words):
    text_of(page).focus()  # after a click the editor sets its cursor late, where the mouse was
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


# The words of all drafts that the browser keeps.
KEPT = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("drafts", 1);
  opening.onerror = reject;
  opening.onsuccess = () => {
    const drafts = opening.result.transaction("drafts").objectStore("drafts").getAll();
    drafts.onsuccess = () => resolve(JSON.stringify(drafts.result));
    opening.result.close();
  };
})"""


def wait_until_kept(page, words):
    """Wait until the browser keeps a draft with these words, which it does a moment later."""
    for _ in range(PATIENCE // 100):
        if words in page.evaluate(KEPT):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{words!r} is not kept.")


def kill(page):
    """End the browser's process at once, as a power cut does."""
    cdp = page.context.new_cdp_session(page)
    with pytest.raises(Error, match="closed"):
        cdp.send("Browser.crash")


def test_what_is_typed_survives_a_killed_browser(site, open_profile):
    page = open_profile()
    sign_in(site, page)
    page.goto(NEW)
    page.locator("#id_title").fill("Marker draft")
    page.get_by_label("After surgery").check()
    page.get_by_role("button", name="Add another Source").click()
    page.locator("#id_sources-0-title").fill("A study")
    write(page, "Half a sen")
    wait_until_kept(page, "Half a sen")
    kill(page)

    page = open_profile()
    sign_in(site, page)
    page.goto(NEW)
    note = page.get_by_role("status").filter(has_text="You have unsaved changes from")
    expect(note).to_contain_text(re.compile(r"from \d+:\d\d [ap]m"))
    page.get_by_role("button", name="Restore").click()
    expect(text_of(page)).to_have_text("Half a sen")
    expect(page.locator("#id_title")).to_have_value("Marker draft")
    expect(page.get_by_label("After surgery")).to_be_checked()
    expect(page.locator("#id_sources-0-title")).to_have_value("A study")
    page.wait_for_timeout(600)

    # Leaving asks; staying keeps all; a discarded draft is not offered again.
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(NEW)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Discard").click()
    page.reload()
    expect(text_of(page)).to_be_visible()
    expect(note).to_be_hidden()


def test_drafts_and_the_leave_warning_work_over_plain_http_in_a_local_network(site, visit):
    page = visit(viewport=DESK)
    # A page that comes over http from another host than localhost lacks these.
    page.add_init_script(
        "for (const name of ['randomUUID', 'subtle']) delete Crypto.prototype[name];"
        "for (const name of ['clipboard', 'locks', 'storage', 'serviceWorker', 'credentials'])"
        "  delete Navigator.prototype[name];"
    )
    sign_in(site, page)
    page.goto(NEW)
    write(page, "Written in the clinic. ")
    wait_until_kept(page, "Written in the clinic.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Restore").click()
    expect(text_of(page)).to_have_text("Written in the clinic.")


def test_a_kept_draft_replaces_nothing_newer_unasked(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto(FORM)
    write(page, "Older. ")
    wait_until_kept(page, "Older. ")
    answers = [True]
    asked = []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.accept() if answers.pop(0) else dialog.dismiss()

    page.on("dialog", answer)
    page.goto(FORM)
    note = page.locator("[data-kept-draft]")
    expect(note).to_be_visible()
    write(page, "Newer. ")
    answers += [False, True]
    page.get_by_role("button", name="Restore").click()
    expect(text_of(page)).to_contain_text("Newer.")
    expect(note).to_be_visible()

    # A form that a refused save gave back holds newer words than what was kept before.
    page.locator("#id_title").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errornote")).to_be_visible()
    page.wait_for_timeout(500)
    expect(note).to_be_hidden()
    page.goto(FORM)
    expect(note).to_be_visible()
    write(page, "Newest. ")
    answers.append(True)
    page.get_by_role("button", name="Restore").click()
    expect(text_of(page)).to_contain_text("Newer.")
    expect(text_of(page)).not_to_contain_text("Newest.")
    assert asked == ["beforeunload", "confirm", "beforeunload", "confirm"]


def test_of_two_who_edit_one_article_the_second_chooses(site, visit):
    first, second = visit(viewport=DESK), visit(viewport=DESK)
    for page in (first, second):
        sign_in(site, page)
        page.goto(FORM)
    write(first, "Marker of the first. ")
    save(first)
    first.goto(FORM)
    expect(text_of(first)).to_contain_text("Marker of the first.")
    expect(first.locator("[data-kept-draft]")).to_be_hidden()  # it is saved

    write(second, "Marker of the second. ")
    second.get_by_role("button", name="Save", exact=True).click()
    box = second.get_by_role("alert").filter(has_text="Somebody saved this while you were writing")
    expect(box.locator("ins", has_text="Marker of the first.")).to_be_visible()
    expect(box.locator("ins", has_text="Marker of the second.")).to_be_visible()
    expect(text_of(second)).to_contain_text("Marker of the second.")
    choice = box.get_by_role("group", name="Text")
    expect(choice.get_by_label("Use mine")).to_be_checked()
    box.get_by_role("button", name="Save as chosen").click()
    expect(second.locator(".messagelist .success")).to_be_visible()
    second.goto(FORM)
    expect(text_of(second)).to_contain_text("Marker of the second.")
    expect(second.locator("[data-kept-draft]")).to_be_hidden()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_typed_is_shown_as_its_page_beside_the_form(site, visit, size):
    page = visit(viewport=size)
    sign_in(site, page)
    page.goto(FORM)
    write(page, "Marker typed. ")
    page.get_by_role("button", name="Preview", exact=True).click()
    shown = page.frame_locator("iframe[name=preview]")
    expect(shown.locator(".prose")).to_contain_text("Marker typed.")
    assert shown.locator("html").evaluate("() => innerWidth") == 390
    page.get_by_label("Desktop").check()
    expect(shown.locator(".article__columns--contents")).to_be_visible()
    assert shown.locator("html").evaluate("() => innerWidth") == 1280
    if size == DESK:
        write(page, "Fresh. ")
        expect(shown.locator(".prose")).to_contain_text("Fresh.")
        expect(shown.locator(".prose")).to_contain_text("Marker typed.")
    page.get_by_role("button", name="Close the preview").click()
    expect(page.locator("[data-preview]")).to_be_hidden()
    page.reload()
    expect(text_of(page)).not_to_contain_text("Marker typed.")


def test_a_draft_is_read_approved_and_shared(site, visit):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto("/admin/services/practitioner/1/change/")
    page.get_by_label("Account:").select_option("owner")
    save(page)
    page.goto(REVIEWED)
    write(page, "Changed after the check. ")
    save(page)
    expect(page.locator(".messagelist .warning")).to_contain_text("Review needed")
    page.goto(REVIEWED)
    page.get_by_role("link", name="Review and share").click()
    expect(page.get_by_text("Review needed: the text was changed since.")).to_be_visible()
    shown = page.frame_locator("iframe[name=preview]")
    expect(shown.locator(".prose")).to_contain_text("Changed after the check.")
    page.get_by_role("textbox", name="Comment").fill("Good now.")
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Review needed: the text was changed since.")).to_have_count(0)
    expect(page.get_by_text("Good now.")).to_be_visible()
    page.get_by_role("button", name="Create link").click()
    link = page.locator("a[href*='/preview/']").get_attribute("href")
    stranger = visit(viewport=PHONE)
    stranger.goto(link)
    expect(stranger.get_by_text("This draft is not published.")).to_be_visible()
    page.get_by_role("button", name="Revoke this link").click()
    expect(page.get_by_role("button", name="Revoke this link")).to_have_count(0)
