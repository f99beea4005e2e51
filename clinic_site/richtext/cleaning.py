"""The steps that bring any HTML, typed, pasted or imported, into the form of a stored text.

lxml and the sanitiser read malformed HTML in different ways. After these steps no element stands
where one of them would move it, so a second cleaning changes nothing. js/prose-paste.js does the
same while somebody pastes, and knows more of Word's styles.
"""

import re

from django.utils.html import escape

from clinic_site.richtext.html import (
    BLOCKS,
    ITEM,
    MARKS,
    REMOVED,
    UNWRAPPED,
    callout_degree,
    element,
    flatten,
    has_words,
    image_key,
    put_after,
    put_first,
    strip,
    text_of,
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
MARKED = ("p", "h2", "h3", "li", "blockquote", "summary", "figcaption", "th", "td")
LINES = {"h2", "h3", "summary", "figcaption"}  # blocks that hold words, and no block
# What means the same, or stands in lines of its own.
SAME = {
    **dict.fromkeys(("b", "mark"), "strong"),
    **dict.fromkeys(("i", "cite", "var", "dfn"), "em"),
    **dict.fromkeys(("del", "strike"), "s"),
    "h1": "h2",
    **dict.fromkeys(("h4", "h5", "h6"), "h3"),
    **dict.fromkeys(("div", "section", "article", "header", "footer", "main", "nav"), "p"),
    **dict.fromkeys(("address", "center", "fieldset", "legend", "form", "pre"), "p"),
    **dict.fromkeys(("dl", "dt", "dd", "caption"), "p"),
    "tfoot": "tbody",
}
NOT_BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:normal|400)")
STYLES = [  # of <span>, from the inside out
    (re.compile(rf"(?<![\w-]){style}"), tag)
    for style, tag in (
        (r"vertical-align:\s*super", "sup"),
        (r"vertical-align:\s*sub", "sub"),
        (r"text-decoration(?:-line)?:[^;]*line-through", "s"),
        (r"font-style:\s*italic", "em"),
        (r"font-weight:\s*(?:bold|[6-9]00)", "strong"),
    )
]
MAY_BE_BLANK = (
    *("p", "h2", "h3", "li", "ul", "ol", "blockquote", "figcaption", "aside", "details"),
)
WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
WEB_VIDEO = re.compile(r"https?://(?:\w+\.)?(?:youtube(?:-nocookie)?|vimeo)\.com/", re.IGNORECASE)
OWN_SRC = re.compile(r"/(?![/\\])")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Scripts, and emoji, that are written with joiners; scripts that mark where words end.
JOINED = "\u0590-\u0dff\u1000-\u109f\u1780-\u18af\ufe0f\u2190-\u2bff\U0001f000-\U0001faff"
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
INVISIBLE = re.compile(
    f"[\u00ad\u2060-\u2064\ufeff\u202a-\u202e]|(?<![{JOINED}])[\u200c\u200d]|(?<![{UNSPACED}])\u200b"
)
DIRECTION = re.compile("[\u200e\u200f\u2066-\u2069]")
EMOJI = re.compile(
    "[#*0-9 ©®\u200d\u203c\u2049\u20e3\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
EMOJI_CLASS = re.compile(r"emoji|smiley|emoticon", re.IGNORECASE)
MOST_EMOJI = 40  # characters
HARD_SPACES = re.compile("[\xa0\u202f\u2007\u2028\u2029]+")
SPACES = re.compile(" {2,}")


def remove_hidden(tree, tags):
    """Remove elements whose content no reader sees, such as scripts, and what lies too deep."""
    for node in tree.iter(*tags):
        node.tag = REMOVED
    strip(tree)
    flatten(tree)


def without_invisible(text):
    """Return a text without soft hyphens and characters of no width that nothing depends on."""
    if text.isascii():
        return text
    text = INVISIBLE.sub("", text)
    return text if RIGHT_TO_LEFT.search(text) else DIRECTION.sub("", text)


def with_plain_spaces(text):
    """Return a text with plain spaces for no-break ones, except those of French and of numbers."""
    if text.isascii():
        return text
    plain = HARD_SPACES.sub(plain_space, text)
    return text if plain == text else SPACES.sub(" ", plain)


def plain_space(found):
    text, start, end = found.string, found.start(), found.end()
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    is_kept = before == "«" or after in tuple("»;:!?%") or (before.isdigit() and after.isdigit())
    return found[0] if is_kept and end - start == 1 else " "


def keep_images(tree):
    """Keep images of our library and emoji; of another figure, keep the caption as a paragraph."""
    for img in tree.iter("img"):
        if is_emoji(img):
            img.tag, img.text = UNWRAPPED, alt_of(img)
        elif not is_own_image(img):
            img.tag = REMOVED
    strip(tree)
    for figure in tree.iter("figure"):
        if next(figure.iter("img"), None) is None:
            figure.tag = "p"
            for caption in figure.iter("figcaption"):
                caption.tag = "p"


def alt_of(img):
    return (img.get("alt") or img.get("data-emoji") or "").strip()


def is_own_image(img):
    """Say whether an <img> shows an image of our library: the picker writes a key and a path."""
    return image_key(img) is not None and OWN_SRC.match(img.get("src", ""))


def is_foreign_image(img):
    """Say whether an <img> shows something that a text cannot keep."""
    return bool(img.get("src", "").strip()) and not is_own_image(img) and not is_emoji(img)


def is_emoji(img):
    """Say whether an <img> stands for a character, as in text copied from a blog or a mail."""
    words = alt_of(img)
    if image_key(img) is not None or not words or len(words) > MOST_EMOJI:
        return False
    is_sign = EMOJI.fullmatch(words) and not words.isascii()
    return bool(is_sign or EMOJI_CLASS.search(img.get("class", "")))


def keep_meaning(tree):
    """Put into words what tags say that a text has no tags for."""
    for heading in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):  # links lead to ids inside too
        names = [part.get("id") or part.get("name") for part in heading.iter()]
        heading.set("id", next(filter(None, names), ""))
    for quote in tree.iter("q"):
        is_inner = next(quote.iterancestors("q"), None) is not None
        opening, closing = "‘’" if is_inner else "“”"
        put_first(quote, opening)
        put_after(quote, closing)
    for short in tree.iter("abbr", "acronym"):
        meaning = short.get("title", "").strip()
        if meaning and meaning.casefold() not in text_of(short).casefold():
            put_after(short, f" ({meaning})")
    for term in tree.iter("dt"):
        wrap_content(term, "strong")
    for lines in list(tree.iter("pre")):
        for part in list(lines.iter()):
            break_lines(part)
    for caption in list(tree.iter("caption")):
        table = caption.getparent()
        if table.tag == "table":
            caption.tail = None
            table.addprevious(caption)
    for media in tree.iter("iframe", "video", "audio"):
        sources = [media.get("src"), *(one.get("src") for one in media.iter("source"))]
        is_video = WEB_VIDEO if media.tag == "iframe" else WEB_ADDRESS  # others are mostly ads
        if source := next((one for one in sources if one and is_video.match(one)), None):
            media[:], media.tag, media.text = [], "a", source
            media.set("href", source)
    for formula, tag in (("msup", "sup"), ("msub", "sub")):
        for node in tree.iter(formula):
            for part in node[1:]:
                part.tag = tag


