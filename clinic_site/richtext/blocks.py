"""The blocks of a text that are ours, callouts, questions and figures: which form each has.

The settings import this, so it imports nothing that needs them.
"""

import re

from django_prose_editor.config import add_allowed_classes, html_tags
from js_asset import static_lazy

from clinic_site.richtext.html import CALLOUTS, REMOVED, callout_degree, image_key, strip

OWN_SRC = re.compile(r"/(?![/\\])")


def keep_callout(config, kept):
    """Keep <aside> with the classes of a callout, and with no other."""
    html_tags(["aside"])(config, kept)
    add_allowed_classes(kept, {"aside": ["callout", *(f"callout--{name}" for name in CALLOUTS)]})


def keep_question(config, kept):
    """Keep <details> with the class of a question, and with no other."""
    html_tags(["details", "summary"])(config, kept)
    add_allowed_classes(kept, {"details": ["question"]})


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
            "Question": keep_question,
            "Heading": html_tags(["h2", "h3"], {"h2": ["id"], "h3": ["id"]}),
            # The library's own lets a figure have any class.
            "Figure": html_tags(
                ["figure", "figcaption", "img"],
                {"img": ["src", "alt", "width", "height", "data-file"]},
            ),
        },
    },
]


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
