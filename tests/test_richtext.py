"""Rich text: clean on every way in, with stable heading ids."""

import re
from time import process_time

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Value

from blog.models import Post
from clinic_site.models import Page
from clinic_site.richtext.field import SHORT, ProseField
from clinic_site.richtext.html import (
    CALLOUTS,
    headings,
    parse_fragment,
    reading_minutes,
    set_heading_ids,
)
from clinic_site.richtext.rendering import for_page

EVIL = (
    '<h2 id="x" onclick="a()">Does it hurt?</h2><script>alert(1)</script>'
    '<p style="color:red">Hi <a href="javascript:alert(1)">there</a>'
    '<img src="https://evil.example/pixel.png"></p><iframe src="/"></iframe>'
)
CLEAN = '<h2 id="h-does-it-hurt">Does it hurt?</h2><p>Hi <a>there</a></p>'


def page(**values):
    return Page(title="T", slug="t", summary="s", body=EVIL, **values)


@pytest.mark.django_db
def test_create_is_clean():
    assert Page.objects.create(title="T", slug="t", summary="s", body=EVIL).body == CLEAN
    assert Page.objects.get().body == CLEAN


@pytest.mark.django_db
def test_save_of_an_instance_cleans_the_instance_too():
    one = page()
    one.save()
    assert one.body == CLEAN


@pytest.mark.django_db
def test_bulk_create_bulk_update_and_update_are_clean():
    Page.objects.bulk_create([page()])
    one = Page.objects.get()
    assert one.body == CLEAN
    one.body = EVIL
    Page.objects.bulk_update([one], ["body"])
    assert Page.objects.get().body == CLEAN
    Page.objects.update(body=EVIL)
    assert Page.objects.get().body == CLEAN
    Page.objects.update(body=Value(EVIL, output_field=Page._meta.get_field("body")))
    assert Page.objects.get().body == CLEAN


def test_full_clean_is_clean():
    field = Page._meta.get_field("body")
    assert field.clean(EVIL.replace("<img ", "<b "), None) == CLEAN


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<p><img src="https://a.example/x.png"></p>', "not from the image library"),
        ('</body><p><img src="https://a.example/x.png"></p>', "not from the image library"),
        ('<p><a href="services/">here</a></p>', "“services/” leads nowhere"),
        ('<p><a href="ftp://clinic.example/a">here</a></p>', "leads nowhere"),
        ('<p><a href="file:///C:/fees.docx">here</a></p>', "leads nowhere"),
        ('<p><a href="https://">here</a></p>', "leads nowhere"),
        ('<p><a href="fees.html">here</a></p>', "leads nowhere"),
    ],
)
def test_what_would_be_lost_or_broken_is_refused_in_words(html, words):
    with pytest.raises(ValidationError, match=words):
        Page._meta.get_field("body").clean(html, None)


def test_cleaning_twice_changes_nothing():
    field = Post._meta.get_field("body")
    once = field.clean_html(EVIL)
    assert field.clean_html(str(once)) == once


def ids(html):
    tree = parse_fragment(html)
    set_heading_ids(tree)
    return [name for _, name, _ in headings(tree)]


def test_heading_ids_are_unique_and_stable():
    html = (
        "<h2>Risks</h2><h3>Risks</h3><h2>风险</h2><h2>Risks</h2><h2><strong>A &amp; b</strong></h2>"
    )
    assert ids(html) == ["h-risks", "h-risks-2", "h-section", "h-risks-3", "h-a-b"]
    assert ids(html.replace("风险", "New words"))[0] == "h-risks"
    assert ids("<h2>A 2</h2><h2>A</h2><h2>A</h2>") == ["h-a-2", "h-a", "h-a-3"]


def test_many_equal_headings_are_numbered_in_time():
    start = process_time()
    names = ids("<h2>a</h2>" * 20_000)
    assert (names[-1], len(set(names))) == ("h-a-20000", 20_000)
    assert process_time() - start < 10  # counting from 2 for each heading took a minute


