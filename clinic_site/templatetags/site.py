"""Tags every page uses: breadcrumbs, facts for search engines, rich text, form parts."""

import json
import re

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from clinic_site.richtext.rendering import for_page, link_addresses
from clinic_site.web import json_ld as facts
from clinic_site.web.dates import day_and_time
from clinic_site.web.languages import with_languages

register = template.Library()

MENU = (
    ("services:service_list", "Services"),
    ("services:practitioner_list", "Our team"),
    ("fees", "Fees and insurance"),
    ("blog:post_list", "Articles"),
    ("contact:enquiry", "Contact"),
)

# Inside <script>, these could end it; as escapes they mean the same to a JSON reader.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag
def json_ld(kind, *values):
    """Print schema.org facts: {% json_ld "article" post %}; kinds are those of json_ld.BUILDERS."""
    known = {"@context": "https://schema.org"} | facts.BUILDERS[kind](*values)
    text = json.dumps(known, ensure_ascii=False, default=str, separators=(",", ":"))
    return format_html(
        '<script type="application/ld+json">{}</script>', mark_safe(text.translate(ESCAPES))
    )


@register.inclusion_tag("components/_breadcrumbs.html")
def breadcrumbs(*words_and_paths):
    """Print the way here: {% breadcrumbs "Services" url service.title service_url %}."""
    crumbs = list(zip(words_and_paths[::2], words_and_paths[1::2], strict=True))
    return {"parents": crumbs[:-1], "current": crumbs[-1][0], "crumbs": crumbs}


@register.simple_tag(takes_context=True)
def menu(context):
    """Return the main menu as (path, words, value of aria-current or "") of each link."""
    path = context["request"].path
    section = f"/{path.split('/')[1]}/"
    current = "page" if path == section else "true"
    links = ((reverse(name), words) for name, words in MENU)
    return [(link, words, current if link == section else "") for link, words in links]


@register.simple_tag
def integrity(name):
    """Print the hash by which a browser refuses a changed file; tests have no hashes."""
    if not hasattr(staticfiles_storage, "integrity"):
        return ""
    found = staticfiles_storage.integrity(name)
    return format_html(' integrity="{}"', found) if found else ""


register.simple_tag(day_and_time)
register.filter(with_languages)


@register.filter
def breakable(address):
    """Print an address or a path so that a narrow line may break after its signs."""
    return mark_safe(re.sub(r"(?<=.)([@/.])(?=.)", r"\1<wbr>", escape(address)))


@register.filter
def prose(obj, name):
    """Print an object's ProseField: it was sanitised when it was saved."""
    return mark_safe(for_page(getattr(obj, name), link_addresses(obj)))


@register.filter
def timestamps(openings):
    """Print openings for the script: start and end in seconds since 1970, comma-separated."""
    return ",".join(
        f"{opening.start.timestamp():.0f},{opening.end.timestamp():.0f}" for opening in openings
    )
