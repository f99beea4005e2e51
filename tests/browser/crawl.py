"""Finds every page and file of the running site by following what its pages name."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from tests.running_site import ask

# Attributes whose file the browser fetches by itself; <link> does so too, by its rel.
RESOURCES = {
    ("img", "src"),
    ("script", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("use", "href"),
    ("image", "href"),
}
FETCHED_LINKS = {"stylesheet", "icon", "apple-touch-icon", "preload", "modulepreload", "manifest"}
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
LOCATION = re.compile(r"<(?:loc|link)>([^<]+)<")


class Names(HTMLParser):
    """Collects what a page names: `links`, `resources` and its own `ids`."""

    def __init__(self, html):
        super().__init__()
        self.links, self.resources, self.ids = [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        named = {name: value or "" for name, value in attributes}
        if "id" in named:
            self.ids.add(named["id"])
        for name, value in named.items():
            if (tag, name) in RESOURCES:
                self.resources.append(value)
            elif name in ("srcset", "imagesrcset"):
                self.resources += [part.split()[0] for part in value.split(",")]
        if tag == "link":
            is_fetched = FETCHED_LINKS & set(named.get("rel", "").split())
            (self.resources if is_fetched else self.links).append(named.get("href", ""))
        elif tag in ("a", "form"):
            target = named.get("href", named.get("action"))
            if target is not None:
                self.links.append(target)
        elif named.get("property") in ("og:image", "og:url"):
            self.links.append(named.get("content", ""))


class Crawl:
    """Asks for everything reachable from the home page and from what machines read.

    Attributes:
        answers: URL without fragment → Answer.
        names: URL of an HTML page → Names.
        found_on: URL without fragment → the page that names it first.
        fragments: (page that names it, URL, fragment).
        foreign: (page, address) of files that belong to another host.
    """

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.answers, self.names, self.found_on = {}, {}, {}
        self.fragments, self.foreign = set(), set()
        self.waiting = []
        for path in ("/", "/sitemap.xml", "/robots.txt", "/favicon.ico"):
            self.name(f"{url}/", path)
        while self.waiting:
            self.read(self.waiting.pop())

    def name(self, page, target, is_file=False):
        """Note that `page` names `target`, and ask for it later if it is ours."""
        address, fragment = urldefrag(urljoin(page, target))
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https"):
            return
        if parts.netloc != self.host:
            if is_file:
                self.foreign.add((page, target))
            return
        if fragment:
            self.fragments.add((page, address, fragment))
        if address not in self.found_on:
            self.found_on[address] = page
            self.waiting.append(address)

    def read(self, address):
        answer = self.answers[address] = ask(address)
        if "Location" in answer.headers:
            self.name(address, answer.headers["Location"])
        elif answer.kind == "text/html":
            names = self.names[address] = Names(answer.text)
            for target in names.links:
                self.name(address, target)
            for target in names.resources:
                self.name(address, target, is_file=True)
        elif answer.kind == "text/css":
            for target in CSS_URL.findall(answer.text):
                self.name(address, target, is_file=True)
        elif answer.kind.endswith("xml"):
            for target in LOCATION.findall(answer.text):
                self.name(address, target)

    @property
    def pages(self):
        """The paths of all public pages, each once: a form prefilled by its address is one page."""
        found = set()
        for address, answer in self.answers.items():
            parts = urlsplit(address)
            if address in self.names and answer.status == 200 and "Location" not in answer.headers:
                number = parse_qs(parts.query).get("page", [""])[0]
                found.add(f"{parts.path}?page={number}" if number.isdigit() else parts.path)
        return sorted(found)
