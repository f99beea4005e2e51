"""Scores how much an enquiry looks like spam. Likely spam is quarantined, never refused.

No sign is a medical word, a language, or a browser without JavaScript. Nothing here knows the
database or the request, and no reason repeats what was typed.
"""

import hashlib
import hmac
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from clinic_site.web.client_address import network_of_address

# Points from which an enquiry is quarantined. A weak sign has 1 to 4 points, so that it takes two.
# Only what no patient does (a link for a name, three links, forty copies) has 5 alone.
THRESHOLD = 5

# Shorter texts are alike by chance: "please call me back".
SHORTEST_REPEAT = 40  # characters

# The site-wide breaker: enquiries in the last hour, at least this many and times the usual.
FLOOD_COUNT, FLOOD_TIMES = 20, 10

# With a scheme, with www, with a path, or with a common ending: "my knee.it hurts" is no link.
LINK = re.compile(
    r"(?:https?://|www\.)[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,10}/[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|biz|ru|cn|xyz|icu)\b",
    re.IGNORECASE,
)
SHORT_FIELD_LINK = re.compile(r"https?://|www\.\w", re.IGNORECASE)
LINK_MARKUP = re.compile(r"<a\s[^>]*href|\[/?(?:url|link)\b", re.IGNORECASE)
MARKUP = re.compile(r"</?(?:p|b|i|br|strong|div|span|h[1-6]|img|script|iframe)\b", re.IGNORECASE)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
WORD = re.compile(r"[^\W\d_]+")

# Latin beside Cyrillic inside a word, invisible marks between Latin letters, and mathematical
# letters, all of which hide words from filters. Farsi and Hindi need the invisible joiners.
DISGUISE = re.compile(
    "[A-Za-z][\u0400-\u052f]|[\u0400-\u052f][A-Za-z]"
    "|(?<=[A-Za-z])[\u00ad\u200b-\u200d\u2060\ufeff](?=[A-Za-z])"
    "|[\U0001d400-\U0001d7ff]+"
)
CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
CASE_FLIP = re.compile("[a-z](?=[A-Z])")
# RobertMig, GeorgeTut: names as programs make them; not McDonald, DeShawn or VanDerBerg.
MADE_UP_NAME = re.compile(r"[A-Z][a-z]{3,}[A-Z][a-z]{1,6}")
PROBE = re.compile(
    r"<script|\bunion\s+(?:all\s+)?select\b|\bor\s+1\s*=\s*1|\$\{|\{\{|\.\./|/etc/passwd|\bsleep\(\d",
    re.IGNORECASE,
)


def spam_words():
    """Return the compiled patterns of spam_words.toml, by name."""
    lists = tomllib.loads(Path(__file__).with_name("spam_words.toml").read_text(encoding="utf-8"))
    patterns = {}
    for name, words in lists.items():
        phrases, parts = "|".join(words["phrases"]), "|".join(words["parts"])
        patterns[name] = re.compile(rf"(?<!\w)(?:{phrases})(?!\w)|{parts}")
    return patterns


SPAM_WORDS = spam_words()


@dataclass(frozen=True)
class Signals:
    """How an enquiry was sent.

    Args:
        honeypot: the text in the field that people do not see, or "".
        seconds_since_render: from opening the form to sending it; None when its key is missing
            or forged.
        is_key_reused: the same form was sent before, with another text.
        same_message_count: other enquiries of the last day with the same `normalised` message.
        from_network_count: other enquiries of the last hour with the same `network_hash`.
        site_count: other enquiries of the last hour.
        usual_hourly: enquiries in a usual hour.
    """

    honeypot: str = ""
    seconds_since_render: float | None = None
    is_key_reused: bool = False
    same_message_count: int = 0
    from_network_count: int = 0
    site_count: int = 0
    usual_hourly: float = 0


