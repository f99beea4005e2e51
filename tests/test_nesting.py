"""Elements in the wrong place: each text comes out as HTML that every parser reads alike."""

import pytest

from clinic_site.richtext.html import parse_fragment, serialise
from clinic_site.richtext.nesting import fix_nesting

TAGS = (
    *("p", "h2", "ul", "li", "blockquote", "a", "strong", "em", "br", "details", "summary"),
    *("table", "tbody", "tr", "td", "figure", "figcaption", "aside"),
)


def fixed(html):
    tree = parse_fragment(html)
    fix_nesting(tree, TAGS)
    return serialise(tree)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<section><p>a</p></section>", "<p>a</p>"),
        ("<p>a<figure>b</figure>c</p>", "a<figure>b</figure>c"),
        ("<h2>a<blockquote>b</blockquote>c</h2>", "<h2>a b c</h2>"),
        ("<li>a</li><td>b</td><tr>c</tr>", "<p>a</p><p>b</p> c "),
        ("<strong>a<strong>b</strong></strong>", "<strong>ab</strong>"),
        ("<strong><p>a</p><p>b</p></strong>", "<p>a</p><p>b</p>"),
        ('<a href="/x/"><ul><li>a</li></ul></a>', "<ul><li>a</li></ul>"),
        (
            "<table><caption>a</caption><tbody><td>c</td></tbody></table>",
            "<p>a</p><table><tbody><tr><td>c</td></tr></tbody></table>",
        ),
        (
            "<table><tr><p>a</p><td>b</td></tr></table>",
            "<p>a</p><table><tr><td>b</td></tr></table>",
        ),
    ],
)
def test_an_element_in_the_wrong_place_is_moved_or_unwrapped(given, kept):
    assert fixed(given) == kept
    assert fixed(kept) == kept
