"""Enquiries and spam that we made up: the starting corpus of the spam model, and test messages."""

import tomllib
from hashlib import sha256
from pathlib import Path

from contact.intake.spam import Signals

FOLDER = Path(__file__).parent
# Each writer's files of the starting corpus. The blind files are no part of it: they judge.
WRITERS = (("start_genuine", "start_spam"), ("genuine", "spam"), ("second_genuine", "second_spam"))
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
    """Return each writer's messages, as lists of (row, kind of spam or "") pairs, and the words.

    The words are (text, kind) pairs. A row without a kind in KINDS has the model's own. The first
    writer's texts have no other fields: two thirds of the patients leave a phone number, as with
    the other writers.
    """
    spam, genuine = load("start_spam"), load("start_genuine")
    words = [(line, kind) for kind, lines in spam.pop("words").items() for line in lines]
    words += [(line, "") for line in genuine.pop("Words")]
    texts = {"": sum(genuine.values(), [])} | spam
    texts = [(text, kind) for kind, found in texts.items() for text in found]
    lists = [[]]
    for at, (text, kind) in enumerate(texts):
        phone = "" if kind or at % 3 == 0 else "905-555-0100"
        lists[0].append(({"message": text, "phone": phone, "seconds": 60}, kind))
    for names in WRITERS[1:]:
        rows = [row for name in names for row in messages(name)]
        lists.append([(row, KINDS.get(kind := row.get("kind", ""), kind)) for row in rows])
    return lists, words


def corpus_hash():
    content = b"".join((FOLDER / f"{name}.toml").read_bytes() for name in sum(WRITERS, ()))
    return sha256(content).hexdigest()[:16]
