"""The text editor: each thing a text may hold, by keys and by buttons, survives a save."""

import re
import subprocess
import sys

import pytest
from django.utils.text import slugify
from playwright.sync_api import expect

from tests.attacks import CLOSED, TEXTS, attacks_fixture
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_editor import sign_in
from tests.running_site import ROOT

pytestmark = pytest.mark.browser


CARET = """() => {
  const { $from } = document.querySelector(".prose-editor > .ProseMirror").editor.state.selection;
  return [$from.parent.type.name, $from.parentOffset];
}"""


class Editor:
    """The editor of a page's text, as a person with a keyboard uses it."""

    def __init__(self, page):
        self.page = page
        self.text = page.get_by_role("textbox", name="Text", exact=True)
        self.tools = page.get_by_role("toolbar", name="Formatting").first
        self.keys = page.keyboard

    def button(self, name):
        return self.tools.get_by_role("button", name=name, exact=True)

    def press(self, *keys):
        """Press keys one after the other, each seen by the editor before the next."""
        for key in keys:
            self.keys.press(key)
            self.page.wait_for_timeout(30)

    def move(self, key, block, place=None):
        """Press a key until the editor knows its caret there: it learns of it after the browser."""
        for _ in range(50):
            name, offset = self.page.evaluate(CARET)
            if name == block and place in (None, offset):
                return
            self.press(key)
            self.page.wait_for_timeout(100)
        pytest.fail(f"The caret is in {name}, at {offset}.")

    def line(self, words, *buttons):
        """Write a line of its own and use buttons on it."""
        self.keys.type(words)
        for name in buttons:
            self.button(name).press("Enter")
        self.press("Enter")

    def saved(self):
        """Save, and return what the form then holds."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save and continue editing").click()
        expect(self.page.locator(".errornote")).to_have_count(0)
        return self.page.locator("#id_body").input_value()


@pytest.fixture
def editor(site, visit, request):
    page = visit(viewport=DESK)
    sign_in(site, page)
    page.goto("/admin/clinic_site/page/add/")
    page.get_by_role("textbox", name="Title:").fill("Marker: a text")
    # The bin keeps the addresses of what is in it.
    page.locator("#id_slug").fill(slugify(request.node.name)[:50])
    page.get_by_label("Summary").fill("Marker.")
    page.locator("label[for=id_body]").click()
    yield Editor(page)
    page.get_by_role("link", name="Delete").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Move to the bin").click()


WORD = ROOT / "tests/clipboard/word.html"
WRITTEN = (
    '<h2 id="h-large">Large</h2><h3 id="h-small">Small</h3>'
    "<p>plain <strong>bold</strong> <em>italic</em></p>"
    "<ul><li><p>dot</p></li></ul>"
    "<ol><li><p>one</p></li></ol>"
    "<blockquote><p>said</p></blockquote>"
    '<aside class="callout callout--note"><p>note</p></aside>'
    '<aside class="callout callout--self-care"><h3 id="h-rest">rest</h3></aside>'
    '<aside class="callout callout--urgent"><p>soon</p></aside>'
    '<aside class="callout callout--emergency"><p>now</p><p>at once</p></aside>'
    '<details class="question"><summary>Why?</summary><p>Because.</p></details>'
    "<table><tbody><tr><th><p>head</p></th><th></th></tr>"
    "<tr><td><p>cell</p></td><td></td></tr></tbody></table>"
)


def test_each_part_of_a_text_is_made_by_keys_and_kept(editor):
    keys, page = editor.keys, editor.page
    editor.line("Large", "Heading 2")
    editor.line("Small", "Heading 3")
    keys.type("plain ")
    for key, words in (("b", "bold"), ("i", "italic")):
        editor.press(f"Control+{key}")
        keys.type(words)
        editor.press(f"Control+{key}")
        keys.type(" " if key == "b" else "")
    editor.press("Enter")
    for words, *buttons in (
        ("dot", "Bulleted list"),
        ("one", "Numbered list"),
        ("said", "Quote"),
        ("note", "Callout: note"),
        ("rest", "Callout: self-care", "Heading 3"),
        ("soon", "Callout: urgent"),
    ):
        editor.line(words, *buttons)
        editor.press("Enter")  # an empty line more leaves the block
    # Another degree for the same callout, and two lines in it.
    editor.line("now", "Callout: note", "Callout: emergency")
    expect(editor.button("Callout: emergency")).to_have_attribute("aria-pressed", "true")
    editor.line("at once")
    editor.press("Enter")
    editor.line("Why?", "Question and answer")
    editor.line("Because.")
    editor.press("Enter")
    editor.button("Insert table").press("Enter")
    page.get_by_label("Rows").fill("2")
    page.get_by_label("Columns", exact=True).fill("2")
    expect(page.get_by_label("The first row names the columns")).to_have_value("Yes")
    page.get_by_role("button", name="Insert", exact=True).click()
    expect(editor.text).to_be_focused()
    keys.type("head")
    editor.press("Tab", "Tab")
    keys.type("cell")
    assert editor.saved() == WRITTEN


def test_the_toolbar_is_one_stop_for_tab_and_is_walked_by_arrows(editor):
    editor.press("Shift+Tab")
    expect(editor.button("Heading 2")).to_be_focused()
    editor.press("ArrowRight")
    expect(editor.button("Heading 3")).to_be_focused()
    editor.press("ArrowLeft", "ArrowLeft")
    expect(editor.button("Redo")).to_be_focused()
    editor.press("ArrowRight", "Tab")
    expect(editor.text).to_be_focused()
    editor.keys.type("Marker.")
    assert editor.saved() == "<p>Marker.</p>"


def test_blocks_are_taken_away_again_by_the_same_button_or_backspace(editor):
    editor.line("Why?", "Question and answer")
    editor.keys.type("Because.")
    editor.move("ArrowUp", "questionTitle")
    editor.move("Home", "questionTitle", 0)
    editor.press("Backspace")
    expect(editor.text).to_have_text(re.compile("^Why\\?Because\\.$"))
    expect(editor.text.locator(".question")).to_have_count(0)
    editor.button("Callout: urgent").click()
    expect(editor.text.locator(".callout--urgent")).to_have_count(1)
    editor.button("Callout: urgent").click()
    expect(editor.text.locator(".callout")).to_have_count(0)
    assert editor.saved() == "<p>Why?</p><p>Because.</p>"


TOUCH = """() => {
  for (const part of document.querySelectorAll(".prose *")) {
    if (part.matches("a")) part.addEventListener("click", (event) => event.preventDefault());
    for (const name of ["mouseover", "focus", "click"]) part.dispatchEvent(new Event(name));
  }
}"""


def test_no_attack_runs_a_script_on_the_page_or_in_the_editor(site, visit, tmp_path):
    """What a fixture brought, read under the page's own policy: its reports fail `visit` too."""
    fixture = tmp_path / "attacks.json"
    fixture.write_text(attacks_fixture())
    command = [sys.executable, ROOT / "manage.py", "loaddata", fixture]
    subprocess.run(command, env=site.environment, check=True, capture_output=True)
    page = visit(viewport=DESK)
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
    picture = {"content_type": "image/svg+xml", "body": "<svg xmlns='http://www.w3.org/2000/svg'/>"}
    page.route(re.compile(r"/a\.jpg"), lambda route: route.fulfill(**picture))
    for number in range(len(TEXTS)):
        page.goto(f"/marker-attacks-{number}/")
        page.evaluate(TOUCH)
        if not number:
            expect(page.locator(".prose h2").last).to_have_id(f"h-{len(CLOSED) - 1}")
    sign_in(site, page)
    for _ in TEXTS:
        page.goto("/admin/clinic_site/page/?q=attacks")
        page.get_by_role("link", name="Marker: attacks").first.click()
        expect(page.get_by_role("toolbar", name="Formatting")).to_be_visible()
        page.get_by_role("link", name="Delete").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Move to the bin").click()
    assert not dialogs


