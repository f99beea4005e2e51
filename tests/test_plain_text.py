"""The words of a rich text, for the history, the checks and the review."""

from clinic_site.richtext.plain_text import annotated_text, plain_text

HTML = """<h2 id="a">Ankles</h2><p>Rest <strong>and</strong>
walk &amp; wait,<br>then:</p><ul><li><p>Cool it</p></li><li>Raise it<ul><li>on a cushion</li></ul>
</li></ul><table><tbody><tr><td>Day</td><td>Do</td></tr></tbody></table>
<figure><img src="/a.jpg" alt="A foot"><figcaption>Feet</figcaption></figure>
<p><a href="/fees/">Our fees</a></p>"""


def test_plain_text_has_a_line_for_each_paragraph_heading_item_and_cell():
    assert plain_text(HTML).split("\n") == [
        *("Ankles", "Rest and walk & wait,", "then:", "Cool it", "Raise it", "on a cushion"),
        *("Day", "Do", "Feet", "Our fees"),
    ]
    assert plain_text(None) == ""


def test_raised_and_lowered_numbers_stay_so():
    html = "<p>10<sup>5</sup>, H<sub>2</sub>O, 1<sup>st</sup>, x<sup><em>-2</em></sup></p>"
    assert plain_text(html) == "10⁵, H₂O, 1st, x⁻²"


def test_annotated_text_names_what_plain_words_do_not_tell():
    told = annotated_text(HTML).split("\n")
    assert told[0] == "Heading: Ankles"
    assert {"• Cool it", "• on a cushion", "Image: A foot", "Our fees (link to /fees/)"} <= {*told}