def test_image_of_our_own_stays_and_a_figure_left_empty_goes():
    clean = Post._meta.get_field("body").clean_html
    own = '<figure><img src="/a.jpg" alt="A knee" data-file="3"><figcaption>K</figcaption></figure>'
    assert 'data-file="3"' in clean(own)
    assert clean(own.replace(' data-file="3"', "")) == "<p>K</p>"


@pytest.mark.parametrize(
    "src",
    [
        "https://evil.example/p.png",
        "//evil.example/p.png",
        "/\\evil.example/p.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "p.png",
    ],
)
def test_a_key_of_the_library_lets_no_foreign_picture_in(src):
    field = Post._meta.get_field("body")
    figure = f'<figure><img src="{src}" alt="src=&quot;/a.jpg&quot;" data-file="3"></figure>'
    assert "<img" not in field.clean_html(figure)
    with pytest.raises(ValidationError, match="not from the image library"):
        field.clean(figure, None)


CALLOUT = '<aside class="callout callout--{}"><p>Call 911.</p></aside>'
QUESTION = '<details class="question"><summary>Does it hurt?</summary><p>It can.</p></details>'


@pytest.mark.parametrize("block", [*map(CALLOUT.format, CALLOUTS), QUESTION])
def test_callouts_and_questions_are_kept(block):
    assert Post._meta.get_field("body").clean_html(block) == block


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<aside><p>a</p></aside>", '<aside class="callout callout--note"><p>a</p></aside>'),
        (
            '<aside class="skip-link callout--urgent" onclick="a()"><p>a</p></aside>',
            '<aside class="callout callout--urgent"><p>a</p></aside>',
        ),
        ('<details open class="skip-link">a</details>', '<details class="question">a</details>'),
        ('<figure class="skip-link"><figcaption>a</figcaption></figure>', "<p>a</p>"),
        ("<aside><aside><p> </p></aside></aside>", ""),
        ("<details><summary></summary><p></p></details>", ""),
        ("<p><button><p>a</p></button></p>", "<p>a</p>"),
    ],
)
def test_blocks_keep_no_foreign_class_and_no_emptiness(given, kept):
    clean = Post._meta.get_field("body").clean_html
    assert clean(given) == kept
    assert clean(kept) == kept


def test_short_text_has_no_blocks():
    field = ProseField(extensions=SHORT)
    assert "<aside" not in field.clean_html(CALLOUT.format("urgent"))


def test_a_heading_in_a_callout_is_a_small_one():
    clean_html = Post._meta.get_field("body").clean_html
    clean = clean_html("<h2>A</h2><aside><h2>B</h2><p>b</p></aside><h2>C</h2>")
    assert re.findall("<(h[23])", clean) == ["h2", "h3", "h2"]
    assert clean_html(str(clean)) == clean


@pytest.mark.parametrize(("degree", "title"), [(name, CALLOUTS[name][0]) for name in CALLOUTS])
def test_a_callout_is_shown_with_its_title_and_icon(degree, title):
    shown = for_page(CALLOUT.format(degree), {})
    assert re.search(
        rf'<p class="callout__title"><svg class="icon" aria-hidden.*</svg>{title}</p><p>', shown
    )


def test_nul_bytes_leave():
    assert "\x00" not in Post._meta.get_field("body").clean_html("<p>a\x00b</p>")


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (200, 1), (301, 2), (1300, 6)])
def test_reading_minutes(words, minutes):
    assert reading_minutes(parse_fragment("<p>" + "word " * words + "</p>")) == minutes


def test_tables_scroll_in_a_region_with_a_name():
    shown = for_page("<table><tbody></tbody></table><p>a</p><table></table>b", {})
    start = '<div class="table-scroll" role="region" tabindex="0" aria-label="Table {}"><table>'
    assert start.format(1) + "<tbody></tbody></table></div><p>a</p>" in shown
    assert start.format(2) + "</table></div>b" in shown
