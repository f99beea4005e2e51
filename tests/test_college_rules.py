"""The colleges' rules about words: each finds what it forbids, and leaves alone what it allows."""

import re
import time
import tomllib

import pytest

from services.colleges import College
from services.compliance.letters import fold
from services.compliance.rules import EXCUSE, FILE, all_stems, check_text, rule_book, unchecked_in
from services.compliance.stems import StemIndex, regex, stems_of
from tests.college_phrases import (
    ALLOWED,
    FALSE_ALARMS,
    FORBIDDEN,
    FRENCH_ALLOWED,
    FRENCH_FORBIDDEN,
    NAMES,
    SLIPS_PAST,
)

BOTH = ("physiotherapists", "massage_therapists")
_, CLAIMS, RULES = rule_book()
PATTERNS = [
    pattern
    for claims in CLAIMS.values()
    for claim in claims
    for pattern in (*claim.patterns, *claim.allowed)
]


def found(text, colleges=BOTH, names=NAMES):
    return {finding.rule.id for finding in check_text(text, colleges, names)}


@pytest.mark.parametrize("colleges", [(college,) for college in BOTH])
def test_what_a_college_forbids_is_found_with_its_rule(colleges):
    """All sentences are paragraphs of one text, because a thousand short texts take seconds."""
    expected = [(rule, text) for by, rule, text in FORBIDDEN if by == colleges]
    whole, missed, start = "\n\n".join(text for _, text in expected), [], 0
    findings = [(one.start, one.rule.id) for one in check_text(whole, colleges, NAMES)]
    for rule, text in expected:
        end = start + len(text)
        if not any(start <= at < end and rule == name for at, name in findings):
            missed.append((rule, text))
        start = end + 2
    assert not missed


@pytest.mark.parametrize("text", ["Get relief", "Find freedom", "Thé. Get relief"])
def test_a_claim_that_ends_a_text_without_a_stop_is_found(text):
    assert {one.phrase for one in check_text(text, BOTH)} == {text.removeprefix("Thé. ")}


def test_what_a_college_allows_is_left_alone():
    flagged = check_text("\n\n".join(ALLOWED), BOTH, NAMES)
    assert not [(one.sentence, one.phrase, one.rule.id) for one in flagged]


def test_what_slips_past_stands_among_what_is_found_once_it_is():
    assert not [text for text in SLIPS_PAST if found(text)]


def test_a_false_alarm_stands_among_what_is_allowed_once_it_is_none():
    assert not [text for text in FALSE_ALARMS if not found(text)]


def test_the_corpus_is_as_large_as_promised_and_tries_every_rule():
    assert len(FORBIDDEN) >= 400
    assert len(ALLOWED) >= 400
    assert len(FRENCH_FORBIDDEN) >= 60
    assert len(FRENCH_ALLOWED) >= 60
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


