"""Input that breaks programs: strings known for it, and generated requests made of them."""

from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import strategies

from contact.forms import EnquiryForm
from contact.intake.submissions import new_submission

STRINGS = (
    *("", " ", "0", "-1", "1e309", "NaN", "null", "None", "undefined", "true", "\\", "%", "%s"),
    *("%n%n", "%00", "{{ 7|add:7 }}", "{% debug %}", "{0.__class__}", "${7*7}", "$(id)", "`id`"),
    *("'", '"', "''--", "' OR 1=1 --", "1; DROP TABLE contact_enquiry", "&#0;", "&lt;", "<!--"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea>", "]]>"),
    *("javascript:alert(1)", "//evil.example", "file:///etc/passwd", "../../etc/passwd"),
    *("..\\..\\win.ini", "/dev/null", "CON", "=1+1", "@SUM(A1)", "a@b", "a@[::1]", '"a b"@c.d'),
    *("\r\nBcc: all@mail.example", "\nX: y", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028"),
    *("\ufeff", "\ufffe", "\uffff", "\u202eabc", "\u200b", "e\u0301", "Z\u0351\u036b\u0343\u036a"),
    *("ﷺ", "İ", "ß", "ﬁ", "Ω", "١٢٣", "𝟘𝟙", "陈小明", "社會科學院", "הָיְתָה", "مرحبا", "สวัสดี"),
    *("👩🏽\u200d⚕️", "🏴\U000e0067\U000e007f", "\U0010ffff", "x" * 5000, "é" * 3000, "🙂" * 2500),
    *("a " * 2500, "\n" * 3000, "((((" * 900, "<b>" * 1500),
)  # fmt: skip
# Every character there is but lone surrogates, which no encoder of a client lets through.
TEXT = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=200)
WORD = strategies.sampled_from(STRINGS) | TEXT
FIELDS = [*EnquiryForm.base_fields, "no_such_field"]
VALID = {"name": "Ana", "email": "ana@mail.example", "phone": "905-555-0142"}


def patterns(resolver=None, start="/"):
    """Yield every address pattern of the site as Django writes it, like "blog/<slug:slug>/"."""
    for one in (resolver or get_resolver()).url_patterns:
        path = start + str(one.pattern).lstrip("^").rstrip("$")
        if isinstance(one, URLResolver):
            yield from patterns(one, path)
        elif isinstance(one, URLPattern):
            yield path


def filled(pattern, words):
    """Return a path of a pattern, its places filled with words, quoted as a browser does."""
    parts = pattern.split("<")
    rest = [part.partition(">")[2] for part in parts[1:]]
    return parts[0] + "".join(
        quote(word[:300], safe="") + after for word, after in zip(words, rest, strict=False)
    )


@strategies.composite
def enquiries(draw):
    """Draw what somebody posts to the form: mostly valid, with some fields anything at all."""
    changed = draw(strategies.dictionaries(strategies.sampled_from(FIELDS), WORD, max_size=3))
    key = {} if "submission" in changed else {"submission": new_submission()}
    return VALID | key | changed


@strategies.composite
def addresses(draw):
    """Draw (path, parameters) of any page there is, or of none."""
    every = sorted(set(patterns()))
    public = [pattern for pattern in every if not pattern.startswith("/admin/")]
    pattern = draw(strategies.sampled_from(public) | strategies.sampled_from(every))
    words = draw(strategies.lists(WORD, min_size=5, max_size=5))
    names = strategies.sampled_from(["page", "service", "practitioner", "q", "list", "p", "next"])
    return filled(pattern, words), draw(strategies.dictionaries(names, WORD, max_size=3))
