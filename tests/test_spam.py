"""The spam score: each sign, and what becomes of 300 genuine and 300 spam messages.

200 of each were written beside the scorer. The 100 in the blind files were written by somebody who
had not read it: it then quarantined 35 of their 100 spam messages and no genuine one. Since it was
mended by what they taught they are blind no more; how it does on the next ones is not known.
"""

import re
import sys
import time
import tomllib
from dataclasses import replace
from ipaddress import ip_address
from itertools import groupby
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies

from contact.intake.spam import (
    FLOOD_COUNT,
    THRESHOLD,
    Assessment,
    Signals,
    assess,
    network_hash,
    normalised,
)

CORPUS = Path(__file__).parent / "spam_corpus"
CALM = Signals(seconds_since_render=60)
LONG = "I would like to be seen about my shoulder before the end of the month."
KEY = b"not a secret"


def corpus(name):
    return tomllib.loads((CORPUS / f"{name}.toml").read_text(encoding="utf-8"))["message"]


GENUINE, SPAM = corpus("genuine"), corpus("spam")
BLIND_GENUINE, BLIND_SPAM = corpus("blind_genuine"), corpus("blind_spam")
LANGUAGES = {
    language: list(rows)
    for language, rows in groupby(
        sorted(GENUINE + BLIND_GENUINE, key=lambda row: row["language"]),
        key=lambda row: row["language"],
    )
}


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


def judged(rows):
    return [(row, assess(row, signals_of(row))) for row in rows]


def table(results):
    return "\n".join(
        f"{found.score:3} {row['name']}: {row['message'][:60]!r} {found.reasons}"
        for row, found in results
    )


def score(message="", signals=CALM, **fields):
    return assess({"name": "Ana Marker", "message": message} | fields, signals).score


def is_quarantined(message="", signals=CALM, **fields):
    return assess({"name": "Ana Marker", "message": message} | fields, signals).is_quarantined


# The figures.


def test_corpus_is_300_and_300_and_names_nobody():
    assert [len(rows) for rows in (GENUINE, SPAM, BLIND_GENUINE, BLIND_SPAM)] == [
        200,
        200,
        100,
        100,
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in CORPUS.glob("*.toml"))
    assert set(re.findall(r"//(?:www\.)?[\w.-]*?(\w+)(?=[/\"?\s\]>\\]|$)", text)) == {"example"}
    assert set(re.findall(r"\w@[\w.-]*?(\w+)(?=[\s\",])", text)) == {"example"}
    for row in GENUINE + SPAM + BLIND_GENUINE + BLIND_SPAM:
        assert "55501" in re.sub(r"\D", "", row.get("phone", "55501"))


@pytest.mark.parametrize("rows", [GENUINE, BLIND_GENUINE], ids=["own", "blind"])
def test_at_most_two_in_a_hundred_genuine_messages_are_quarantined(rows):
    wrong = [(row, found) for row, found in judged(rows) if found.is_quarantined]
    sys.stdout.write(f"{len(wrong)} of {len(rows)} genuine messages quarantined\n")
    assert len(wrong) <= len(rows) * 0.02, table(wrong)


@pytest.mark.parametrize("rows", [SPAM, BLIND_SPAM], ids=["own", "blind"])
def test_at_least_nine_in_ten_spam_messages_are_quarantined(rows):
    missed = [(row, found) for row, found in judged(rows) if not found.is_quarantined]
    sys.stdout.write(f"{len(rows) - len(missed)} of {len(rows)} spam messages quarantined\n")
    assert len(missed) <= len(rows) * 0.1, table(missed)


def test_most_spam_is_known_by_its_text_alone():
    found = sum(assess(row, CALM).is_quarantined for row in SPAM + BLIND_SPAM)
    assert found >= 240, f"{found} of 300 spam quarantined by text alone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_quarantined(language):
    wrong = [(row, found) for row, found in judged(LANGUAGES[language]) if found.is_quarantined]
    assert not wrong, table(wrong)


