"""HTML that tries to run a script: a hand list, generated texts, and what may be left of them."""

import json
import re
from html.parser import HTMLParser
from itertools import product

from hypothesis import strategies

BARE = (
    # Scripts
    "<script>alert(1)</script>",
    "<SCRIPT SRC=/static/js/site.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script/x>",
    "<script\n>alert(1)</script\n>",
    "<<script>alert(1)//<</script>",
    "<script type=module>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</p></div></main><script>alert(1)</script>",
    "<scRipt>al\\u0065rt(1)</scRipt>",
    # Handlers
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=\nalert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<IMG SRC=x ONERROR=&#97;lert(1)>",
    '<img src="/a.jpg" data-file="9999" onload=alert(1)>',
    '<img src="/a.jpg" data-file="9999" alt="x" onerror="alert(1)">',
    '<img src=\'/a.jpg"onerror="alert(1)\' data-file="9999">',
    '<img """><script>alert(1)</script>">',
    "<p onmouseover=alert(1) onfocus=alert(1) tabindex=0 autofocus>x</p>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)><option>x</select>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=# onclick=alert(1) id=x accesskey=x>x</a>",
    '<h2 id="x" onclick="alert(1)" style="animation-name:x" onanimationstart="alert(1)">x</h2>',
    "<figure popover ontoggle=alert(1)><figcaption onclick=alert(1)>x</figcaption></figure>",
    "<aside class=callout oncontentvisibilityautostatechange=alert(1)>x</aside>",
    # SVG and MathML
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href=data:,alert(1) /></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a></svg>',
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    '<svg><set attributeName="href" to="javascript:alert(1)" /><a id=x>x</a></svg>',
    '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1) />#x"/></svg>',
    "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
    '<math><a xlink:href="javascript:alert(1)">x</a></math>',
    '<math href="javascript:alert(1)">x</math>',
    # What changes its meaning when it is read again
    '<svg><style><img title="</style><img src=x onerror=alert(1)>">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<title><p title='</title><img src=x onerror=alert(1)>'></title>",
    "<template><script>alert(1)</script><img src=x onerror=alert(1)></template>",
    "<template shadowrootmode=open><img src=x onerror=alert(1)></template>",
    "<p title='</p><img src=x onerror=alert(1)>'>x</p>",
    '<a title="`<img src=x onerror=alert(1)>`" href="/">x</a>',
    "<a href='/\"><img src=x onerror=alert(1)>'>x</a>",
    "<table><td background='javascript:alert(1)'><svg><desc><td><img src=x onerror=alert(1)>",
    "<select><iframe></select><img src=x onerror=alert(1)>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<button><p><a><button><p><script>alert(1)</script></p></button></a></p></button>",
    # Comments and declarations
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte mso 9]><script>alert(1)</script><![endif]-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>",
    "<!DOCTYPE x [<!ENTITY y '<script>alert(1)</script>'>]>&y;",
    "<?xml-stylesheet href='javascript:alert(1)'?><?php alert(1) ?>",
    # Other ways out of the page
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'><embed src='javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css'; p { background: url(//evil.example/) }</style>",
    '<p style="background:url(javascript:alert(1));width:expression(alert(1))">x</p>',
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<img srcset='https://evil.example/x.png 1x' src='/a.jpg' data-file='9999'>",
    "<picture><source srcset='https://evil.example/x.png'><img src='x'></picture>",
    "<img src='//evil.example/x.png' data-file='9999' ping='https://evil.example/'>",
    "<a href='https://evil.example/' target=_top ping='https://evil.example/' download>x</a>",
    # Names and classes that mean something to the page
    "<p id=site-name name=body class='skip-link action-bar' data-enquiry data-error-summary>x</p>",
    "<aside class='callout callout--urgent action-bar' data-openings='1'>x</aside>",
    "<details class='menu' data-menu><summary class=skip-link>x</summary></details>",
    "<figure class='site-header' id=main><img src='/a.jpg' data-file='9999' class='icon'></figure>",
    "<table class='hours' data-zone=x><td data-day=x contenteditable>x</table>",
)
SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \tjavascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\x00script:alert(1)",
    "\x01javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61;vascript&colon;alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript://%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:msgbox(1)",
    "view-source:javascript:alert(1)",
    "blob:https://evil.example/1",
    "filesystem:https://evil.example/1",
)
PLACES = ('<a href="{}">x</a>', '<figure><img src="{}" alt="x" data-file="9999"></figure>')
ATTACKS = (*BARE, *(place.format(scheme) for place, scheme in product(PLACES, SCHEMES)))

