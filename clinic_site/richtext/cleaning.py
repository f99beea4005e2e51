"""The steps that bring any HTML, typed, pasted or imported, into the form of a stored text.

lxml and the sanitiser read malformed HTML in different ways. After these steps no element stands
where one of them would move it, so a second cleaning changes nothing. js/prose-paste.js does the
same while somebody pastes, and knows more of Word's styles.
"""

import re
from itertools import groupby

from django.utils.html import escape

from clinic_site.richtext.html import (
    BLOCKS,
    MARKS,
    REMOVED,
    UNWRAPPED,
    callout_degree,
    element,
    image_key,
    set_heading_ids,
    strip,
)

TABLE = {  # which children a part of a table has
    "table": ("thead", "tbody", "tr"),
    "thead": ("tr",),
    "tbody": ("tr",),
    "tr": ("th", "td"),
}
PARENTS = {"li": ("ul", "ol"), "summary": ("details",), "figcaption": ("figure",)} | {
    child: tuple(parent for parent in TABLE if child in TABLE[parent])
    for child in ("thead", "tbody", "tr", "th", "td")
}
LINES = {"h2", "h3", "summary", "figcaption"}  # blocks that hold words, and no block
SAME = {"b": "strong", "i": "em", "div": "p", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:bold|[6-9]00)")
NOT_BOLD = re.compile(r"(?<![\w-])font-weight:\s*normal")
ITALIC = re.compile(r"(?<![\w-])font-style:\s*italic")
# Word writes a list as paragraphs: a sign, and then more than one space or a tab.
SIGN = r"[·•▪§◦‣]|o|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)]"
ITEM = re.compile(rf"\A\s*({SIGN})(?:\xa0\s+|\t\s*)")
MAY_BE_BLANK = ("p", "li", "ul", "ol", "blockquote", "aside", "details")
OWN_SRC = re.compile(r"/(?![/\\])")


def clean_tree(tree, tags, hidden_tags):
    """Change a parsed text to our form; no step makes what an earlier one would change.

    Args:
        tags: those the sanitiser keeps.
        hidden_tags: those whose content no reader sees, such as scripts.
    """
    for node in tree.iter(*hidden_tags):
        node.tag = REMOVED
    strip(tree)
    rename_tags(tree)
    fix_nesting(tree, tags)
    remove_foreign_images(tree)
    set_block_classes(tree)
    remove_blanks(tree)
    make_lists(tree, tags)
    set_heading_ids(tree)


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


def fix_nesting(tree, tags):
    """Change a tree so that each element has one of these tags and stands in an allowed place."""
    add_missing_rows(tree)
    unwrap_misplaced(tree, tags)
    unwrap_round_blocks(tree)
    lift_stray_table_text(tree)


def add_missing_rows(tree):
    """Put table cells that are in no row into the row before them, or into a new one."""
    for cell in list(tree.iter("th", "td")):
        if cell.getparent().tag in ("table", "thead", "tbody"):
            row = cell.getprevious()
            if row is None or row.tag != "tr":
                row = element("tr")
                cell.addprevious(row)
            row.append(cell)


def unwrap_misplaced(tree, tags):
    """Unwrap elements that may not stand where they do; lone list items become paragraphs."""
    # For each element, the tags round it from the outside in, without those that go.
    around = {tree: ("body",)}
    for node in tree.iterdescendants():
        before, outer = node.tag, around[node.getparent()]
        node.tag = allowed_tag(before, outer, tags)
        around[node] = outer if node.tag == UNWRAPPED else (*outer, node.tag)
        if node.tag == UNWRAPPED and before in BLOCKS:
            # Words of two blocks stay two words.
            node.text, node.tail = f" {node.text or ''}", f" {node.tail or ''}"
    strip(tree)


def allowed_tag(tag, outer, tags):
    parent = outer[-1]
    if tag in PARENTS and parent not in PARENTS[tag]:
        tag = UNWRAPPED if tag in TABLE else "p"
    is_misplaced = (
        (parent in TABLE and tag not in TABLE[parent])
        or (tag in BLOCKS and not LINES.isdisjoint(outer))
        or (tag in MARKS and tag in outer)
    )
    return UNWRAPPED if is_misplaced or tag not in tags else tag


def unwrap_round_blocks(tree):
    """Unwrap paragraphs and marks round a block; a parser would end them there."""
    for block in tree.iter(*BLOCKS):
        for outer in block.iterancestors("p", *MARKS):
            outer.tag = UNWRAPPED
    strip(tree)


def lift_stray_table_text(tree):
    """Move text in a table that is in no cell to paragraphs before the table."""
    for part in list(tree.iter(*TABLE)):
        for node, side in [(part, "text"), *((child, "tail") for child in part)]:
            if text := (getattr(node, side) or "").strip():
                table = part if part.tag == "table" else next(part.iterancestors("table"))
                table.addprevious(element("p", text))
            setattr(node, side, None)


def set_block_classes(tree):
    """Give each callout one degree and small headings, and each question its class."""
    for aside in tree.iter("aside"):
        aside.set("class", f"callout callout--{callout_degree(aside)}")
        for heading in aside.iter("h2"):
            heading.tag = "h3"
    for details in tree.iter("details"):
        details.set("class", "question")


def is_own_image(img):
    """Say whether an <img> shows an image of our library: the picker writes a key and a path."""
    return image_key(img) is not None and OWN_SRC.match(img.get("src", ""))


def remove_foreign_images(tree):
    """Remove images that are not from our library, and figures left without an image."""
    for img in tree.iter("img"):
        if not is_own_image(img):
            img.tag = REMOVED
    remove_empty_figures(tree)


def remove_empty_figures(tree):
    """Remove figures without an image, and what is tagged REMOVED already."""
    for figure in tree.iter("figure"):
        if next(figure.iter("img"), None) is None:
            figure.tag = REMOVED
    strip(tree)


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
