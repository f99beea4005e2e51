"""Stored texts as readers get them, on our pages and in the feed."""

from copy import deepcopy
from functools import cache
from urllib.parse import urljoin

from django.conf import settings
from django.utils.html import format_html
from lxml import etree

from clinic_site.illustrations.icons import icon
from clinic_site.images.renditions import responsive_image
from clinic_site.richtext.field import ProseField, images_in
from clinic_site.richtext.html import (
    CALLOUTS,
    REMOVED,
    UNWRAPPED,
    alt_text,
    callout_degree,
    element,
    image_key,
    parse_fragment,
    serialise,
    strip,
)
from clinic_site.richtext.internal_links import addresses_of, references_in, set_addresses


def for_page(html, addresses):
    """Return a stored text for a page, with the addresses that link_addresses found."""
    tree = parse_fragment(html)
    wrap_tables(tree)
    add_callout_titles(tree)
    set_addresses(tree, addresses)
    add_pictures(tree, images_in(tree))
    return serialise(tree)


def for_feed(objects, name):
    """Return a text of each object for readers elsewhere: one file an image, no icons.

    All addresses are complete, those of a section of the same page too.

    Args:
        name: of the objects' ProseField.
    """
    trees = [parse_fragment(getattr(obj, name)) for obj in objects]
    images, addresses = images_in(*trees), addresses_of(references_in(*trees))
    for obj, tree in zip(objects, trees, strict=True):
        page = settings.SITE_URL + obj.get_absolute_url()
        add_callout_titles(tree)
        set_addresses(tree, addresses)
        add_pictures(tree, images)
        for node in tree.iter("source", "svg"):
            node.tag = REMOVED if node.tag == "svg" else UNWRAPPED
        strip(tree)
        for node in tree.iter("a", "img"):
            for address in {"href", "src"} & {*node.keys()}:
                node.set(address, whole_address(page, node.get(address)))
    return [serialise(tree) for tree in trees]


def whole_address(page, address):
    """Return an address as a browser on a page completes it."""
    try:
        return urljoin(page, address)
    except ValueError:  # such as https://[
        return address


def link_addresses(obj):
    """Return the addresses for the internal links in all texts of an object; asked for once."""
    if not hasattr(obj, "_link_addresses"):
        fields = [field for field in obj._meta.fields if isinstance(field, ProseField)]
        texts = [getattr(obj, field.attname) for field in fields]
        trees = [parse_fragment(html) for html in texts if "/go/" in html]
        obj._link_addresses = addresses_of(references_in(*trees))
    return obj._link_addresses


def wrap_tables(tree):
    """Put each table in a region that scrolls, for narrow screens."""
    fixed = {"class": "table-scroll", "role": "region", "tabindex": "0"}
    for number, table in enumerate(list(tree.iter("table")), 1):
        region = element("div", **fixed, **{"aria-label": f"Table {number}"})
        table.addprevious(region)
        region.tail, table.tail = table.tail, None
        region.append(table)


def add_callout_titles(tree):
    """Put its title and icon at the top of each callout."""
    for aside in tree.iter("aside"):
        title = deepcopy(title_element(callout_degree(aside)))
        title.tail, aside.text = aside.text, None
        aside.insert(0, title)


@cache
def title_element(degree):
    html = format_html('<p class="callout__title">{}</p>', callout_title(degree))
    return etree.fromstring(html)


def callout_title(degree):
    """Return the icon and the title of a callout, as HTML."""
    title, name = CALLOUTS[degree]
    return format_html("{}{}", icon(name), title)


def add_pictures(tree, images):
    """Replace each <img> by the <picture> of its image, a key of `images`, or remove its figure."""
    for img in list(tree.iter("img")):
        image = images.get(image_key(img))
        if image:
            html = responsive_image(image, "article", alt_text(img) or image.alt)
            img.addprevious(parse_fragment(html)[0])
        img.tag = REMOVED
    for figure in tree.iter("figure"):
        if next(figure.iter("img"), None) is None:
            figure.tag = REMOVED
    strip(tree)
