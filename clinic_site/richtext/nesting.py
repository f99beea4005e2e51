"""Where each element of a text may stand.

lxml and the sanitiser read malformed HTML in different ways. After these steps no element stands
where one of them would move it. So they agree, and a second cleaning changes nothing.
"""

from clinic_site.richtext.html import BLOCKS, MARKS, REMOVED, UNWRAPPED, element, strip

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