def break_lines(node):
    """Put a <br> for each line end in an element's own text."""
    children = list(node)
    texts = [node.text, *(child.tail for child in children)]
    node.text = None
    for child in children:
        node.remove(child)
        child.tail = None
    for text, child in zip(texts, [*children, None], strict=True):
        first, *lines = (text or "").split("\n")
        if len(node):
            node[-1].tail = first
        else:
            node.text = first
        for line in lines:
            br = element("br")
            br.tail = line
            node.append(br)
        if child is not None:
            node.append(child)


def wrap_content(node, tag, attributes=()):
    """Put what an element holds into one element inside it."""
    inner = element(tag, node.text, **dict(attributes))
    inner.extend(list(node))
    node.text = None
    node.append(inner)


def rename_tags(tree):
    """Rename tags to ours, and turn styles of <span> into tags."""
    for node in list(tree.iter("span", *SAME)):
        style = node.get("style", "")
        if node.tag == "span":
            found = [tag for pattern, tag in STYLES if pattern.search(style)]
            for tag in found[:-1]:
                wrap_content(node, tag)
            node.tag = found[-1] if found else UNWRAPPED
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
    for line in tree.iter("hr"):  # the editor has them between blocks alone
        if line.getparent().tag not in ("body", "blockquote"):
            line.tag, line.tail = REMOVED, f" {line.tail or ''}"
    strip(tree)


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
    # For each element: its tag, whether it is in a block of words alone, and the marks round it.
    places = {tree: ("body", False, frozenset())}
    for node in tree.iterdescendants():
        before, place = node.tag, places[node.getparent()]
        node.tag = tag = allowed_tag(before, place, tags)
        if tag == UNWRAPPED:
            places[node] = place
            if before in BLOCKS:  # words of two blocks stay two words
                node.text, node.tail = f" {node.text or ''}", f" {node.tail or ''}"
        else:
            _, is_in_line, marks = place
            marks = marks | {tag} if tag in MARKS else marks
            places[node] = (tag, is_in_line or tag in LINES, marks)
    strip(tree)


def allowed_tag(tag, place, tags):
    parent, is_in_line, marks = place
    if tag in PARENTS and parent not in PARENTS[tag]:
        tag = UNWRAPPED if tag in TABLE else "p"
    if tag in LINES and tag not in tags:
        tag = "p"
    is_misplaced = (
        (parent in TABLE and tag not in TABLE[parent])
        or (tag in BLOCKS and is_in_line)
        or tag in marks
    )
    return UNWRAPPED if is_misplaced or tag not in tags else tag


def unwrap_round_blocks(tree):
    """Unwrap paragraphs and marks round a block: a parser would end them there.

    The words of the innermost blocks get the marks, so that no link is lost.
    """
    for block in list(tree.iter(*MARKED)):
        if next(block.iterdescendants(*BLOCKS), None) is None:
            for mark in block.iterancestors(*MARKS):
                wrap_content(block, mark.tag, mark.attrib)
    for block in tree.iter(*BLOCKS):
        for outer in block.iterancestors():
            if outer.tag == "p" or outer.tag in MARKS:
                outer.tag = UNWRAPPED
            else:  # what stands further out was unwrapped for this one
                break
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


def from_plain_text(text):
    """Return text without tags as paragraphs; a browser without our editor sends it so."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
