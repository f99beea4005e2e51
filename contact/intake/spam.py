"""Scores how much an enquiry looks like spam. Likely spam is quarantined, never refused.

The signs are how it was sent, words that sellers use, and how the whole text reads (spam_model).
No sign is a medical word, a language, a name, or a browser without JavaScript. Nothing here knows
the database or the request, and no reason repeats what was typed.
"""

import hashlib
import hmac
import re
import struct
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from clinic_site.web.client_address import network_of_address
from contact.intake import spam_model
from contact.intake.spam_model import LINK, fold, hashed, without_accents, without_links, words_of

# Points from which an enquiry is quarantined. A weak sign has 1 to 4 points, so that it takes two.
# Only what no patient does (a link for a name, three links, forty copies) has 5 alone.
THRESHOLD = 5

# Shorter texts are alike by chance: "please call me back".
SHORTEST_REPEAT = 40  # characters
SKETCH = 32  # hashes of words; two messages are near-copies when they share this part
NEAR = 0.35
COPIES = ((1, 1), (3, 3), (6, 5))  # points for so many of them

# The site-wide breaker: delivered enquiries of an hour, at least this many and times the usual.
FLOOD_COUNT, FLOOD_TIMES = 20, 10

# How a text reads, in log odds: like a patient's below, like spam above 0.
PATIENT = -0.7
LEANS = ((0.5, 1), (0.8, 2), (1.1, 3), (1.2, 5))
# So much less with a phone number, which most patients leave, and more without one.
PHONE = 0.5
KINDS = {
    "web": "offers of websites, advertising or software",
    "business": "offers of goods or services to businesses",
    "money": "offers of loans, investments or gambling",
    "fraud": "letters of frauds, or fake bills",
    "private": "offers of medicine or dating",
    "vague": "messages sent to many websites",
}


