"""The blocks of a text that are ours, callouts and questions: what is kept of each, and stored.

The settings import this, so it imports nothing that needs them.
"""

import re

from django_prose_editor.config import add_allowed_classes, html_tags
from js_asset import static_lazy

# Each degree's title and its icon: told by a word and a shape, the colour comes last.
CALLOUTS = {
    "note": ("Good to know", "info"),
    "self-care": ("What you can do yourself", "house"),
    "urgent": ("When to get help fast", "triangle-alert"),
    "emergency": ("Emergency", "octagon-alert"),
}

LARGE_HEADING = re.compile(r"(</?h)2(?=[ >])")
CALLOUT_TEXT = re.compile(r"(?<=<aside)[^>]*>.*?</aside>", re.DOTALL)
ASIDE = re.compile(r'<aside(?: class="([^"]*)")?>')


def keep_callout(config, kept):
    """Keep <aside> with the classes of a callout, and with no other."""
    html_tags(["aside"])(config, kept)
    add_allowed_classes(kept, {"aside": ["callout", *(f"callout--{name}" for name in CALLOUTS)]})


def keep_no_more(config, kept):
    """Let a tag have its own attributes only: the sanitiser would keep lang and title on any.

    The title of a pasted page goes like its scripts and styles.
    """
    kept["attributes"]["*"] = set()
    kept["clean_content_tags"] = {"script", "style", "title", "noscript"}


EXTENSIONS = [
    {"js": [static_lazy("js/prose-paste.js")], "extensions": {"Paste": keep_no_more}},
    {
        "js": [static_lazy("js/prose-blocks.js"), static_lazy("js/prose-table.js")],
        "extensions": {
            "Callout": keep_callout,
            "Question": html_tags(["details", "summary"]),
            # The library's own lets a figure have any class.
            "Figure": html_tags(
                ["figure", "figcaption", "img"],
                {"img": ["src", "alt", "width", "height", "data-file"]},
            ),
        },
    },
]


def with_block_classes(html):
    """Return sanitised HTML in which each callout has one degree, and each question its class.

    An <aside> that names no degree is a note. It is no part of its own, so its headings are small.
    """

    def as_callout(found):
        classes = (found[1] or "").split()
        degree = next((name for name in CALLOUTS if f"callout--{name}" in classes), "note")
        return f'<aside class="callout callout--{degree}">'

    html = CALLOUT_TEXT.sub(lambda found: LARGE_HEADING.sub(r"\g<1>3", found[0]), html)
    return ASIDE.sub(as_callout, html).replace("<details>", '<details class="question">')