# All in a few texts: what an attack leaves open is closed after it, where it can be; what cannot be
# closed swallows all that follows, so it stands at a text's end.
OPEN = ("title", "style", "noscript", "noembed", "xmp", "template", "select", "iframe", "form")
END = '">-->]]>' + "".join(f"</{tag}>" for tag in (*OPEN, "textarea", "math", "svg", "p"))
SWALLOWS = ("<math><mtext><table>", "<form><math>", "<plaintext>")
CLOSED = [attack for attack in ATTACKS if not attack.startswith(SWALLOWS)]
TEXTS = (
    "".join(f"<h2>{number}</h2>{attack}{END}" for number, attack in enumerate(CLOSED)),
    *(attack for attack in ATTACKS if attack.startswith(SWALLOWS)),
)


def attacks_fixture():
    """Return the TEXTS as published pages, in the JSON that loaddata reads."""
    always = {"title": "Marker: attacks", "summary": "Marker.", "status": "published"}
    moments = {"publish_at": "2026-01-01T00:00Z", "updated_at": "2026-01-01T00:00Z"}
    pages = [
        always | moments | {"slug": f"marker-attacks-{number}", "body": body}
        for number, body in enumerate(TEXTS)
    ]
    return json.dumps([{"model": "clinic_site.page", "fields": fields} for fields in pages])


TAGS = (
    *("p", "h1", "h2", "h3", "ul", "ol", "li", "table", "thead", "tr", "th", "td", "caption"),
    *("figure", "figcaption", "aside", "details", "summary", "blockquote", "div", "span"),
    *("a", "strong", "em", "b", "i", "button", "form", "nobr", "select", "textarea", "template"),
    *("sup", "sub", "del", "q", "abbr", "dl", "dt", "pre", "hr", "ol", "msup", "mn"),
    *("svg", "math", "mtext", "mglyph", "desc", "title", "style", "noscript", "iframe", "body"),
)
PIECES = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *("<!--", "-->", "<![CDATA[", "]]>", '<a title="', "<img alt='", ">", '"', "&lt;", "&#1;"),
    *('<a href="/x/">', '<span style="font-weight: bold; font-style: italic">', "<br>", "<p/>"),
    *("\u200b", "\xad", "«\xa0", "\u202f", "\u200d", '<ol reversed start="3">', "<li value=2>"),
    *("·\xa0 ", "o\t", "1.\t", "a)&nbsp; ", "&nbsp;", " ", "\r\n"),
    '<img src="/a.jpg" data-file="3" alt="A knee">',
]
texts = strategies.lists(
    strategies.sampled_from([*ATTACKS, *PIECES]) | strategies.text(max_size=6), max_size=12
).map("".join)

CALLOUT = [f"callout callout--{degree}" for degree in ("note", "self-care", "urgent", "emergency")]
# By hand: what a stored text may hold, whatever the settings say.
ALLOWED = {
    **dict.fromkeys(("p", "br", "strong", "em", "ul", "li", "blockquote", "figcaption"), {}),
    **dict.fromkeys(("s", "sub", "sup", "hr"), {}),
    **dict.fromkeys(("table", "thead", "tbody", "tr", "summary", "figure"), {}),
    **dict.fromkeys(("h2", "h3"), {"id": r"h-[a-z0-9_-]+"}),
    **dict.fromkeys(("th", "td"), {"colspan": r".*", "rowspan": r".*"}),
    "ol": {"start": r".*", "type": r".*", "data-type": r".*"},
    "a": {"href": r"(https?:|mailto:|tel:).*|[^:]*|[^:]*[/?#].*", "rel": r".*", "title": r".*"},
    "img": {
        "src": r"/(?![/\\]).*",
        "data-file": r"\d+",
        **dict.fromkeys(("alt", "width", "height"), r".*"),
    },
    "aside": {"class": "|".join(CALLOUT)},
    "details": {"class": "question"},
}


class Faults(HTMLParser):
    """Collects in `found` what stands in a text and is not ALLOWED."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        allowed = ALLOWED.get(tag)
        if allowed is None:
            self.found.append(tag)
            return
        for name, value in attributes:
            if name not in allowed or not re.fullmatch(allowed[name], value or "", re.DOTALL):
                self.found.append((tag, name, value))

    def handle_comment(self, data):
        self.found.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment
