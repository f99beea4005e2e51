"""Lists: those that other programs nest or number in ways that a stored text cannot keep."""

import re
from itertools import groupby

from clinic_site.richtext.html import BLOCKS, ITEM, UNWRAPPED, element, has_words, put_first, strip

NUMBER = re.compile(r"[1-9]\d{0,4}")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]
TYPES = ("a", "A", "i", "I")  # of <ol>, besides plain numbers


def mend_lists(tree):
    """Put what stands between the items of a list into items, and keep the numbers of <ol>."""
    for block in list(tree.iter(*BLOCKS)):
        if block.getparent().tag in ("ul", "ol") and block.tag not in ("li", "ul", "ol"):
            item = element("li")
            block.addprevious(item)
            item.append(block)
            item.tail, block.tail = block.tail, None
    for inner in list(tree.iter("ul", "ol")):
        if inner.getparent().tag in ("ul", "ol", UNWRAPPED):
            item = inner.getprevious()
            if item is not None and item.tag == "li":
                item.append(inner)
            else:
                inner.tag = UNWRAPPED
    strip(tree)
    for numbered in tree.iter("ol"):
        items = numbered.findall("li")
        start = number_of(numbered, "start") or (number_of(items[0], "value") if items else None)
        if "reversed" in numbered.attrib:  # the editor counts upwards only
            numbered.tag = "ul"
            for number, item in zip(range(start or len(items), -1, -1), items, strict=False):
                put_first(item, f"{number}. ")
        set_numbers(numbered, start, numbered.get("type"))


def number_of(node, name):
    """Return the number in an attribute, or None."""
    found = NUMBER.fullmatch(node.get(name, "").strip())
    return int(found[0]) if found else None


def set_numbers(made, start, kind):
    """Give a list the number that it starts with, and its kind of numbers."""
    wanted = {"start": str(start) if start and start > 1 else None}
    wanted["type"] = kind if kind in TYPES else None
    for name, value in wanted.items():
        if value and made.tag == "ol":
            made.set(name, value)
        else:
            made.attrib.pop(name, None)


def make_lists(tree):
    """Turn each run of paragraphs that begin with a list sign into a list."""
    for items in list_runs(tree):
        place = element(UNWRAPPED)
        items[0][1].addprevious(place)
        place.tail = items[-1][1].tail
        for kind, some in groupby(items, lambda item: "ol" if item[0][-1] in ".)" else "ul"):
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


def as_list(tag, items):
    """Return (sign, <p>) pairs as a list; another kind of sign begins a list inside."""
    made = element(tag)
    level = level_of(items[0][0])
    own = [sign for sign, _ in items if level_of(sign) == level]
    set_numbers(made, *numbers_of(own))
    for is_ours, some in groupby(items, lambda item: level_of(item[0]) == level):
        if not is_ours:
            made[-1].append(as_list(tag, list(some)))
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


def numbers_of(signs):
    """Return (number that a list starts with, type of <ol>) for the signs of its items."""
    first = signs[0][:-1]
    if not first or signs[0][-1] not in ".)":
        return None, None
    if first.isdigit():
        return int(first), None
    small = first.lower()
    # A single letter is Roman where the next sign says so, and i where none does.
    second = signs[1][:-1].lower() if len(signs) > 1 else "ii"
    follows = dict(zip(ROMAN, ROMAN[1:], strict=False))
    is_roman = small in ROMAN and (len(small) > 1 or follows.get(small) == second)
    number = ROMAN.index(small) + 1 if is_roman else LETTERS.find(small) + 1
    kind = "i" if is_roman else "a"
    return number, kind.upper() if first.isupper() else kind
