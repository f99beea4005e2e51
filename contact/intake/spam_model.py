"""Says how much a text reads like spam: a logistic model that the clinic's own decisions adjust.

Its features are words, pairs of words and parts of words, each hashed to one of 262,144 buckets. So
it works in any language, and nothing readable is kept. `python -m tests.spam_corpus` makes
spam_model.bin from the starting corpus. Links, addresses and figures are no features, and neither
is the name of the sender.

What a clinic teaches is bounded. Words that the shipped model knows from patients never get worse.
All lessons together move a text by LEARNED_MOST at most, and are one weak sign at most (see spam).
"""

import json
import re
import unicodedata
import zlib
from functools import cache
from math import exp, sqrt
from pathlib import Path
from typing import NamedTuple

from clinic_site.web.folding import fold_lookalikes

FILE = Path(__file__).with_name("spam_model.bin")
BUCKETS = 1 << 18
CLEAR = 1.5  # times as much as of any other kind of spam
FEW, TOO_FEW = 20, 16  # features; "Hello" has 4, and a text with too few never reads like spam
SCALE = 16  # a weight of 1 is stored as 16, in one byte
LEARNED_MOST, WORD_MOST, RATE = 2.0, 0.5, 4.0

# With a scheme, with www, with a path, or with a common ending: "my knee.it hurts" is no link.
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
LINK = re.compile(
    r"""(?i)(?:https?://|www\.)[^\s"'<>\[\]]+"""
    r"""|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,10}/[^\s"'<>\[\]]+"""
    r"""|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|biz|ru|cn|xyz|icu)\b"""
)
# The scripts of India and Thailand write vowels as marks, which \w leaves out.
WORD = re.compile(r"\d+|(?:[^\W\d_]|[\u0900-\u0963\u0970-\u0e7f])+|[$€£¥%!?؟]")
NO_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # Thai, Lao, Japanese, Chinese
SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .*_-]){2,}[^\W\d_](?![^\W_])")
DIGIT_IN_WORD = re.compile(r"(?<=[a-z])[013457@$]{1,2}(?=[a-z])|(?<!\w)\$(?=[a-z]{2})")
DIGITS = str.maketrans("013457@$", "oieastas")
# Small capitals, letters in black circles and squares, and flags: NFKC leaves them.
BOXED = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
BOXED |= {first + at: chr(97 + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}


class Reading(NamedTuple):
    """How a text reads: above 0 like spam, below 0 like a patient, in log odds."""

    shipped: float  # what the shipped model says
    learned: float  # what the clinic's own decisions add
    kind: str  # what kind of spam it is like, or "" if that is not clear

    @property
    def total(self):
        return self.shipped + self.learned


class Model(NamedTuple):
    """The shipped model; `weights` and `kinds` have a number for each bucket."""

    bias: float
    names: list  # of the kinds of spam
    weights: memoryview
    kinds: bytes
    corpus: str  # a hash of what it was made from


def fold(text):
    """Return a text in lower case without what hides words from filters: accents, look-alikes,
    letters spaced apart, digits inside words."""
    text = without_accents(fold_lookalikes(text.translate(BOXED)).casefold())
    text = SPACED.sub(lambda run: re.sub(r"[ .*_-]", "", run[0]), text)
    return DIGIT_IN_WORD.sub(lambda digits: digits[0].translate(DIGITS), text)


def without_accents(text):
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def without_links(text):
    return LINK.sub(" ", text)


def words_of(text):
    """Return the words of a text, folded, without links and addresses, with 0 for every number."""
    words = WORD.findall(fold(without_links(EMAIL.sub(" ", text))))
    return ["0" if word.isdigit() else word for word in words]


def hashed(parts):
    return {zlib.crc32(part.encode()) for part in parts}


def features(text):
    """Return the buckets of a text's words, pairs of words, first word and parts of words."""
    words = words_of(text)
    found = set(words)
    found.update(f"{one} {two}" for one, two in zip(["", *words], words, strict=False))
    for word in set(words):
        if NO_SPACES.search(word):
            found.update(word[at : at + n] for n in (1, 2, 3) for at in range(len(word) - n + 1))
        elif len(word) > 4:
            padded = f"<{word}>"
            found.update(f"~{padded[at : at + 5]}" for at in range(len(padded) - 4))
    return {number % BUCKETS for number in hashed(found)}


def length_of(found):
    """Return what to divide a text's weights by, so that a few words prove little."""
    return sqrt(len(found) + FEW)


def pack(bias, weights, kinds, names, corpus):
    """Return the bytes of spam_model.bin."""
    small = bytes(max(-127, min(127, round(weight * SCALE))) % 256 for weight in weights)
    head = json.dumps({"bias": round(bias, 3), "names": names, "corpus": corpus}).encode()
    return zlib.compress(head + b"\n" + small + bytes(kinds), 9)


@cache
def shipped_model():
    return unpack(FILE.read_bytes())


def unpack(content):
    head, _, rest = zlib.decompress(content).partition(b"\n")
    weights = memoryview(rest[:BUCKETS]).cast("b")
    return Model(**json.loads(head), weights=weights, kinds=rest[BUCKETS:])


def read(text, learned):
    """Return the Reading of a text; `learned` has the clinic's weights by bucket."""
    model = shipped_model()
    found = features(text)
    if not found:
        return Reading(0, 0, "")
    length = length_of(found)
    shipped = model.bias + sum(model.weights[bucket] for bucket in found) / SCALE / length
    own = sum(learned.get(bucket, 0) for bucket in found) / length
    own = max(-LEARNED_MOST, min(LEARNED_MOST, own))
    if len(found) < TOO_FEW:
        shipped, own = min(shipped, 0), min(own, 0)
    totals = [0] * (len(model.names) + 1)
    for bucket in found:
        totals[model.kinds[bucket]] += max(0, model.weights[bucket])
    totals.pop()  # words of no kind
    second, first = sorted(totals)[-2:]
    kind = model.names[totals.index(first)] if first > CLEAR * second else ""
    return Reading(shipped, own, kind)


def lesson(text, is_spam, learned):
    """Return the new weights by bucket after staff said whether a text is spam."""
    weights, found = shipped_model().weights, features(text)
    if not found:
        return {}
    likely = 1 / (1 + exp(-read(text, learned).total))
    step = RATE * (is_spam - likely) / length_of(found)
    return {
        bucket: max(-WORD_MOST, min(WORD_MOST, learned.get(bucket, 0) + step))
        for bucket in sorted(found)
        if not is_spam or weights[bucket] >= 0
    }
