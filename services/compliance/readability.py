"""Suggestions that make a text easier to read and to find. They never stop a save."""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from clinic_site.richtext.field import images_in
from clinic_site.richtext.html import alt_text, image_key, parse_fragment, text_of
from services.compliance.sentences import sentence_end

PLAIN_WORDS = Path(__file__).with_name("plain_words.toml")
LONG_SENTENCE = 25  # words
MANY_WORDS = 400  # without a heading
SHOWN = 5  # of one kind; more would only be skipped
TITLE_SHOWN, DESCRIPTION_SHOWN = 60, 155  # characters of a search result, about

SENTENCE_END = sentence_end(".!?:;")
FILE_NAME = re.compile(
    r"\S+\.(?:jpe?g|png|webp|gif|heic|avif)|(?:img|dsc|dscf|image|photo|picture|screenshot)"
    r"[\s_-]*[\d\s_.-]*",
    re.IGNORECASE,
)
BARE_LINKS = {
    *("click", "click here", "click this link", "here", "link", "this", "this link", "this page"),
    *("more", "read more", "learn more", "more info", "find out more", "see here", "page"),
}
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Suggestion:
    """Something to improve: what, how, in which fields, and how often."""

    words: str
    way_out: str
    where: str = ""
    count: int = 1


def suggestions_on(texts):
    """Return the Suggestions on an object's texts."""
    found = []
    for one in texts:
        if one.html:
            tree = parse_fragment(one.html)
            found += [*on_headings(one, tree), *on_links(one, tree), *on_images(one, tree)]
        found += on_sentences(one)
    return [*found, *on_words(texts)]


def merged(suggestions):
    """Return each Suggestion once, with all its places."""
    equal = {}
    for one in suggestions:
        equal.setdefault((one.words, one.way_out), []).append(one)
    return [
        replace(some[0], where=places(one.where for one in some), count=len(some))
        for some in equal.values()
    ]


def places(labels):
    """Return labels in a row, each once."""
    return ", ".join(dict.fromkeys(labels))


def on_headings(text, tree):
    found = [(heading.tag, text_of(heading).strip()) for heading in tree.iter("h2", "h3")]
    if not all(title for _, title in found):
        yield Suggestion("A heading is empty.", "Write the heading, or delete it.", text.label)
    if found and found[0][0] == "h3":
        yield Suggestion(
            f"“{found[0][1]}” is a small heading without a large one above it.",
            "Make it a large heading. Screen readers use headings as a table of contents.",
            text.label,
        )
    if not found and len(text.words.split()) > MANY_WORDS:
        yield Suggestion(
            f"The text has more than {MANY_WORDS} words and no heading.",
            "Add one where the subject changes. Most readers look for their own question.",
            text.label,
        )


def on_links(text, tree):
    for link in tree.iter("a"):
        name = text_of(link).strip()
        if not name and next(link.iter("img"), None) is None:
            yield Suggestion(
                "A link has no words.", "Write where it leads, or delete it.", text.label
            )
        elif name.lower().strip(" .…>»") in BARE_LINKS or ADDRESS.fullmatch(name):
            yield Suggestion(
                f"The link “{name}” does not say where it leads.",
                "Name the page, for example “our fees”. Some people hear the links alone.",
                text.label,
            )


def on_images(text, tree):
    images = images_in(tree)
    for img in tree.iter("img"):
        image = images.get(image_key(img))
        alt = alt_text(img) or (image.alt if image else "")
        if FILE_NAME.fullmatch(alt):
            yield Suggestion(
                f"The alt text “{alt}” is a file’s name.",
                "Say what the image shows, as you would on the phone.",
                text.label,
            )


def on_sentences(text):
    sentences = [one.split() for one in SENTENCE_END.split(text.words)]
    long = [one for one in sentences if len(one) > LONG_SENTENCE]
    for one in long[:SHOWN]:
        yield Suggestion(
            f"“{' '.join(one[:8])} …” has {len(one)} words.",
            "Split it into two sentences.",
            text.label,
        )
    if len(long) > SHOWN:
        yield Suggestion(
            f"{len(long) - SHOWN} more long sentences.", "Shorten them too.", text.label
        )


def on_words(texts):
    """Yield one Suggestion for each hard word."""
    first = {}
    for text in texts:
        for found in hard_words().finditer(text.words):
            first.setdefault(found[1].lower(), (found[0], text.label))
    for stem, (word, label) in first.items():
        yield Suggestion(f"“{word}” is a hard word.", f"Try: {plain_words()[stem]}.", label)


def on_search_result(title, description):
    """Yield Suggestions on how a page looks in search results."""
    if len(title) > TITLE_SHOWN:
        yield Suggestion(
            f"The title has {len(title)} characters; search results show about {TITLE_SHOWN}.",
            "Write a shorter search title under “Search engines and sharing”.",
        )
    if not description:
        yield Suggestion(
            "There is no summary.", "Write one. Search results show it below the title."
        )
    elif len(description) > DESCRIPTION_SHOWN:
        yield Suggestion(
            f"The description has {len(description)} characters; search results show "
            f"about {DESCRIPTION_SHOWN}.",
            "Write a shorter search description. Put what matters first.",
        )


@cache
def plain_words():
    """Return {hard word without its ending: plain words for it}."""
    words = tomllib.loads(PLAIN_WORDS.read_text("utf-8"))
    return {word.removesuffix("e"): plain for word, plain in words.items()}


@cache
def hard_words():
    stems = "|".join(sorted(map(re.escape, plain_words()), key=len, reverse=True))
    return re.compile(rf"\b({stems})(?:e|es|ed|ing|s|d)?\b", re.IGNORECASE)
