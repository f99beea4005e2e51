"""Enquiries and spam that we made up: the starting corpus of the spam model, and test messages."""

import tomllib
from hashlib import sha256
from pathlib import Path

from contact.intake.spam import Signals

FOLDER = Path(__file__).parent
# The blind files are no part of it: they judge.
STARTING = ("start_genuine", "start_spam", "genuine", "spam")
# Found by other signs than words.
WORDLESS = ("random letters", "markup and link lists", "disguises", "bursts of one text")
KINDS = {
    "search ranking offers": "ranking",
    "links and guest posts": "ranking",
    "web design, apps, video": "websites",
    "crypto and easy money": "money",
    "loans": "money",
    "casino and betting": "gambling",
    "pharmacy": "pills_dating",
    "adult": "pills_dating",
    "fake bills and threats": "threats",
    "sellers to business": "services",
    "advance fee and vague": "fraud",
    "other languages": "customers",
}


# The kinds that staff are told, by those of start_spam.
GROUPS = {
    "web": ("ranking", "websites", "customers", "software", "listings"),
    "business": ("services", "goods"),
    "money": ("money", "gambling"),
    "fraud": ("fraud", "threats"),
    "private": ("pills_dating",),
    "vague": ("vague",),
}
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


def load(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def messages(name):
    return load(name)["message"]


def signals_of(row):
    """Return the signals of a row of the corpus; every copy in a burst counts for the site too."""
    repeats, near = row.get("repeats", 0), row.get("from_network", 0)
    return Signals(
        honeypot=row.get("honeypot", ""),
        seconds_since_render=row.get("seconds"),
        is_key_reused=row.get("is_key_reused", False),
        same_message_count=repeats,
        from_network_count=near,
        site_count=max(repeats, near),
        usual_hourly=0.5,
    )


def starting_corpus():
    """Return the messages and the lists of words, as (text, kind of spam or "") pairs."""
    spam, genuine = load("start_spam"), load("start_genuine")
    words = [(line, kind) for kind, lines in spam.pop("words").items() for line in lines]
    words += [(line, "") for line in genuine.pop("Words")]
    pairs = [(row["message"].strip(), "") for row in messages("genuine")]
    pairs += [
        (row["message"].strip(), KINDS[row["kind"]])
        for row in messages("spam")
        if row["kind"] not in WORDLESS
    ]
    pairs += [(text, "") for texts in genuine.values() for text in texts]
    pairs += [(text, kind) for kind, texts in spam.items() for text in texts]
    return [(text, kind) for text, kind in pairs if text], words


def corpus_hash():
    content = b"".join((FOLDER / f"{name}.toml").read_bytes() for name in STARTING)
    return sha256(content).hexdigest()[:16]
