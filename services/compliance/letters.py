"""Folds the letters of a text before the rules look at it, and keeps where each one stood."""

import re
import unicodedata
from functools import lru_cache

from clinic_site.web.folding import fold_lookalikes

SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ´`′‛", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑−", "-"),
        **dict.fromkeys("®™℠", " "),
        **dict(zip("œŒæÆđł‹›", ("oe", "Oe", "ae", "Ae", "d", "l", "«", "»"), strict=True)),
    }
)


WORD = re.compile(r"\w+")


def fold(text):
    """Return a text without accents, invisible and look-alike letters, and where each came from.

    Returns:
        the folded text, and for each of its characters the index in `text`.
    """
    if text.isascii():
        return text, range(len(text))
    parts = [folded_letter(letter) for letter in text]
    folded = "".join(parts)
    places = [place for place, part in enumerate(parts) for _ in part]
    return folded if folded.isascii() else WORD.sub(latin_word, folded), places


def latin_word(found):
    """Return a word with its look-alike letters made Latin, where that keeps its length."""
    word = found[0]
    latin = word if word.isascii() else fold_lookalikes(word)
    return latin if len(latin) == len(word) else word


@lru_cache(maxsize=5_000)
def folded_letter(letter):
    letter = letter.translate(SIGNS)
    apart = unicodedata.normalize("NFKD", letter)
    bare = "".join(one for one in apart if unicodedata.category(one) not in ("Cf", "Mn"))
    return unicodedata.normalize("NFKC", bare)
