"""What the editor adds to the library's own: paste, callouts, questions, headings and figures."""

from django_prose_editor.config import add_allowed_classes, html_tags
from js_asset import static_lazy

from clinic_site.richtext.html import CALLOUTS


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
