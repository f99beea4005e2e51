"""What counts as a fixed typo in a health text, so that its last review stays valid."""

import re
from itertools import chain

from clinic_site.history.changes import opcodes

# What no fix of a typo changes: a dose, a denial, where a link leads.
TYPO_CHARACTERS = 20
AMOUNT = re.compile(
    r"\d[\w.,/%-]*|\b(?:half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|"
    r"double|hundred|hours?|days?|nights?|weeks?|months?|years?|m[gl]|µg|mcg|"
    r"une?|deux|trois|quatre|cinq|sept|huit|neuf|dix|fois|heures?|jours?|semaines?|mois)\b"
)
NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot|avoid|stop|unless|"
    r"ne|n|pas|jamais|sans|aucune?|rien|ni|non)\b|n['’]t\b|\b(?:un|in|im|ir|il|dis|non-)(?=\w{3})"
)
LINK = re.compile(r"(?<!\S)(?=\S*(?:://|www\.|@))\S+")
KEPT = {LINK: "a link", AMOUNT: "a number or an amount", NEGATION: "a word such as “not”"}
SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*|[.!?\n]+")
WORD = re.compile(r"[\w'’]+(?:[.,/-]\w+)*|\S")


def more_than_a_typo(before, after):
    """Return why a change of clinical texts is more than a fixed typo, or "".

    Args:
        before, after: what `clinical_text` returns of two snapshots.
    """
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    words = [[words_of(value) for value in pair] for pair in changed]
    if any(rest_of(old) != rest_of(new) for old, new in changed):
        return "a link or an image changed"
    for old, new in words:
        for pattern, what in KEPT.items():
            if pattern.findall(old.casefold()) != pattern.findall(new.casefold()):
                return f"{what} changed"
    count = 0
    for passage in chain.from_iterable(changed_passages(*pair) for pair in words):
        count += sum(max(map(len, pair)) for pair in replaced(*passage))
        if count > TYPO_CHARACTERS:
            return f"more than {TYPO_CHARACTERS} characters changed"
    return ""


def words_of(value):
    """Return the words of one value of a clinical text, or of a list of parts."""
    if isinstance(value, list):
        return "\n".join("\n".join(fields) for fields in value)
    return value[0] if isinstance(value, tuple) else value if isinstance(value, str) else ""


def rest_of(value):
    """Return what is not words: images and links, or the key of an image."""
    if isinstance(value, list | str):
        return None
    return value[1:] if isinstance(value, tuple) else value


def changed_passages(before, after):
    """Yield (old, new) for each run of words that differs, compared sentence by sentence."""
    for sentences in replaced(SENTENCE.findall(before), SENTENCE.findall(after)):
        for words in replaced(*(WORD.findall("".join(some)) for some in sentences)):
            yield tuple(map(" ".join, words))


def replaced(before, after):
    """Yield (old, new) for each run of items that differs between two sequences."""
    for act, i1, i2, j1, j2 in opcodes(before, after):
        if act != "equal":
            yield before[i1:i2], after[j1:j2]
