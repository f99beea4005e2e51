"""Text from Word, Google Docs and other pages, in the tags of ours that mean the same.

The editor does this while one pastes (js/prose-paste.js, and what it knows of styles); here it is
done for what reaches a save by another way, before and after the sanitiser takes the rest out.
"""

import re
from itertools import groupby

from django.utils.html import escape

SAME = {"b": "strong", "i": "em", "div": "p", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
OTHER_TAG = re.compile(r"<(/?)(b|i|div|h[1456])\b([^<>]*)>", re.IGNORECASE)
SPAN = re.compile(r"<span\b([^<>]*)>([^<]+)</span>", re.IGNORECASE)
BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:bold|[6-9]00)")
NO_BOLD = re.compile(r"(?<![\w-])font-weight:\s*normal")
ITALIC = re.compile(r"(?<![\w-])font-style:\s*italic")

SPACE = r"(?:\s|&nbsp;)"
BLANK = re.compile(
    rf"<p>(?:{SPACE}|<br>)*</p>|<(a|em|strong)></\1>"
    r"|(?:(?<=</p>)|(?<=</[uoh][l23]>)|(?<=</table>))\s*<br>"
)
# Word writes a list as paragraphs: a sign, and then more than one space or a tab.
SIGN = r"[·•▪§◦‣]|o|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,4})[.)]"
GAP = rf"(?:&nbsp;{SPACE}+|\t{SPACE}*)"
ITEM = re.compile(rf"<p>{SPACE}*({SIGN}){GAP}(.*?)</p>", re.DOTALL)
RUN = re.compile(rf"(?:<p>{SPACE}*(?:{SIGN}){GAP}(?:(?!</p>).)*</p>\s*)+", re.DOTALL)


def with_our_tags(html):
    """Return HTML with bold, italic and headings in our tags, whether tags or styles said so."""

    def marked(span):
        style, words = span.groups()
        if ITALIC.search(style):
            words = f"<em>{words}</em>"
        return f"<strong>{words}</strong>" if BOLD.search(style) else words

    def renamed(tag):
        slash, name, attributes = tag.groups()
        # Around all that Google Docs copies stands one <b> that is none.
        return "" if NO_BOLD.search(attributes) else f"<{slash}{SAME[name.lower()]}>"

    return OTHER_TAG.sub(renamed, SPAN.sub(marked, html))


def with_lists(html):
    """Return sanitised HTML with Word's lists as lists, and nothing blank."""

    def as_lists(run):
        items = ITEM.findall(run[0])
        for kind, lines in groupby(items, lambda item: "ol" if item[0][-1] in ".)" else "ul"):
            yield as_list(kind, list(lines))

    return RUN.sub(lambda run: "".join(as_lists(run)), BLANK.sub("", html)).strip()


def as_list(kind, lines):
    """Return (sign, words) pairs as a list; another kind of sign begins a list inside."""
    items = []
    for is_ours, some in groupby(lines, lambda line: level_of(line[0]) == level_of(lines[0][0])):
        if is_ours:
            items += [f"<p>{words}</p>" for _, words in some]
        else:
            items[-1] += as_list(kind, list(some))
    return f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"


def level_of(sign):
    """Return what a sign has in common with the others of its level: Word has one for each."""
    return sign if sign[-1] not in ".)" else "number" if sign[0].isdigit() else "letter"


def from_plain_text(text):
    """Return a text without any tag, as a browser without our editor sends it, as paragraphs."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