def test_figures_do_not_rest_on_the_ending_of_the_made_up_addresses():
    for row in GENUINE + SPAM + BLIND_GENUINE + BLIND_SPAM:
        other = row | {
            field: row[field].replace(".example", ".ca") for field in ("name", "message")
        }
        assert assess(other, signals_of(row)) == assess(row, signals_of(row))


@pytest.mark.parametrize(
    "message",
    [
        "Do you have packages? What is the price per visit, is there a guarantee or a free call?",
        "I'm a web designer and my wrist hurts. Your website is lovely by the way.",
        "I own a small business and sit all day. Could you come and look at our desks?",
        "Your website doesn't work on my phone. I clicked book now and then click here.",
        "The link does not work, I get a WordPress error: www.ourclinic.example/book",
        "I noticed your website says closed on Monday but Google says open.",
        "Can I make $50 payments per month? I earn $2,000 a month on disability.",
        "My old physio's page is www.old.example/team/anna. Is the first call for free?",
        "I work in marketing and advertising. Note: https://drive.docs.example/abc",
        "I'm reaching out because I came across your clinic online. Are you taking new clients?",
        "We are a home care agency. Our clients need therapy: https://homecare.example/ref/12",
        "Our law firm represents a client hurt in a crash: https://lawfirm.example/req?id=2",
        "Pouvez-vous m'envoyer un devis? Le lien de la mutuelle: https://mutuelle.example/form",
        "My dad lost money on bitcoin and then had a stroke. Can he pay later?",
        "My son was born with cryptorchidism, now his hip hurts. See Dr 2 weeks ago note.",
        "My name is Seo Ji-ho and I have a sprained knee.",
        "i hAvE bAcK pAiN lol",
        "Viagra, Cialis, Botox, cortisone, oxycodone, cannabis: I take them all. May I swim?",
        "My knee.it hurts. Mon.-Fri. a.m./p.m. and/or Sat. 24/7, call after 5.30/6",
        "Rechtsschutzversicherung",
        "Pain during sex since the birth. A woman therapist please.",
        "I run a small web design company with 5 clients, and my neck hurts from the computer. Do "
        "you offer video calls over Zoom or WhatsApp? Is there a discount for several people?",
        "I'm a real estate agent, in my car all day with clients, a busy business owner, so can we "
        "have a quick call about rates and packages? My website is www.homesbyanna.example",
        "I'd love to come in. Dear Sir or Madam, kindly tell me the price, I am my uncle's next of "
        "kin and pay his bills.",
    ],
)
def test_patients_who_sound_like_sellers_are_delivered(message):
    assert not is_quarantined(message), assess({"message": message}, CALM).reasons


# Each sign.


def test_a_calm_message_has_no_sign():
    assert assess({"name": "Ana Marker", "message": LONG}, CALM) == Assessment(0, ())


@pytest.mark.parametrize(
    ("signals", "points"),
    [
        ({"honeypot": "Canada"}, 3),
        ({"honeypot": "  "}, 0),
        ({"seconds_since_render": None}, 3),
        ({"seconds_since_render": -5}, 3),
        ({"seconds_since_render": 1.9}, 3),
        ({"seconds_since_render": 2.5}, 2),
        ({"seconds_since_render": 3.0}, 1),
        ({"seconds_since_render": 5.0}, 0),
        ({"seconds_since_render": 86_400}, 0),
        ({"is_key_reused": True}, 1),
        ({"same_message_count": 1}, 1),
        ({"same_message_count": 3}, 3),
        ({"same_message_count": 6}, 5),
        ({"from_network_count": 3}, 0),
        ({"from_network_count": 4}, 1),
        ({"from_network_count": 10}, 3),
        ({"from_network_count": 30}, 5),
    ],
)
def test_signs_of_the_sending(signals, points):
    assert score(LONG, replace(CALM, **signals)) == points


def test_autofill_in_three_seconds_is_delivered_and_a_program_is_not():
    autofill = Signals(honeypot="Ontario", seconds_since_render=3.1)
    assert not is_quarantined("Please call me", autofill)
    assert is_quarantined("Please call me", replace(autofill, seconds_since_render=0.4))
    assert is_quarantined("https://one.example https://two.example", autofill)


