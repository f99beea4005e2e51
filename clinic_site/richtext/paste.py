"""Text from Word, Google Docs and other pages, in the tags of ours that mean the same.

The editor does this while somebody pastes (js/prose-paste.js, which also knows Word's styles). Here
it is done for text that reaches a save by another way.
"""

import re
from itertools import groupby

from django.utils.html import escape

from clinic_site.richtext.html import BLOCKS, MARKS, REMOVED, UNWRAPPED, element, strip

SAME = {"b": "strong", "i": "em", "div": "p", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:bold|[6-9]00)")
NOT_BOLD = re.compile(r"(?<![\w-])font-weight:\s*normal")
ITALIC = re.compile(r"(?<![\w-])font-style:\s*italic")
# Word writes a list as paragraphs: a sign, and then more than one space or a tab.
SIGN = r"[·•▪§◦‣]|o|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)]"
ITEM = re.compile(rf"\A\s*({SIGN})(?:\xa0\s+|\t\s*)")
MAY_BE_BLANK = ("p", "li", "ul", "ol", "blockquote", "aside", "details")


def rename_tags(tree):
    """Rename tags to ours, and turn bold and italic styles of <span> into tags."""
    for node in tree.iter("span", *SAME):
        style = node.get("style", "")
        if node.tag == "span":
            is_bold, is_italic = BOLD.search(style), ITALIC.search(style)
            if is_bold and is_italic:
                inner = element("em", node.text)
                inner.extend(list(node))
                node.text = None
                node.append(inner)
            node.tag = "strong" if is_bold else "em" if is_italic else UNWRAPPED
        elif node.tag == "b" and NOT_BOLD.search(style):  # Google Docs has one round everything
            node.tag = UNWRAPPED
        else:
            node.tag = SAME[node.tag]


def remove_blanks(tree):
    """Remove marks round nothing, blocks without words, and line breaks after a block."""
    for tags, is_blank in ((MARKS, is_blank_mark), (MAY_BE_BLANK, is_blank_block)):
        for node in reversed(list(tree.iter(*tags))):  # children before their parents
            if is_blank(node):
                node.tag = REMOVED
        strip(tree)
    for br in tree.iter("br"):
        before = br.getprevious()
        if before is not None and before.tag in (*BLOCKS, REMOVED) and not has_words(before.tail):
            br.tag = REMOVED
    strip(tree)


def is_blank_mark(node):
    return not node.text and all(one.tag == REMOVED and not one.tail for one in node)


def is_blank_block(node):
    text = node.text or ""
    if node.tag == "p" and node.getparent().tag != "li":
        text = ITEM.sub("", text)
    if has_words(text) or any(has_words(one.tail) for one in node):
        return False
    return all(
        one.tag in (REMOVED, "br") or (one.tag == "summary" and is_blank_block(one)) for one in node
    )


def has_words(text):
    return bool(text and text.strip())


def make_lists(tree, tags):
    """Turn each run of paragraphs that begin with a list sign into a list of an allowed kind."""
    numbered = "ol" if "ol" in tags else "ul"
    for items in list_runs(tree):
        place = element(UNWRAPPED)
        items[0][1].addprevious(place)
        place.tail = items[-1][1].tail
        for kind, some in groupby(items, lambda item: numbered if item[0][-1] in ".)" else "ul"):
            place.append(as_list(kind, list(some)))
    strip(tree)


def list_runs(tree):
    """Return runs of neighbouring paragraphs that begin with a sign, as lists of (sign, <p>)."""
    runs, last = [], None
    for paragraph in tree.iter("p"):
        found = ITEM.match(paragraph.text or "")
        if not found or paragraph.getparent().tag == "li":
            continue
        is_next = last is not None and paragraph.getprevious() is last and not has_words(last.tail)
        if not is_next:
            runs.append([])
        runs[-1].append((found[1], paragraph))
        last = paragraph
    return runs


def as_list(kind, items):
    """Return (sign, <p>) pairs as a list; another kind of sign begins a list inside."""
    made = element(kind)
    for is_ours, some in groupby(items, lambda item: level_of(item[0]) == level_of(items[0][0])):
        if not is_ours:
            made[-1].append(as_list(kind, list(some)))
            continue
        for _, paragraph in some:
            paragraph.text, paragraph.tail = ITEM.sub("", paragraph.text), None
            item = element("li")
            item.append(paragraph)
            made.append(item)
    return made


def level_of(sign):
    """Return what a sign shares with the others of its level: Word has one for each."""
    return sign if sign[-1] not in ".)" else "number" if sign[0].isdigit() else "letter"


def from_plain_text(text):
    """Return text without tags as paragraphs; a browser without our editor sends it so."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
