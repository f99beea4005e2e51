"""The words of a rich text, without markup."""

from clinic_site.richtext.html import (
    CALLOUTS,
    callout_degree,
    parse_fragment,
    put_after,
    put_first,
    text_of,
)

LINE_END = "\u2028"  # Unicode's own: line breaks in HTML are only spaces
ENDS_LINE = ("p", "h2", "h3", "li", "figcaption", "th", "td", "blockquote", "summary", "br")
STARTS_LINE = ("ul", "ol", "table", "aside", "details", "blockquote", "figure")


def plain_text(html):
    """Return the words of a text, also titles of callouts, one paragraph or list item a line."""
    tree = parse_fragment(html or "")
    for aside in tree.iter("aside"):
        put_first(aside, CALLOUTS[callout_degree(aside)][0] + LINE_END)
    return lines_of(tree)


def annotated_text(html):
    """Return the words of a text, with its links, images, headings and lists named."""
    tree = parse_fragment(html or "")
    for node in tree.iter():
        if node.tag == "a" and node.get("href") is not None:
            put_after(node, f" (link to {node.get('href')})")
        elif node.tag == "img" and node.get("alt") is not None:
            put_after(node, f"Image: {node.get('alt')}{LINE_END}")
        elif node.tag == "aside":
            put_first(node, f"Callout ({callout_degree(node)}):{LINE_END}")
        elif node.tag in NAMES:
            put_first(node, NAMES[node.tag])
    return lines_of(tree)


RAISED = dict(zip("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", strict=True))
LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
NAMES = {"h2": "Heading: ", "h3": "Smaller heading: ", "li": "• ", "summary": "Question: "}


def lines_of(tree):
    for node in tree.iter("sup", "sub"):  # or 10 to the power of 5 would read as 105
        if set(words := text_of(node)) <= set(RAISED):
            signs = RAISED if node.tag == "sup" else LOWERED
            node[:], node.text = [], words.translate(str.maketrans(signs))
    for node in tree.iter(*ENDS_LINE):
        put_after(node, LINE_END)
    for node in tree.iter(*STARTS_LINE):
        put_first(node, LINE_END)
    lines = (" ".join(line.split()) for line in text_of(tree).split(LINE_END))
    return "\n".join(filter(None, lines))
