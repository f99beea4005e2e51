"""The colleges' rules about words: each finds what it forbids, and leaves alone what it allows."""

import re
import tomllib
from itertools import chain

from services.colleges import College
from services.compliance.rules import FILE, check_text, rule_book
from tests.college_phrases import ALLOWED, FALSE_ALARMS, FORBIDDEN, NAMES, SLIPS_PAST

BOTH = ("physiotherapists", "massage_therapists")
_, CLAIMS, RULES = rule_book()


def found(text, colleges=BOTH, names=NAMES):
    return {finding.rule.id for finding in check_text(text, colleges, names)}


def test_what_a_college_forbids_is_found_with_its_rule():
    missed = [(rule, text) for by, rule, text in FORBIDDEN if rule not in found(text, by)]
    assert not missed


def test_what_a_college_allows_is_left_alone():
    flagged = [(text, found(text)) for text in ALLOWED if found(text)]
    assert not flagged


def test_what_slips_past_stands_among_what_is_found_once_it_is():
    assert not [text for text in SLIPS_PAST if found(text)]


def test_a_false_alarm_stands_among_what_is_allowed_once_it_is_none():
    assert not [text for text in FALSE_ALARMS if not found(text)]


def test_the_corpus_is_as_large_as_promised_and_tries_every_rule():
    assert len(FORBIDDEN) >= 300
    assert len(ALLOWED) >= 300
    assert {rule for _, rule, _ in FORBIDDEN} == {rule.id for rule in RULES}


def test_every_rule_says_whose_it_is_where_it_stands_and_the_way_out():
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.college in (College.PHYSIOTHERAPISTS, College.MASSAGE_THERAPISTS)
        assert rule.severity in ("stops", "warns")
        assert rule.claim in CLAIMS
        assert rule.source
        assert rule.date
        assert rule.words.endswith(".")
        assert rule.way_out
        assert "complian" not in f"{rule.words} {rule.way_out}".lower()


def test_what_a_way_out_says_to_write_is_left_alone():
    ways_out = re.findall(r"“([^”]+\.)”", " ".join(rule.way_out for rule in RULES))
    assert len(ways_out) >= 5
    assert not [text for text in ways_out if check_text(text, BOTH, NAMES)]


def test_only_promises_and_wrong_titles_stop():
    stopping = {rule.claim for rule in RULES if rule.severity == "stops"}
    assert stopping == {"guarantee", "specialty", "acupuncturist", "doctor"}


def test_a_college_s_rules_count_for_its_people_alone():
    text = "Our clients love Sofia."
    assert found(text, ("massage_therapists",)) == {"mt-testimonial"}
    assert found(text, ("physiotherapists",)) == {"pt-testimonial"}
    assert found("Buy a block of eight sessions.", ("massage_therapists",)) == set()
    assert found(text, ()) == found(text, ("none",)) == set()


def test_a_finding_names_the_phrase_as_it_stands_and_where():
    text = "First paragraph.\nWe’ll fix\u00a0your knee, guaranteed."
    first, second = check_text(text, ("physiotherapists",))
    assert (first.phrase, second.phrase) == ("We’ll fix\u00a0your knee", "guaranteed")
    assert text[first.start :].startswith(first.phrase)
    assert text[second.start :].startswith("guaranteed")


def test_conditions_count_in_the_same_paragraph_alone():
    text = "A free assessment.\nOnly for new patients."
    assert found(text) == {"pt-free-offer"}
    assert found(text.replace("\n", " ")) == set()


def test_names_with_signs_of_regular_expressions_are_names():
    assert found("Dr. Z sees you", names=("B (A+", "[a-z]+", "*")) == set()
    assert found("Dr. O'Neil sees you", names=("Pat O’Neil",)) == {"pt-doctor"}
    assert found("Dr. nobody", names=("陳美玲", "?!", "")) == set()


def test_a_long_text_is_checked_in_no_time():
    """No pattern runs away: 60,000 signs made of what the patterns begin with."""
    begun = " ".join(re.findall(r"[A-Za-z]{3,}", " ".join(text for _, _, text in FORBIDDEN)))
    text = (begun * 20)[:60_000]
    assert check_text(text.replace(".", " "), BOTH, NAMES)


def test_a_long_sentence_is_kept_once_for_all_that_it_says():
    """Thousands of findings, each with 60,000 signs of its own, took all of a small server."""
    sentences = [finding.sentence for finding in check_text("Free visits " * 40, BOTH)]
    assert len(sentences) >= 20
    assert len(set(map(id, sentences))) == 1


def test_no_allowed_phrase_hides_a_forbidden_one_beside_it():
    for _, rule, text in FORBIDDEN:
        beside = f"{ALLOWED[0]}\n{text}\n{ALLOWED[20]}"
        assert rule in found(beside), text


def test_each_word_with_many_readings_is_used_and_spelled_out():
    text = FILE.read_text("utf-8")
    words = tomllib.loads(text)["words"]
    patterns = "".join(chain.from_iterable(one.patterns for one in CLAIMS.values()))
    for word in words:
        assert text.count(word) > 1, word
        assert not re.search(rf"[(|]{word}\b", patterns), word


def test_patterns_need_no_curly_sign():
    """Curly apostrophes are made straight before anything is looked for."""
    patterns = chain.from_iterable(
        [*claim.patterns, *(one.pattern for one in claim.allowed)] for claim in CLAIMS.values()
    )
    assert not [one for one in patterns if "’" in one]