PASTED = (
    '<h2 id="h-sprained-ankle">Sprained ankle</h2>'
    "<p>Rest for <strong>two days</strong>, then <strong><em>walk</em></strong>. See "
    '<a href="https://clinic.example/fees">our fees</a>.</p>'
    '<h2 id="h-at-home">At home</h2>'
    "<ul><li><p>Keep it up</p><ul><li><p>on a cushion</p></li></ul></li>"
    "<li><p>Cool it</p></li></ul>"
    "<p>Then:</p><ol><li><p>Call us</p></li><li><p>Come in</p></li></ol>"
    "<table><tbody><tr><td><p>Day</p></td><td><p>Do</p></td></tr></tbody></table>"
    "<p>[Image: A foot]</p>"
)
PASTE = """(text, html) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  text.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
PASTE_FILE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(["x"], "screenshot.png", { type: "image/png" }));
  text.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def test_what_other_programs_put_on_the_clipboard_is_pasted_clean(editor):
    for source in ("word", "google_docs", "web_page"):
        html = (ROOT / "tests/clipboard" / f"{source}.html").read_text()
        editor.text.evaluate(PASTE, html)
        saved = editor.saved()
        assert re.sub(r"\s+", " ", saved).replace(' data-type="decimal"', "") == PASTED, source
        editor.text.click()
        editor.press("Control+a", "Delete")
    editor.text.evaluate(PASTE_FILE)
    expect(editor.text).to_have_text("[Image]")
    editor.press("Control+a", "Delete")
    fragment = re.search("(<h1>.*)<!--EndFragment-->", WORD.read_text(), re.DOTALL)[1]
    editor.text.evaluate(PASTE, fragment * (200_000 // len(fragment) + 1))
    assert editor.saved().count("<td>") == 2 * (200_000 // len(fragment) + 1)


LINK = '<a href="{}">{}</a>'
WORD_LINE = (
    "<p style='mso-list:l0 level{} lfo1'><span style='mso-list:Ignore'>{}"
    "<span>&nbsp;&nbsp; </span></span>{}</p>"
)
OUTLOOK_ITEM = "<li style='mso-list:l0 level{} lfo1'>{}</li>"
# What is pasted, and what the editor then holds.
PARTS = [
    # A link keeps its own target, whatever its words are.
    *(
        (f"<p>See {LINK.format(href, words)} there</p>",) * 2
        for href, words in (
            ("https://knees.example.net/step-up", "knees.example.net"),
            ("https://knees.example.net/b", "https://knees.example.net/a"),
            ("/fees/", "www.knees.example.com"),
            ("mailto:desk@clinic.example", "other@clinic.example"),
        )
    ),
    (
        "<p>See https://a.example/b</p>",
        '<p>See <a href="https://a.example/b">https://a.example/b</a></p>',
    ),
    ("<p>Rest your knee.it calms down, shoes.no, 3.am</p>",) * 2,
    # A figure that is not ours.
    (
        '<figure><img src="https://a.example/x.png"><figcaption>Up</figcaption></figure>',
        "<p>[Image]</p><p>Up</p>",
    ),
    ("<figure><table><tr><td>a</td></tr></table><figcaption>Up</figcaption></figure>", None),
    (
        "<figure><blockquote><p>said</p></blockquote></figure>",
        "<blockquote><p>said</p></blockquote>",
    ),
    (
        '<figure data-pm-slice="0 0 []"><img src="https://a.example/x.png" alt="A">'
        "<figcaption>Up</figcaption></figure>",
        "<p>[Image: A]</p><p>Up</p>",
    ),
    ("<figure></figure><p>a</p>", "<p>a</p>"),
    # Emoji are characters.
    ('<p>Hi <img class="emoji" src="x.svg" alt="🙂"></p>', "<p>Hi 🙂</p>"),
    (
        '<p><img src="x.png" alt="👩🏽‍⚕️"> <img class="wp-smiley" src="x" alt=":-)"></p>',
        "<p>👩🏽‍⚕️ :-)</p>",
    ),
    ('<p><img src="x.png" alt="7"></p>', "<p>[Image: 7]</p>"),
    # What means something stays.
    (
        "<p>20%<sup>1</sup>; H<sub>2</sub>O; <del>old</del></p>",
        "<p>20%<sup>1</sup>; H<sub>2</sub>O; <s>old</s></p>",
    ),
    ("<p>10<span style='vertical-align:super'>5</span></p>", "<p>10<sup>5</sup></p>"),
    (
        '<p><q>a</q> <abbr title="General practitioner">GP</abbr></p>',
        "<p>“a” GP (General practitioner)</p>",
    ),
    ("<dl><dt>a</dt><dd>b</dd></dl>", "<p><strong>a</strong></p><p>b</p>"),
    ("<pre>a\nb</pre>", "<p>a<br>b</p>"),
    (
        '<h2><a name="b"></a>A</h2><p><a href="#b">c</a></p>',
        '<h2 id="b">A</h2><p><a href="#b">c</a></p>',
    ),
    (
        '<p><iframe src="https://www.youtube.com/embed/b" title="A walk"></iframe></p>',
        '<p><a href="https://www.youtube.com/embed/b">A walk</a></p>',
    ),
    # Lists keep their numbers and levels.
    (
        WORD_LINE.format(1, "1.", "a") + "<p>b</p>" + WORD_LINE.format(1, "2.", "c"),
        '<ol><li><p>a</p></li></ol><p>b</p><ol start="2"><li><p>c</p></li></ol>',
    ),
    (WORD_LINE.format(1, "b)", "a"), '<ol start="2" type="a"><li><p>a</p></li></ol>'),
    (WORD_LINE.format(1, "iv.", "a"), '<ol start="4" type="i"><li><p>a</p></li></ol>'),
    (
        "<ul>" + OUTLOOK_ITEM.format(1, "a") + "<ul>" + OUTLOOK_ITEM.format(2, "b") + "</ul></ul>",
        "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>",
    ),
    (
        "<ol start=3 type=1>" + OUTLOOK_ITEM.format(1, "a") + "</ol>",
        '<ol start="3"><li><p>a</p></li></ol>',
    ),
    ("<ol reversed><li>a</li><li>b</li></ol>", "<ul><li><p>2. a</p></li><li><p>1. b</p></li></ul>"),
    # Headings without words.
    ("<h2></h2><h2>&nbsp;</h2><h4><br></h4><p>a</p>", "<p>a</p>"),
]
HELD = """(text) => text.editor.getHTML()
  .replace(/ (data-type|rel|target|class)="[^"]*"| type="1"/g, "")"""