def test_short_texts_are_alike_by_chance():
    many = replace(CALM, same_message_count=50)
    assert score("Please call me back", many) == score("", many) == 0


@pytest.mark.parametrize(
    ("message", "points"),
    [
        ("See www.family-doctor.example", 2),
        ("See family-doctor.com", 2),
        ("See family-doctor.example/fax", 2),
        ("https://a.example/1 https://a.example/1", 2),
        ("https://a.example/1 https://a.example/2", 3),
        ("https://a.example/1 https://a.example/2 https://a.example/3", 5),
        ("Write to ana@mail.com", 0),
        ("It is <b>urgent</b>", 2),
        ('<a href="mailto:x">write</a>', 4),
        ("[url]x[/url]", 4),
        ("a@m.example b@m.example", 0),
        ("a@m.example b@m.example c@m.example", 2),
        ("kXbVtRzQwLpDcN", 3),
        ("xcvbnmsdfgh", 3),
        ("paypаl", 2),
        ("Vеrify yоur ассоunt", 4),
        ("МРТ L5-S1, болит", 0),
        ("cl\u200bick", 2),
        ("c\u200bl\u200bi\u200bc\u200bk", 4),
        ("می\u200cکند क\u200dष 👩\u200d⚕️", 0),
        ("\U0001d5d9\U0001d5ff\U0001d5f2\U0001d5f2", 2),
        ("We have backlinks", 3),
        ("Backlinks and guest posts", 5),
        ("We have backlinks\nfor local businesses", 5),
        ("Is your business open?", 2),
        ("Your business. Our agency.", 3),
        ("Your business. Our agency. Visit our page.", 4),
        ("Your business. Our agency. Visit our page. Guaranteed.", 5),
        ("A software that helps with an invoice", 1),
        ("A loan and a casino", 1),
        ("A loan, a casino, a prize", 2),
        ("A loan, a casino, a prize, an auction, a jackpot, a plugin", 3),
        ("A loan, a casino, a prize, an auction, a jackpot, a plugin, pills, malware", 4),
        ("<script>x</script>", 6),
        ("x' OR 1=1 --", 4),
        ("${jndi:ldap}", 4),
        ("sWtTxQr", 0),
        ("sWtTxQry", 3),
        ("VanDerBergJr", 3),
        ("VanDerBerg", 0),
    ],
)
def test_signs_of_the_message(message, points):
    assert score(message) == points


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"name": "http://win.example"}, 5),
        ({"name": "Visit www.deals.example"}, 5),
        ({"name": "ana@mail.example"}, 0),
        ({"name": "J. St. John-Smythe Jr.the third"}, 0),
        ({"name": "Krzysztof Schwarzschild"}, 0),
        ({"name": "JfLmPqRsWz"}, 3),
        ({"name": "RobertMig"}, 2),
        ({"name": "Robert McDonald"}, 0),
        ({"name": "McDonald"}, 0),
        ({"name": "DeShawn"}, 0),
        ({"times": "https://calendar.example/me"}, 3),
        ({"times": "weekdays.after 5, a.m./p.m."}, 0),
        ({"name": "call me", "message": "Call  me"}, 2),
        ({"name": "call me", "times": "call me", "message": "call me"}, 4),
        ({"name": None, "times": None, "message": None}, 0),
    ],
)
def test_signs_of_the_fields(fields, points):
    assert assess(fields, CALM).score == points


def test_other_fields_are_not_read():
    typed = {"email": "http://x", "phone": "http://x", "service": object(), "page": 3}
    assert assess(typed, CALM).score == 0


def test_who_leaves_a_phone_number_may_speak_of_their_trade():
    words = "We rank websites: keywords, ads, sales, leads, clicks. See www.mine.example"
    assert is_quarantined(words)
    assert not is_quarantined(words, phone="+14165550142")


