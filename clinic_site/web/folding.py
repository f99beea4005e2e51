"""Fold texts before they are compared: for search, and against disguised letters."""

import re
import unicodedata

from anyascii import anyascii

# Letters that look like a Latin one. Unicode's whole list of confusables takes 18 MB of memory, and
# nearly all of it is symbols that NFKC folds.
LOOKALIKES = str.maketrans(
    "авеѕіјкмнорстухԛԝһԁӏᴀʙɡɑıοαερτυνκιχγω",
    "abesijkmhopctyxqwhdlabgaioaeptuvkixyw",
)
LOOKALIKE = re.compile(f"[{''.join(map(chr, LOOKALIKES))}]")
GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
NOT_SEARCHED = str.maketrans({"'": "", "`": "", "-": " "})
WORD = re.compile(r"\w+")


def fold_for_search(text):
    """Return a text as search compares it: ASCII, in lower case, one space between words.

    Accents and widths are folded, so that cote finds Côté. Apostrophes go, whichever it is, and a
    hyphen is a space. Other scripts are transliterated letter by letter, so that part of a name
    still finds the whole name.
    """
    text = unicodedata.normalize("NFKC", text.replace("´", ""))
    # Only the others: it reads letter by letter, and a list may fold ten thousand texts.
    text = NOT_ASCII.sub(lambda others: anyascii(others[0]), text)
    return " ".join(text.casefold().translate(NOT_SEARCHED).split())


def without_invisible(text):
    """Return a text without soft hyphens, zero-width characters and marks of direction."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


def fold_lookalikes(text):
    """Return a text in NFKC, without invisible characters, its look-alike letters made Latin.

    A word of Greek or Cyrillic letters that do not all look Latin stays as it is. A word that
    changes is in lower case.
    """
    text = unicodedata.normalize("NFKC", without_invisible(text))
    return WORD.sub(lambda word: latin_word(word[0]), text)


def latin_word(word):
    folded = word.casefold()
    if not LOOKALIKE.search(folded):
        return word
    latin = folded.translate(LOOKALIKES)
    return word if GREEK_OR_CYRILLIC.search(latin) else latin
