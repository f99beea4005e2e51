"""Rich text as a tree: read it, write it, and find the headings, links and images in it."""

import re
from html import unescape

from django.utils.text import slugify
from lxml import etree
from lxml.html import Element, HTMLParser

REMOVED, UNWRAPPED = "removed", "unwrapped"  # tags for elements that strip() takes out
MARKS = ("a", "em", "strong", "s", "sub", "sup")
BLOCKS = (
    *("p", "h2", "h3", "ul", "ol", "li", "blockquote", "aside", "details", "summary", "hr"),
    *("figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"),
)
# The title and the icon of each degree: words and a shape tell it, colour comes last.
CALLOUTS = {
    "note": ("Good to know", "info"),
    "self-care": ("What you can do yourself", "house"),
    "urgent": ("When to get help fast", "triangle-alert"),
    "emergency": ("Emergency", "octagon-alert"),
}
# What XML forbids, and Windows' carriage return, as characters and as references.
CONTROL = re.compile(
    "\r\n|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]"
    r"|&#(?:0*(?:[0-8]|1[1-9]|2\d|3[01]|6553[45])(?!\d)|x0*(?:[0-8b-f]|1[\da-f]|fff[ef])(?![\da-f]));?",
    re.IGNORECASE,
)
# Word writes a list as paragraphs: a sign, and then more than one space or a tab.
SIGN = r"[·•▪§◦‣]|o|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)]"
ITEM = re.compile(rf"\A\s*({SIGN})(?:\xa0\s+|\t\s*)")
MOST_KEY_DIGITS = 18  # PostgreSQL and SQLite count in 64 bits
MOST_LEVELS = 100  # of elements in elements; a long nested list has 30
ID_PREFIX = "h-"  # of headings in texts: no id of a template begins so
PAGE_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)  # lxml reads nothing after these
# More attributes than lxml reads in a reasonable time; the most that a program writes is a dozen.
MANY_ATTRIBUTES = re.compile(
    r"<[a-z][\w:.-]*+(?>[\s/]++[^\s=/>]{1,999}+(?>\s*+=\s*+"
    r"(?>\"[^\"]*+\"|'[^']*+'|[^\s>]{0,999}+))?+){200}",
    re.IGNORECASE,
)
TAG = re.compile("<[^<>]*>")
WORDS_A_MINUTE = 200  # an unhurried reader of plain text


def without_control_characters(text):
    """Return text with line breaks for what neither XML nor PostgreSQL takes."""
    return CONTROL.sub("\n", text)


def parse_fragment(html):
    """Return HTML as a tree, a <body>; of HTML that takes lxml too long, the words alone."""
    tree = parse_levels(html)
    if tree is None:
        return element("body", unescape(TAG.sub("", without_control_characters(html))))
    return tree


def parse_levels(html):
    """Return HTML as a tree, a <body>, or None when it has too many levels or attributes.

    lxml takes 2,000 levels, and a time that grows with the square of a tag's attributes.
    """
    if MANY_ATTRIBUTES.search(html):
        return None
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    html = PAGE_END.sub("", without_control_characters(html))
    body = etree.fromstring(f"<body>{html}".encode(), parser).find("body")
    if parser.error_log.filter_types(etree.ErrorTypes.ERR_RESOURCE_LIMIT):
        return None
    body.attrib.clear()
    return body


def serialise(tree):
    """Return the HTML of a tree that parse_fragment made."""
    html = etree.tostring(tree, encoding="unicode", method="html")
    # lxml does not know that <source> has no end tag.
    return html.removeprefix("<body>").removesuffix("</body>").replace("</source>", "")


def element(tag, text=None, **attributes):
    """Return a new element."""
    new = Element(tag, attributes)
    new.text = text
    return new


def strip(tree):
    """Remove elements tagged REMOVED, and the tags of those tagged UNWRAPPED, all at once."""
    etree.strip_elements(tree, REMOVED, with_tail=False)
    etree.strip_tags(tree, UNWRAPPED)


def flatten(tree):
    """Unwrap elements that stand more than MOST_LEVELS deep, and say whether there were any."""
    levels, deep = {tree: 0}, False
    for node in tree.iterdescendants():
        levels[node] = levels[node.getparent()] + 1
        if levels[node] > MOST_LEVELS:
            node.tag, deep = UNWRAPPED, True
    strip(tree)
    return deep


def text_of(node):
    """Return the text inside an element."""
    return "".join(node.itertext())


def change_texts(tree, change):
    """Change each piece of text in a tree."""
    for node in tree.iter():
        if node.text:
            node.text = change(node.text)
        if node.tail:
            node.tail = change(node.tail)


def has_words(text):
    return bool(text and text.strip())


def put_first(node, text):
    node.text = text + (node.text or "")


def put_after(node, text):
    node.tail = text + (node.tail or "")


def set_heading_ids(tree):
    """Give each h2 and h3 a lasting id made from its words, and lead the text's own links there.

    The ids are unique in the text, and their prefix keeps them apart from those of the page.
    """
    taken, last_number, moved = set(), {}, {}
    for heading in tree.iter("h2", "h3"):
        words = slugify(text_of(heading)) or "section"
        name = base = ID_PREFIX + words
        while name in taken:
            last_number[base] = last_number.get(base, 1) + 1
            name = f"{base}-{last_number[base]}"
        taken.add(name)
        for old in (heading.get("id"), words):
            moved.setdefault(old, name)
        heading.set("id", name)
    for link in links(tree):
        href = link.get("href").strip()
        target = href.removeprefix("#")
        if href.startswith("#") and target not in taken and target in moved:
            link.set("href", f"#{moved[target]}")


def headings(tree):
    """Return the contents list of a text as (level, id, words) tuples."""
    return [
        (int(heading.tag[1]), heading.get("id"), text_of(heading))
        for heading in tree.iter("h2", "h3")
    ]


def reading_minutes(tree):
    """Return how many minutes a text takes to read, at least 1."""
    return max(1, round(len(text_of(tree).split()) / WORDS_A_MINUTE))


def links(tree):
    """Return the <a> elements that have an address."""
    return [link for link in tree.iter("a") if link.get("href") is not None]


def image_key(img):
    """Return the key of the library image that an <img> shows, or None."""
    key = img.get("data-file", "")
    is_key = key.isascii() and key.isdigit() and len(key) <= MOST_KEY_DIGITS
    return int(key) if is_key else None


def alt_text(img):
    """Return the alternative text typed with an <img>, "" without one."""
    return img.get("alt", "").strip()


def callout_degree(aside):
    """Return the degree of a callout; one that names no degree is a note."""
    classes = aside.get("class", "").split()
    return next((name for name in CALLOUTS if f"callout--{name}" in classes), "note")