def test_what_a_pasted_passage_means_is_kept(editor):
    text, wrong = editor.text, []
    assert text.get_attribute("spellcheck") == "true"
    for pasted, held in PARTS:
        text.evaluate("(text) => text.editor.commands.clearContent()")
        text.evaluate(PASTE, pasted)
        found = text.evaluate(HELD)
        if held and found.removesuffix("<p></p>") != held:
            wrong.append((pasted, found))
    assert not wrong
    # An address pasted over words becomes their link: its target, not its words.
    for pasted in (LINK.format("https://a.example/b", "www.a.example"), "https://a.example/b"):
        text.evaluate("(text) => text.editor.chain().setContent('<p>knees</p>').selectAll().run()")
        text.evaluate(PASTE, pasted)
        assert text.evaluate(HELD) == '<p><a href="https://a.example/b">knees</a></p>'
    text.evaluate("(text) => text.editor.commands.clearContent()")
    for _, (pasted, _) in zip(range(3), PARTS[6:], strict=False):
        text.evaluate(PASTE, pasted)
    assert "Up" in editor.saved()


def test_only_addresses_become_links_while_somebody_types(editor):
    editor.text.click()
    editor.keys.type("knee.it will, a.m.to shoes.no 3.am www.a.com b@a.com https://a.example/b ")
    links = editor.text.get_by_role("link")
    expect(links).to_have_text(["www.a.com", "b@a.com", "https://a.example/b"])
    hrefs = [link.get_attribute("href") for link in links.all()]
    assert hrefs == ["https://www.a.com", "mailto:b@a.com", "https://a.example/b"]
    assert editor.saved().count("<a ") == 3


