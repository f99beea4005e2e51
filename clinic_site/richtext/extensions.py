"""What the editor adds to the library's own: paste, callouts, questions, headings and figures."""

from django_prose_editor.config import add_allowed_classes, html_tags
from js_asset import static_lazy

from clinic_site.richtext.html import CALLOUTS


def allow_callout(config, allowed):
    """Allow <aside> with the classes of a callout, and with no other."""
    html_tags(["aside"])(config, allowed)
    add_allowed_classes(allowed, {"aside": ["callout", *(f"callout--{name}" for name in CALLOUTS)]})


def allow_question(config, allowed):
    """Allow <details> with the class of a question, and with no other."""
    html_tags(["details", "summary"])(config, allowed)
    add_allowed_classes(allowed, {"details": ["question"]})


def allow_no_more(config, allowed):
    """Allow no attributes on any tag, and remove a pasted page's title like its scripts."""
    allowed["attributes"]["*"] = set()
    allowed["clean_content_tags"] = {"script", "style", "title", "noscript"}


EXTENSIONS = [
    {
        "js": [static_lazy("js/prose-paste.js"), static_lazy("js/prose-link.js")],
        "extensions": {"Paste": allow_no_more},
    },
    {
        "js": [static_lazy("js/prose-blocks.js"), static_lazy("js/prose-table.js")],
        "extensions": {
            "Callout": allow_callout,
            "Question": allow_question,
            "Heading": html_tags(["h2", "h3"], {"h2": ["id"], "h3": ["id"]}),
            # The library's own lets a figure have any class.
            "Figure": html_tags(
                ["figure", "figcaption", "img"],
                {"img": ["src", "alt", "width", "height", "data-file"]},
            ),
        },
    },
]
