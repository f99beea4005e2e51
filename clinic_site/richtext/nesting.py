"""Where each element of a text may stand.

lxml and the sanitiser read malformed HTML in different ways. After these steps no element stands
where one of them would move it. So they agree, and a second cleaning changes nothing.
"""

from clinic_site.richtext.html import (
    BLOCKS,
    LINES,
    MARKS,
    REMOVED,
    UNWRAPPED,
    WITH_WORDS,
    element,
    strip,
    wrap_content,
)

MOST_NESTED = 20
NESTING = {"ul", "ol", "blockquote", "aside", "details", "figure", "table"}
TABLE_CHILDREN = {
    "table": {"thead", "tbody", "tr"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
}
PARENTS = {
    "li": {"ul", "ol"},
    "summary": {"details"},
    "figcaption": {"figure"},
    "thead": {"table"},
    "tbody": {"table"},
    "tr": {"table", "thead", "tbody"},
    "th": {"tr"},
    "td": {"tr"},
}
ASCII_SPACE = " \t\n\r\f"


def remove_hidden(tree, tags):
    """Remove elements whose content no reader sees, such as scripts."""
    for node in tree.iter(*tags):
        node.tag = REMOVED
    strip(tree)


def fix_nesting(tree, tags):
    """Change a tree so that each element has an allowed tag and stands in an allowed place.

    Args:
        tags: those the sanitiser keeps.
    """
    add_missing_rows(tree)
    unwrap_misplaced(tree, tags)
    unwrap_paragraphs_with_blocks(tree)
    push_marks_down(tree)
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
    if tag not in tags or (tag in NESTING and nested(outer) >= MOST_NESTED):
        return UNWRAPPED
    if parent not in PARENTS.get(tag, {parent}):
        tag = "p" if tag in WITH_WORDS else UNWRAPPED
    if tag not in TABLE_CHILDREN.get(parent, {tag}):
        return UNWRAPPED
    if tag in BLOCKS and not set(LINES).isdisjoint(outer):
        return UNWRAPPED
    return UNWRAPPED if tag in MARKS and tag in outer else tag


def nested(outer):
    return sum(tag in NESTING for tag in outer)


def unwrap_paragraphs_with_blocks(tree):
    """Unwrap each <p> round a block; a parser would end it there."""
    for block in tree.iter(*BLOCKS):
        for outer in block.iterancestors("p"):
            outer.tag = UNWRAPPED
    strip(tree)


def push_marks_down(tree):
    """Move bold, italic and links from round blocks to round the words inside them."""
    for mark in tree.iter(*MARKS):
        blocks = list(mark.iterdescendants(*BLOCKS))
        for block in blocks:
            if block.tag in WITH_WORDS and next(block.iterdescendants(*BLOCKS), None) is None:
                address = {"href": mark.get("href", "")} if mark.tag == "a" else {}
                wrap_content(block, element(mark.tag, **address))
        if blocks:
            mark.tag = UNWRAPPED
    strip(tree)


def lift_stray_table_text(tree):
    """Move text in a table that is in no cell to a paragraph before it."""
    stray = {}
    for part in tree.iter(*TABLE_CHILDREN):
        table = part if part.tag == "table" else next(part.iterancestors("table"))
        for node, side in [(part, "text"), *((child, "tail") for child in part)]:
            text = getattr(node, side) or ""
            if text.strip(ASCII_SPACE):
                stray.setdefault(table, []).append(text.strip())
                setattr(node, side, None)
    for table, texts in stray.items():
        if text := " ".join(filter(None, texts)):
            table.addprevious(element("p", text))