@dataclass(frozen=True)
class Assessment:
    """A score, and the reasons for staff: short sentences, most points first."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_quarantined(self):
        return self.score >= THRESHOLD


def assess(typed, signals):
    """Return the Assessment of an enquiry.

    During a flood any sign quarantines; an enquiry without a sign is delivered even then.

    Args:
        typed: a dict of the form's cleaned data; name, times and message are read, and whether
            there is a phone. Missing values and None count as empty.
        signals: the Signals.
    """
    name, times, message = (str(typed.get(field) or "") for field in ("name", "times", "message"))
    signs = [
        *sending_signs(signals, message),
        *text_signs(name, times, message, typed.get("phone")),
    ]
    signs = sorted((sign for sign in signs if sign[0]), reverse=True)
    if signs and signals.site_count > max(FLOOD_COUNT, FLOOD_TIMES * signals.usual_hourly):
        signs.append((THRESHOLD, "The site is getting far more enquiries than usual."))
    return Assessment(sum(points for points, _ in signs), tuple(reason for _, reason in signs))


def step(value, *steps):
    """Return the points of the last (limit, points) that `value` reaches, else 0."""
    return max((points for limit, points in steps if value >= limit), default=0)


def sending_signs(signals, message):
    """Yield (points, reason) for how the enquiry was sent; 0 points mean no sign."""
    # Autofill fills hidden fields too, so this needs a second sign.
    yield 3 if signals.honeypot.strip() else 0, "A field that people can’t see was filled in."
    seconds = signals.seconds_since_render
    if seconds is None:
        yield 3, "The form was not sent from our page."
    else:
        # With autofill and a short message a quick person needs 3 seconds.
        hurry = 3 if seconds < 2 else 2 if seconds < 3 else 1 if seconds < 5 else 0
        yield hurry, "It was sent within seconds of opening the page."
    # People go back to add something.
    yield 1 if signals.is_key_reused else 0, "The same form was sent before with different text."
    if len(normalised(message)) >= SHORTEST_REPEAT:
        copies = step(signals.same_message_count, (1, 1), (3, 3), (6, 5))
        yield copies, "Other enquiries in the last day have the same text."
    # A hospital, or the customers of one phone company, share a network.
    near = step(signals.from_network_count, (4, 1), (10, 3), (30, 5))
    yield near, "Many enquiries came from the same network within an hour."


def text_signs(name, times, message, has_phone):
    """Yield (points, reason) for the text of the enquiry; 0 points mean no sign."""
    everything = "\n".join((name, times, message))
    bare = LINK.sub(" ", message)
    yield 5 if SHORT_FIELD_LINK.search(name) else 0, "The name contains a link."
    # Somebody may link a calendar here.
    yield 3 if SHORT_FIELD_LINK.search(times) else 0, "The days and times contain a link."
    # A referral, a report and its pictures: people send one or two.
    links = set(LINK.findall(message))
    yield step(len(links), (1, 2), (2, 3), (3, 5)), "The message contains links."
    markup = 4 if LINK_MARKUP.search(everything) else 2 if MARKUP.search(everything) else 0
    yield markup, "It contains code for a web page or forum."
    yield (
        step(len(set(EMAIL.findall(message))), (3, 2)),
        "The message has many email addresses.",
    )
    alike = [text for text in map(normalised, (name, times, bare)) if len(text) > 3]
    yield 2 * (len(alike) - len(set(alike))), "Several fields have the same text."
    yield 2 if MADE_UP_NAME.fullmatch(name) else 0, "The name looks computer-generated."
    yield 4 if PROBE.search(everything) else 0, "It looks like a hacking attempt."
    random = 3 * sum(map(is_random, (name, times, bare)))
    yield random, "The name or the text is random letters."
    yield step(len(DISGUISE.findall(everything)), (1, 2), (3, 4)), "Some letters are disguised."
    # Not the name: Seo and Leads are names.
    words = " ".join(unicodedata.normalize("NFKC", f"{times} {message}").lower().split())
    offers, manner, trade = (SPAM_WORDS[name] for name in ("offers", "manner", "trade"))
    pitch = step(len(set(offers.findall(words))), (1, 3), (2, 5))
    pitch += step(len(set(manner.findall(words))), (1, 2), (2, 3), (3, 4), (4, 5))
    yield pitch, "It looks like a sales pitch."
    # A seller rarely leaves a phone number; a patient who does may describe their own trade.
    steps = [(4, 1)] if has_phone else [(2, 1), (3, 2), (6, 3), (8, 4)]
    rest = manner.sub(" ", offers.sub(" ", words))
    yield step(len(set(trade.findall(rest))), *steps), "It uses many business words."


def is_random(text):
    """Say whether every word is a long run of letters that no language has."""
    words = WORD.findall(text)
    return bool(words) and all(
        len(word) >= 8
        and word.isascii()
        and (CONSONANTS.search(word) or len(CASE_FLIP.findall(word)) >= 3)
        for word in words
    )


def normalised(message):
    """Return a message with case, width, white space and digits folded, to find copies."""
    folded = unicodedata.normalize("NFKC", message).casefold()
    return " ".join(re.sub(r"\d+", "0", folded).split())


def network_hash(address, key):
    """Return 32 hexadecimal digits that stand for the network of an IP address.

    A /24 is the smallest IPv4 network that providers route. The address cannot be told from them.

    Args:
        address: an ip_address.
        key: the secret, as bytes.
    """
    network = str(network_of_address(address, ipv4_bits=24))
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:32]