def compiled(lists):
    """Return the word lists and the patterns of spam_words.toml as regular expressions, by name."""
    patterns = {name: re.compile(text) for name, text in lists.pop("patterns").items()}
    for name, words in lists.items():
        phrases, parts = map("|".join, (words["phrases"], words["parts"]))
        patterns[name] = re.compile(without_accents(rf"(?<!\w)(?:{phrases})(?!\w)|{parts}"))
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
    same_message_count: int = 0  # other enquiries of a day with the same message
    near_copy_count: int = 0  # the same, and those with nearly the same message
    marked_copy_count: int = 0  # near-copies that staff marked as spam
    from_network_count: int = 0  # other enquiries of an hour with the same `network_hash`
    site_count: int = 0  # other enquiries of an hour that were delivered
    usual_hourly: float = 0  # enquiries in a usual hour
    learned: Mapping[int, float] = field(default_factory=dict)  # what the clinic taught the model


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

    Of the typed data, name, times, message and phone count. During a flood it takes less, but only
    of a text that is suspicious itself: many patients may write in an hour.
    """
    name, times, message = (str(typed.get(key) or "") for key in ("name", "times", "message"))
    reading = spam_model.read(f"{message}\n{times}", signals.learned)
    has_phone = bool(typed.get("phone"))
    is_patient = reads_like_patient(reading)
    text = [*reading_signs(reading, has_phone)]
    text += text_signs(name, times, message, has_phone, is_patient)
    signs = [*sending_signs(signals, f"{times}{message}".strip(), reading), *text]
    signs = sorted((sign for sign in signs if sign[0]), reverse=True)
    is_flood = signals.site_count > max(FLOOD_COUNT, FLOOD_TIMES * signals.usual_hourly)
    if is_flood and not is_patient and sum(points for points, _ in text) > 1:
        signs.append((2, "The site is getting far more enquiries than usual."))
    return Assessment(sum(points for points, _ in signs), tuple(reason for _, reason in signs))


def reads_like_patient(reading):
    return reading.shipped < PATIENT


def reading_signs(reading, has_phone):
    """Yield (points, reason) for how the text reads, which weighs less beside a phone number.

    What the clinic taught can excuse a text, but it quarantines none without another sign. It
    counts only where the shipped model does not say that a patient wrote.
    """
    shift = 0 if reading.shipped <= 0 else -PHONE if has_phone else PHONE
    shipped, total = (step(lean + shift, *LEANS) for lean in (reading.shipped, reading.total))
    taught = min(3, total) if total > shipped and not reads_like_patient(reading) else 0
    points = max(min(shipped, total), taught)
    kind = f", most of all like {KINDS[reading.kind]}" if reading.kind in KINDS else ""
    by_team = " Your team marked messages like it as spam." if taught else ""
    yield points, f"It reads like spam{kind}.{by_team}"


def step(value, *steps):
    """Return the points of the last (limit, points) that `value` reaches, else 0."""
    return max((points for limit, points in steps if value >= limit), default=0)


def sending_signs(signals, text, reading):
    """Yield (points, reason) for how the enquiry was sent; 0 points mean no sign.

    `text` is what was typed by hand, and `reading` its Reading.
    """
    is_patient = reads_like_patient(reading)
    # Autofill fills hidden fields too, so this needs a second sign.
    yield 3 if signals.honeypot.strip() else 0, "A field that people can’t see was filled in."
    yield hurry(signals.seconds_since_render, len(text), is_patient)
    # People go back to add something.
    yield 1 if signals.is_key_reused else 0, "The same form was sent before with different text."
    if len(normalised(text)) >= SHORTEST_REPEAT:
        same = step(signals.same_message_count, *COPIES)
        near = step(signals.near_copy_count, *COPIES)
        # Patients who heard of the clinic in one place may write alike.
        copies = same if is_patient else max(same, near)
        count = max(signals.same_message_count, signals.near_copy_count)
        times = "once" if count == 1 else f"{count} times"
        yield copies, f"The same text, or nearly the same, came {times} in the last day."
        marked = 3 if signals.marked_copy_count and reading.shipped > 0 else 0
        yield marked, "It is nearly the same as a message that was marked as spam."
    # A hospital, or the customers of one phone company, share a network.
    steps = [(4, 1), (100, 5)] if is_patient else [(4, 1), (10, 3), (30, 5)]
    crowd = step(signals.from_network_count, *steps)
    yield crowd, "Many enquiries came from the same network within an hour."


def hurry(seconds, typed, is_patient):
    """Return (points, reason) for the time between opening the page and sending it.

    Autofill writes name, phone and email, so only the `typed` characters of the text count. Nobody
    types 15 a second, but a patient may paste a text that was written before, and after half a
    minute it tells nothing.
    """
    if seconds is None:
        return 3, "The form was not sent from our page."
    if seconds < 5:
        # With autofill and a few words a quick person needs 3 seconds.
        short = 3 if seconds < 2 else 2 if seconds < 3 else 1
        points = short if typed < 10 else 4 if seconds < 2 and not is_patient else 3
        rounded = max(0, round(seconds)) if seconds > -1e9 else 0
        unit = "second" if rounded == 1 else "seconds"
        return points, f"Sent {rounded} {unit} after opening the page."
    points = step(typed / seconds, (15, 2), (25, 3)) if seconds < 30 else 0
    return min(points, 1) if is_patient else points, "Sent faster than anybody can type the text."


def text_signs(name, times, message, has_phone, is_patient=False):
    """Yield (points, reason) for the text of the enquiry; 0 points mean no sign."""
    everything = "\n".join((name, times, message))
    bare = without_links(message)
    yield 5 if FIND.short_field_link.search(name) else 0, "The name contains a link."
    # Somebody may link a calendar here.
    yield 3 if FIND.short_field_link.search(times) else 0, "The days and times contain a link."
    # A referral, a report and its pictures: people send one or two.
    links = set(LINK.findall(message))
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
    words = " ".join(fold(f"{times} {message}").split())
    pitch = step(len(set(FIND.offers.findall(words))), (1, 3), (2, 5))
    pitch += step(len(set(FIND.manner.findall(words))), (1, 2), (2, 3), (3, 4), (4, 5))
    # A patient may trade in bitcoin.
    yield min(pitch, 3) if is_patient else pitch, "It looks like a sales pitch."
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


def sketch(message):
    """Return the smallest hashes of a message's words and pairs of words, 8 hex digits each.

    Two sketches tell how many words two messages share, however long they are (MinHash).
    """
    words = words_of(message)
    parts = {*words, *(f"{one} {two}" for one, two in zip(words, words[1:], strict=False))}
    return "".join(f"{number:08x}" for number in sorted(hashed(parts))[:SKETCH])


def count_copies(mine, others):
    """Return how many sketches are the same as mine, and how many are the same or nearly."""
    own, others = hashes_of(mine), list(others)
    near = sum(is_near(own, hashes_of(other)) for other in others) if own else 0
    return others.count(mine) if own else 0, near


def hashes_of(text):
    return set(struct.unpack(f">{len(text) // 8}I", bytes.fromhex(text)))


def is_near(one, other):
    """Say whether two sketches share enough of the smallest hashes of both."""
    both = one & other
    if len(both) < NEAR * min(len(one), SKETCH) / 2:  # most pairs: faster than sorting
        return False
    smallest = sorted(one | other)[:SKETCH]
    return len(both.intersection(smallest)) >= NEAR * len(smallest)


def network_hash(address, key):
    """Return a hash of an IP address's network, keyed with secret bytes.

    A /24 is the smallest IPv4 network that providers route.
    """
    network = str(network_of_address(address, ipv4_bits=24))
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:32]
