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
from types import SimpleNamespace

from clinic_site.web.client_address import network_of_address

# Points from which an enquiry is quarantined. A weak sign has 1 to 4 points, so that it takes two.
# Only what no patient does (a link for a name, three links, forty copies) has 5 alone.
THRESHOLD = 5

# Shorter texts are alike by chance: "please call me back".
SHORTEST_REPEAT = 40  # characters

# The site-wide breaker: enquiries in the last hour, at least this many and times the usual.
FLOOD_COUNT, FLOOD_TIMES = 20, 10


def compiled(lists):
    """Return the word lists and the patterns of spam_words.toml as regular expressions, by name."""
    patterns = {name: re.compile(text) for name, text in lists.pop("patterns").items()}
    for name, words in lists.items():
        phrases, parts = "|".join(words["phrases"]), "|".join(words["parts"])
        patterns[name] = re.compile(rf"(?<!\w)(?:{phrases})(?!\w)|{parts}")
    return SimpleNamespace(**patterns)


FIND = compiled(
    tomllib.loads(Path(__file__).with_name("spam_words.toml").read_text(encoding="utf-8"))
)


@dataclass(frozen=True)
class Signals:
    """How an enquiry was sent."""

    honeypot: str = ""  # the text in the field that people do not see
    seconds_since_render: float | None = None  # None when the form's key is missing or forged
    is_key_reused: bool = False  # the same form was sent before, with another text
    same_message_count: int = 0  # other enquiries of a day with the same `normalised` message
    from_network_count: int = 0  # other enquiries of an hour with the same `network_hash`
    site_count: int = 0  # other enquiries of an hour
    usual_hourly: float = 0  # enquiries in a usual hour


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

    Of the typed data, name, times, message and phone count. During a flood any sign quarantines;
    an enquiry without a sign is delivered even then.
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
    bare = FIND.link.sub(" ", message)
    yield 5 if FIND.short_field_link.search(name) else 0, "The name contains a link."
    # Somebody may link a calendar here.
    yield 3 if FIND.short_field_link.search(times) else 0, "The days and times contain a link."
    # A referral, a report and its pictures: people send one or two.
    links = set(FIND.link.findall(message))
    yield step(len(links), (1, 2), (2, 3), (3, 5)), "The message contains links."
    markup = (
        4 if FIND.link_markup.search(everything) else 2 if FIND.markup.search(everything) else 0
    )
    yield markup, "It contains code for a web page or forum."
    yield (
        step(len(set(FIND.email.findall(message))), (3, 2)),
        "The message has many email addresses.",
    )
    alike = [text for text in map(normalised, (name, times, bare)) if len(text) > 3]
    yield 2 * (len(alike) - len(set(alike))), "Several fields have the same text."
    yield 2 if FIND.made_up_name.fullmatch(name) else 0, "The name looks computer-generated."
    yield 4 if FIND.probe.search(everything) else 0, "It looks like a hacking attempt."
    random = 3 * sum(map(is_random, (name, times, bare)))
    yield random, "The name or the text is random letters."
    yield (
        step(len(FIND.disguise.findall(everything)), (1, 2), (3, 4)),
        "Some letters are disguised.",
    )
    # Not the name: Seo and Leads are names.
    words = " ".join(unicodedata.normalize("NFKC", f"{times} {message}").lower().split())
    pitch = step(len(set(FIND.offers.findall(words))), (1, 3), (2, 5))
    pitch += step(len(set(FIND.manner.findall(words))), (1, 2), (2, 3), (3, 4), (4, 5))
    yield pitch, "It looks like a sales pitch."
    # A seller rarely leaves a phone number; a patient who does may describe their own trade.
    steps = [(4, 1)] if has_phone else [(2, 1), (3, 2), (6, 3), (8, 4)]
    rest = FIND.manner.sub(" ", FIND.offers.sub(" ", words))
    yield step(len(set(FIND.trade.findall(rest))), *steps), "It uses many business words."


def is_random(text):
    """Say whether every word is a long run of letters that no language has."""
    words = FIND.word.findall(text)
    return bool(words) and all(
        len(word) >= 8
        and word.isascii()
        and (FIND.consonants.search(word) or len(FIND.case_flip.findall(word)) >= 3)
        for word in words
    )


def normalised(message):
    """Return a message with case, width, white space and digits folded, to find copies."""
    folded = unicodedata.normalize("NFKC", message).casefold()
    return " ".join(re.sub(r"\d+", "0", folded).split())


def network_hash(address, key):
    """Return a hash of an IP address's network, keyed with secret bytes.

    A /24 is the smallest IPv4 network that providers route.
    """
    network = str(network_of_address(address, ipv4_bits=24))
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:32]
