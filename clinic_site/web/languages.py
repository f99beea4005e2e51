"""The language of names in another script than the page's, so that they are read and set right."""

import re

from django.utils.html import format_html, format_html_join

# Words of letters beyond Latin, with the spaces and dots between them.
OTHER = r"[^\W\d_A-Za-z\u00aa-\u02af\u0300-\u036f\u1d00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff]"
WORD = rf"{OTHER}(?:{OTHER}|[\u0300-\u036f\u0591-\u0dff\u200c\u200d])*"  # with its marks
WORDS = re.compile(rf"({WORD}(?:[\s·・]+{WORD})*)")
# The language that a script is most often written in here; the first that is found decides.
LANGUAGES = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("ur", re.compile("[ٹڈڑںےہھ]")),
    ("fa", re.compile("[پچژگ]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("pa", re.compile("[\u0a00-\u0a7f]")),
    ("gu", re.compile("[\u0a80-\u0aff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def language_of(words):
    """Return the likely language of words in one script as a BCP 47 tag, or "" if unknown."""
    for language, letters in LANGUAGES:
        if letters.search(words):
            return language
    if not HAN.search(words):
        return ""
    try:
        words.encode("big5-hkscs")  # the letters of Taiwan and Hong Kong
    except UnicodeEncodeError:
        return "zh-Hans"
    return "zh-Hant"


def with_languages(text):
    """Return a text as HTML, its words in another script marked with their language."""
    pieces = WORDS.split(str(text))  # by turns of the page's script and of another
    return format_html_join(
        "",
        "{}{}",
        (
            (before, words and format_html('<bdi lang="{}">{}</bdi>', language_of(words), words))
            for before, words in zip(pieces[::2], [*pieces[1::2], ""], strict=True)
        ),
    )