def test_promises_wrong_titles_and_testimonials_of_massage_therapists_stop():
    stopping = {rule.claim for rule in RULES if rule.severity == "stops"}
    assert stopping == {
        *("guarantee", "specialty", "acupuncturist", "doctor", "title", "testimonial")
    }
    college, source = {
        (rule.college, rule.source) for rule in RULES if rule.claim == "testimonial" and rule.stops
    }.pop()
    assert (college, source) == ("massage_therapists", "O. Reg. 544/94, clause 6 (2) (d)")


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


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(ALLOWED[::4]),
        " ".join(re.findall(r"[A-Za-z]{3,}", " ".join(text for _, _, text in FORBIDDEN[::4]))),
        *("specialist ", "we will ", "“no ” – A. ", "in a study of 90% we ", "n'est pas "),
        *("a", "\n", "is it? ", "Dr. ", "é\u00ad", "I " * 50 + "? "),
    ],
    ids=lambda text: text[:12],
)
def test_a_long_text_is_checked_in_no_time(text):
    """Nothing runs away, also in a text that is made of what the patterns begin with."""
    check_text(text, BOTH, NAMES)  # compiles the patterns
    begun = time.process_time()
    check_text((text * (30_000 // len(text) + 1))[:30_000], BOTH, NAMES)
    assert time.process_time() - begun < 0.9


def test_a_pattern_is_tried_wherever_it_could_match():
    texts = [text for _, _, text in FORBIDDEN[::12]] + ALLOWED[::12]
    folded = fold("\n".join(texts))[0] + "\n"
    index = StemIndex(folded, all_stems())
    blocks = index.blocks_of(0, len(folded))
    for pattern in PATTERNS:
        whole = [found.span() for found in regex(pattern, "Sample").finditer(folded)]
        assert list(index.matches(pattern, "Sample", blocks)) == whole, pattern


@pytest.mark.parametrize(
    ("pattern", "stems"),
    [
        (r"\bguarante(?:e|es)", [{"guarante"}]),
        (r"(?:fix|heal)(?:e?s)? your (?:\w+ )?backs?", [{"fix", "heal"}, {" your "}, {"back"}]),
        (r"(?<!no )(?:free|)visits?(?! ended)", [{"visit"}]),
        (r"(?:NO|a)x?\x27[st]", [{"'"}]),
        (r"[\w-]+ (?:\d|one)", []),
    ],
)
def test_stems_are_what_a_match_must_contain(pattern, stems):
    assert list(stems_of(pattern)) == stems


def test_a_long_sentence_is_kept_once_for_all_that_it_says():
    """Thousands of findings, each with 60,000 signs of its own, took all of a small server."""
    sentences = [finding.sentence for finding in check_text("Free visits " * 40, BOTH)]
    assert len(sentences) >= 20
    assert len(set(map(id, sentences))) == 1


def test_no_allowed_phrase_hides_a_forbidden_one_beside_it():
    for _, rule, text in FORBIDDEN[::16]:
        beside = f"{ALLOWED[0]}\n{text}\n{ALLOWED[20]}"
        assert rule in found(beside), text


def test_each_word_with_many_readings_is_used_and_spelled_out():
    text = FILE.read_text("utf-8")
    words = tomllib.loads(text)["words"]
    patterns = "".join(PATTERNS)
    for word in words:
        assert f"{text}{EXCUSE}".count(word) > 1, word
        assert not re.search(rf"[(|]{word}\b", patterns), word


def test_patterns_need_no_curly_sign_and_no_accent():
    """Curly signs are made straight, and accents taken off, before anything is looked for."""
    assert not [one for one in PATTERNS if fold(one)[0] != one]


# Disguised letters


@pytest.mark.parametrize(
    "word",
    [
        "guar\u00adan\u00adtee",
        "g\u200bu\u200ba\u200br\u200ba\u200bn\u200bt\u200be\u200be",
        "gu\u0430r\u0430nt\u0435\u0435",
        "gu\u03b1rantee",
        "ｇｕａｒａｎｔｅｅ",
        "𝗴𝘂𝗮𝗿𝗮𝗻𝘁𝗲𝗲",
        "guárantéé",
        "guara\u0301ntee",
        "G\u2060UARANTEE",
    ],
)
def test_disguised_letters_are_read_and_shown_as_they_stand(word):
    text = f"Première ligne…\nWe {word} it, s\u00adpecialist."
    first, second = check_text(text, ("physiotherapists",))
    assert (first.phrase, second.phrase) == (word, "s\u00adpecialist")
    assert text[first.start :].startswith(word)
    assert first.sentence == f"We {word} it, s\u00adpecialist."


def test_letters_of_another_script_stay_what_they_are():
    assert fold("Наша клиника открыта ß")[0] == "Наша клиника открыта ß"


# Questions, denials and conditions


@pytest.mark.parametrize(
    "text",
    [
        "Do you guarantee that I will run? No.",
        "Do you guarantee that I will run?\nNo. Nobody can.",
        "Is a cure guaranteed? Unfortunately not.",
        "Will you fix my back for good? We can’t promise that.",
        "Are you specialists? No, and we will say when you need one.",
        "Est-ce garanti? Non.",
    ],
)
def test_a_question_that_is_answered_with_no_is_no_claim(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Do you guarantee that I will run? Yes!",
        "Do you guarantee results?\nOf course.",
        "Want guaranteed relief? No problem.",
        "Do you promise a cure? We do.",
        "Garantissez-vous mes résultats? Oui, c’est garanti.",
    ],
)
def test_a_question_that_is_answered_with_yes_is_a_claim(text):
    assert "pt-guarantee" in found(text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("pt-package", "Ten-visit package, $900. No refunds, no single visits."),
        ("pt-package", "A block of eight visits. We never refund single visits."),
        ("pt-package", "Five visits for $400. Refunds are not possible; single visits cost $95."),
        ("pt-free-offer", "The only clinic with a free assessment!"),
        ("pt-free-offer", "We treat many conditions. Free assessment!"),
        ("pt-free-offer", "Once and for all: book your free consultation."),
        ("pt-guarantee", "Without drugs or needles we cure your sciatica."),
        ("pt-superiority", "No fees are hidden because we are the best clinic in Ajax."),
    ],
)
def test_a_denial_of_something_else_excuses_nothing(rule, text):
    assert rule in found(text)


# Quotes and stories


@pytest.mark.parametrize(
    "text",
    [
        "“I could lift my arm after a month.”\nJane Doe",
        "« Je dors mieux. »\n– Luc B.",
        '"They listened to me."\nA patient from Thornhill',
        "How our oldest patient overcame her vertigo",
        "Ivan came to us on crutches. Three months later he was back on the ice.",
        "Aisha’s story",
    ],
)
def test_a_quote_with_a_name_and_a_story_are_testimonials(text):
    assert found(text) == {"pt-testimonial", "mt-testimonial"}


@pytest.mark.parametrize(
    "text",
    [
        "“Stay active.”\nCanadian guideline, 2021",
        "“How long will it take?” is what people ask.",
        "How people recover after a fracture",
        "Priya came to us from Ottawa in 2019 and runs marathons.",
    ],
)
def test_other_quotes_and_stories_are_none(text):
    assert found(text) == set()


# Languages


@pytest.mark.parametrize(
    ("text", "is_unchecked"),
    [
        ("Garantizamos que su dolor desaparece con una sola visita para usted.", True),
        ("Wir garantieren, dass die Schmerzen nach der Behandlung nicht wiederkommen.", True),
        ("我們保證您的疼痛會完全消失，請立即預約。", True),
        ("نضمن لك الشفاء التام بعد جلسة واحدة", True),
        ("Nous répondons à toutes vos questions sur la douleur.", False),
        ("Acupuncture, dry needling, massage, taping, orthotics, exercise, cupping", False),
        ("We speak English, Español, 粵語 and ਪੰਜਾਬੀ with you.", False),
        ("Mei-Ling Sample (陳美玲)", False),
    ],
)
def test_a_text_in_a_language_that_the_rules_do_not_know_is_told(text, is_unchecked):
    assert bool(unchecked_in(f"A line in English for all of you.\n{text}")) == is_unchecked
