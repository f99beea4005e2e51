"""Sentences for patients: what a college forbids, by the rule that says so, and what it allows."""

import tomllib
from pathlib import Path

SENTENCES = tomllib.loads(Path(__file__).with_name("college_sentences.toml").read_text("utf-8"))


def by_rule(name):
    """Return (colleges whose rules count, the rule, a text with one paragraph a line)."""
    return [
        (("massage_therapists" if rule.startswith("mt") else "physiotherapists",), rule, text)
        for rule, texts in SENTENCES[name].items()
        for text in texts
    ]


FRENCH_FORBIDDEN = by_rule("forbidden_french")
FORBIDDEN = by_rule("forbidden") + FRENCH_FORBIDDEN
FRENCH_ALLOWED = SENTENCES["allowed_french"]
ALLOWED = SENTENCES["allowed"] + FRENCH_ALLOWED
SLIPS_PAST, FALSE_ALARMS = SENTENCES["slips_past"], SENTENCES["false_alarms"]
NAMES = (
    "Priya Sample",
    "Daniel Sample",
    "Mei-Ling Sample (陳美玲)",
    "Omar Sample",
    "Sofia Sample",
    *SENTENCES["people"],
)
