"""Addresses of links as people type and paste them, made whole and clean.

Mail programs and search engines wrap addresses, to count clicks or to check them. A wrapped address
can name the person who got the mail, and it stops working when the service does.
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from urllib.parse import parse_qs, unquote, urlsplit

# Soft hyphens, zero-width characters and marks of direction: copied addresses can have them.
INVISIBLE = re.compile("[\t\n\r\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
AROUND = " \xa0\u202f<>\"'“”‘’"
WEB = re.compile(
    r"(https?)(?::[/\\]*|[/\\]{2,})(?=[^/\\])", re.IGNORECASE
)  # browsers take them too
OTHER = re.compile(r"(mailto|tel):[/\\]*\s*", re.IGNORECASE)
EMAIL = re.compile(r"[^\s@/:?#]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?:\?.*)?")
HOST = re.compile(r"(?:[\w-]+\.)+([^\W\d_]{2,})(?::\d+)?(?:[/?#].*)?", re.DOTALL)
FILES = {"html", "htm", "php", "asp", "aspx", "pdf", "doc", "docx", "jpg", "jpeg", "png", "txt"}
PHONE = re.compile(
    r"(\+?)([\d\s().–‑-]{7,24}?)(?:\s*[,;]?\s*(?:x|ext\.?|extension|poste|#)\s*(\d{1,7}))?",
    re.IGNORECASE,
)
PHONE_DIGITS = range(7, 16)
IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
WORD_BOOKMARK = re.compile(r"#_|.*\.docx?#_", re.IGNORECASE)  # of Word's own contents and notes
TRACKING = re.compile(
    r"(?:utm_\w+|(?:pk|mtm|piwik|matomo)_\w+|fbclid|fb_(?:action_ids|action_types|source|ref)"
    r"|gclid|gclsrc|dclid|gbraid|wbraid|gad_(?:source|campaignid)|srsltid|_ga|_gl|msclkid|twclid"
    r"|ttclid|yclid|ysclid|li_fat_id|igshid|igsh|epik|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|__hs\w+"
    r"|hsctatracking|vero_(?:id|conv)|oly_(?:anon|enc)_id|wickedid|rb_clickid|_openstat|s_kwcid"
    r"|ml_subscriber(?:_hash)?|_branch_match_id|trk(?:campaign)?)(?:=|$)",
    re.IGNORECASE,
)
# Pages that only lead on: (host, path, the parameters that may hold the address).
WRAPPERS = [
    (re.compile(host), re.compile(path), names.split())
    for host, path, names in (
        (r".*\.safelinks\.protection\.(?:outlook|office365)\.(?:com|us)", r"", "url"),
        (r"statics\.teams\.cdn\.(?:office|live)\.(?:net|com)", r"/evergreen-assets/", "url"),
        (r"(?:www\.)?google\.[a-z.]{2,6}", r"/url", "q url"),
        (r"(?:l|lm|m|www)\.(?:facebook|instagram|messenger)\.com|l\.threads\.(?:net|com)", "", "u"),
        (r"(?:www\.)?linkedin\.com", r"/(?:redir/|redirect|safety/)", "url"),
        (r"(?:www\.|m\.)?youtube\.com", r"/redirect", "q"),
        (r"out\.reddit\.com|slack-redir\.net|exit\.sc", r"", "url"),
        (r"t\.umblr\.com", r"/redirect", "z"),
        (r"duckduckgo\.com", r"/l/", "uddg"),
        (r"(?:away\.)?vk\.com", r"/away", "to"),
        (r"linkprotect\.cudasvc\.com", r"/url", "a"),
        (r"protect2?\.fireeye\.com|clicktime\.symantec\.com", r"", "u"),
        (r".*\.trendmicro\.(?:com|eu)", r"/wis/clicktime", "url"),
        (r"urldefense\.proofpoint\.com", r"/v1/", "u"),
        (r"deref-(?:mail|gmx|web)\.\w+|deref-web-02\.de", r"", "redirectUrl"),
    )
]
PROOFPOINT_2 = re.compile(r"https?://urldefense\.proofpoint\.com/v2/url\?(?:.*&)?u=([^&#]+)", re.I)
PROOFPOINT_3 = re.compile(
    r"https?://urldefense(?:\.proofpoint)?\.(?:com|us)/v3/__(.+)__;([^!]*)!.*", re.I | re.DOTALL
)
RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
INSIDE = re.compile(  # the address stands in the path
    r"https?://(?:url\.avanan\.click/v2/_+|protect\.checkpoint\.com/v2/(?:[^/]+/)?_+"
    r"|secure-web\.cisco\.com/[^/]+/)(https?(?::|%3A).+?)(?:_{3,}\..*)?",
    re.IGNORECASE,
)
MOST_WRAPPERS = 5  # one within the other
LONGEST_WRAPPED = 4096  # characters; the patterns above take long for much more
WRAPPED = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.IGNORECASE)  # inside a text


def clean_href(href):
    """Return the address of a link, whole and without wrappers and tracking.

    An address that is not understood comes back as it is.
    """
    href = complete_href(INVISIBLE.sub("", href).strip(AROUND))
    if href.startswith(("mailto:", "tel:")):
        return href
    if WORD_BOOKMARK.match(href):
        return ""
    return without_tracking(unwrapped(href)).replace(" ", "%20")


def complete_href(href):
    """Return an address with its scheme in small letters: https, mailto or tel if it has none."""
    while (web := WEB.match(href)) and WEB.match(href, web.end()):  # https://https://…
        href = href[web.end() :]
    if web:
        return f"{web[1].lower()}://{href[web.end() :]}"
    if other := OTHER.match(href):
        scheme, rest = other[1].lower(), href[other.end() :]
        return f"{scheme}:{rest}" if scheme == "mailto" else phone_href(rest) or f"tel:{rest}"
    if EMAIL.fullmatch(href):
        return f"mailto:{href}"
    host = HOST.fullmatch(href)
    if host and (host[1].lower() not in FILES or href.lower().startswith("www.")):
        return f"https://{href}"
    return phone_href(href) or href


def phone_href(text):
    """Return a tel: address for a phone number, or None for any other text."""
    found = PHONE.fullmatch(text.strip())
    if not found or IP_ADDRESS.fullmatch(text.strip()):
        return None
    groups = re.findall(r"\d+", found[2])
    if sum(map(len, groups)) not in PHONE_DIGITS:
        return None
    return f"tel:{found[1]}{'-'.join(groups)}" + (f";ext={found[3]}" if found[3] else "")


def unwrapped(url):
    """Return the address that a wrapped one leads to."""
    for _ in range(MOST_WRAPPERS):
        inner = inner_address(url) if len(url) <= LONGEST_WRAPPED else None
        if not inner or not WEB.match(inner):
            return url
        url = complete_href(INVISIBLE.sub("", inner).strip())
    return url


def unwrap_in_text(text):
    """Return a text in which wrapped addresses are replaced by those that they lead to."""
    return WRAPPED.sub(lambda found: unwrapped(found[0]), text) if "://" in text else text


def inner_address(url):
    """Return the address inside a wrapped one, or None."""
    if found := PROOFPOINT_3.fullmatch(url):
        return proofpoint_3(found[1], found[2])
    if found := PROOFPOINT_2.match(url):
        return unquote(found[1].replace("-", "%").replace("_", "/"))
    if found := INSIDE.fullmatch(url):
        return found[1] if ":" in found[1][:6] else unquote(found[1])
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    for hosts, path, names in WRAPPERS:
        if hosts.fullmatch(host) and path.match(parts.path):
            values = parse_qs(parts.query)
            return next((values[name][0] for name in names if name in values), None)
    return None


def proofpoint_3(url, replaced):
    """Return an address with the characters that Proofpoint took out of it put back.

    Args:
        url: has a * for each, or ** and a letter that tells how many follow each other.
        replaced: the characters, in base64.
    """
    try:
        characters = urlsafe_b64decode(replaced + "=" * (-len(replaced) % 4)).decode()
    except (Base64Error, ValueError):
        return None
    place = 0

    def put_back(found):
        nonlocal place
        count = RUN_LENGTHS.index(found[1]) + 2 if found[1] else 1
        place += count
        return characters[place - count : place]

    return re.sub(r"\*(?:\*([\w-]))?", put_back, url, flags=re.ASCII)


def without_tracking(url):
    """Return an address without the parameters that tell who followed it from where."""
    address, mark, fragment = url.partition("#")
    path, asks, query = address.partition("?")
    kept = "&".join(one for one in query.split("&") if not TRACKING.match(one))
    if kept == query:
        return url
    return path + (asks + kept if kept else "") + mark + fragment