def test_reasons_are_sentences_with_most_points_first_and_repeat_nothing_typed():
    typed = {"name": "http://marker.example", "message": "marker https://marker.example"}
    reasons = assess(typed, replace(CALM, honeypot="marker", is_key_reused=True)).reasons
    assert reasons == (
        "The name contains a link.",
        "A field that people can’t see was filled in.",
        "The message contains links.",
        "The same form was sent before with different text.",
    )


# The breaker.


def test_in_a_flood_a_weak_sign_sets_aside_and_no_sign_does_not():
    flood = replace(CALM, site_count=FLOOD_COUNT + 1)
    assert not is_quarantined(LONG, flood)
    found = assess({"message": LONG}, replace(flood, seconds_since_render=4))
    assert found.is_quarantined
    assert found.reasons[-1] == "The site is getting far more enquiries than usual."


@pytest.mark.parametrize(
    ("site_count", "usual_hourly", "is_flood"),
    [(20, 0, False), (21, 0, True), (21, 2.0, True), (21, 3.0, False), (31, 3.0, True)],
)
def test_a_flood_is_ten_times_the_usual_and_more_than_twenty(site_count, usual_hourly, is_flood):
    signals = Signals("", 4, site_count=site_count, usual_hourly=usual_hourly)
    assert is_quarantined(LONG, signals) == is_flood


# Any input.

texts = strategies.text(max_size=200) | strategies.sampled_from(
    [row["message"] for row in GENUINE + SPAM]
)
counts = strategies.integers(0, 1000)
all_signals = strategies.builds(
    Signals,
    honeypot=strategies.text(max_size=20),
    seconds_since_render=strategies.none() | strategies.floats(),
    is_key_reused=strategies.booleans(),
    same_message_count=counts,
    from_network_count=counts,
    site_count=counts,
    usual_hourly=strategies.floats(0, 100),
)


@hypothesis.given(texts, texts, texts, all_signals)
def test_any_input_gets_a_score_and_a_reason_for_every_sign(name, times, message, signals):
    found = assess({"name": name, "times": times, "message": message}, signals)
    assert found.score >= len(found.reasons) >= (1 if found.score else 0)
    assert found.is_quarantined == (found.score >= THRESHOLD)


@hypothesis.given(texts, all_signals, counts, strategies.floats(0, 100))
def test_another_sign_never_lowers_the_score(message, signals, more, sooner):
    before = score(message, signals)
    worse = [
        replace(signals, honeypot="Canada"),
        replace(signals, is_key_reused=True),
        replace(signals, same_message_count=signals.same_message_count + more),
        replace(signals, from_network_count=signals.from_network_count + more),
        replace(signals, site_count=signals.site_count + more),
    ]
    if signals.seconds_since_render is not None:
        worse.append(replace(signals, seconds_since_render=signals.seconds_since_render - sooner))
    assert all(score(message, signals) >= before for signals in worse)
    assert score(f"{message} https://more.example/x", signals) >= before
    assert score(message, signals, times="https://more.example/x") >= before


@pytest.mark.parametrize(
    "piece",
    ["a.", "<a ", "[url", "http://", "a-", "rank a a a ", "aB", "b\u200b", "@a.", "we are a "],
)
def test_no_text_is_slow(piece):
    start = time.thread_time()  # what others make the machine do is not counted
    score(piece * (2000 // len(piece)))
    assert time.thread_time() - start < 0.5


# The helpers the view uses.


def test_copies_are_equal_whatever_case_width_space_and_figures():
    assert normalised("  Call\n ME at 905-555-0142 ") == normalised("call me at 1-2-3")
    assert normalised("ＳＥＯ １２") == normalised("seo 9")
    assert normalised("knee") != normalised("hip")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8::1", "2001:db8::ffff:0:0:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_a_network_is_a_24_or_a_64(one, other, is_same):
    assert (network_hash(ip_address(one), KEY) == network_hash(ip_address(other), KEY)) == is_same


def test_a_network_hash_needs_the_key_and_holds_no_address():
    found = network_hash(ip_address("192.0.2.1"), KEY)
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert found != network_hash(ip_address("192.0.2.1"), b"another")