def test_an_address_in_the_link_window_is_completed_at_the_save(editor):
    typed = {
        "frontdesk@clinic.example": "mailto:frontdesk@clinic.example",
        "example.com": "https://example.com",
        "a.example:8080/b": "https://a.example:8080/b",
        "(905) 555-0142": "tel:905-555-0142",
        " Https://www.a.example": "https://www.a.example",
    }
    editor.text.evaluate(f"(text) => text.editor.commands.setContent('{'<p>a</p>' * len(typed)}')")
    for place, address in enumerate(typed):
        selection = f"{{ from: {3 * place + 1}, to: {3 * place + 2} }}"
        editor.text.evaluate(
            f"(text) => text.editor.chain().focus().setTextSelection({selection}).run()"
        )
        expect(editor.text).to_be_focused()
        editor.button("Link (select words first)").press("Enter")
        editor.page.get_by_label("Web address (URL)", exact=True).last.fill(address)
        editor.page.get_by_role("button", name="Update").click()
        expect(editor.text.get_by_role("link")).to_have_count(place + 1)
    assert re.findall('href="(.*?)"', editor.saved()) == list(typed.values())


def test_a_page_of_ours_is_picked_by_keys_and_an_address_can_still_be_typed(editor):
    page, keys = editor.page, editor.keys
    keys.type("Read about dry needling")
    editor.press(*["Shift+ArrowLeft"] * len("dry needling"))
    editor.button("Link (select words first)").press("Enter")
    search = page.get_by_role("searchbox", name="Find a page on this site")
    expect(search).to_be_focused()
    expect(search).to_have_value("dry needling")
    expect(page.get_by_role("status").filter(has_text="pages found")).to_be_visible()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    results = page.locator(".page-picker__list button")
    assert all(box["x"] + box["width"] <= PHONE["width"] for box in map(box_of, results.all()))
    page.set_viewport_size(DESK)
    keys.press("ArrowDown")
    expect(results.first).to_be_focused()
    expect(results.first).to_contain_text("Dry needling")
    keys.press("Enter")
    expect(page.get_by_label("Web address (URL)", exact=True).last).to_have_value(
        "/services/dry-needling/"
    )
    keys.press("Enter")
    expect(editor.text.get_by_role("link", name="dry needling")).to_be_visible()
    assert 'href="/services/dry-needling/"' in editor.saved()


def box_of(button):
    return button.bounding_box()
