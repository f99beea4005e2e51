"""The spam score: each sign, what the model learns, and what becomes of our test messages.

`python -m tests.spam_corpus` prints the figures for texts that the model has not seen. Of the test
messages, the 200 in the blind files were written by somebody who had not read the scorer, and the
model is not trained on them.
"""

import re
import sys
import time
from dataclasses import replace
from ipaddress import ip_address
from itertools import groupby

import hypothesis
import pytest
from hypothesis import strategies

from contact.intake import spam_model
from contact.intake.spam import (
    FLOOD_COUNT,
    THRESHOLD,
    Assessment,
    Signals,
    assess,
    count_copies,
    hurry,
    network_hash,
    normalised,
    sketch,
    text_signs,
)
from tests.spam_corpus import FOLDER, corpus_hash, load, messages, signals_of

CALM = Signals(seconds_since_render=60)
LONG = "I would like to be seen about my shoulder before the end of the month."
KEY = b"not a secret"

GENUINE, SPAM = messages("genuine"), messages("spam")
BLIND_GENUINE, BLIND_SPAM = messages("blind_genuine"), messages("blind_spam")
SECOND = messages("second_genuine") + messages("second_spam")
LANGUAGES = {
    language: list(rows)
    for language, rows in groupby(
        sorted(GENUINE + BLIND_GENUINE, key=lambda row: row["language"]),
        key=lambda row: row["language"],
    )
}


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
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml"))
    assert set(re.findall(r"//(?:www\.)?[\w.-]*?(\w+)(?=[/\"?\s\]>\\]|$)", text)) == {"example"}
    assert set(re.findall(r"\w@[\w.-]*?(\w+)(?=[\s\",])", text)) == {"example"}
    for row in GENUINE + SPAM + SECOND + BLIND_GENUINE + BLIND_SPAM:
        assert "55501" in re.sub(r"\D", "", row.get("phone") or "55501")


def test_starting_corpus_is_broad_and_the_model_is_made_from_it():
    genuine, spam = load("start_genuine"), load("start_spam")
    assert len(genuine) >= 30
    assert sum(map(len, genuine.values())) >= 300
    assert len(spam) >= 10
    assert min(map(len, spam.values())) >= 10
    known = spam_model.shipped_model().corpus == corpus_hash()
    assert known, "run: python -m tests.spam_corpus"


@pytest.mark.parametrize("rows", [GENUINE, BLIND_GENUINE], ids=["own", "blind"])
def test_at_most_one_in_a_hundred_genuine_messages_are_quarantined(rows):
    wrong = [(row, found) for row, found in judged(rows) if found.is_quarantined]
    sys.stdout.write(f"{len(wrong)} of {len(rows)} genuine messages quarantined\n")
    assert len(wrong) <= len(rows) * 0.01, table(wrong)


@pytest.mark.parametrize("rows", [SPAM, BLIND_SPAM], ids=["own", "blind"])
def test_at_least_nine_in_ten_spam_messages_are_quarantined(rows):
    missed = [(row, found) for row, found in judged(rows) if not found.is_quarantined]
    sys.stdout.write(f"{len(rows) - len(missed)} of {len(rows)} spam messages quarantined\n")
    assert len(missed) <= len(rows) * 0.1, table(missed)


def test_most_spam_is_known_by_its_text_alone():
    found = sum(assess(row, CALM).is_quarantined for row in SPAM + BLIND_SPAM)
    assert found >= 270, f"{found} of 300 spam quarantined by text alone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_quarantined(language):
    wrong = [(row, found) for row, found in judged(LANGUAGES[language]) if found.is_quarantined]
    assert not wrong, table(wrong)


def test_figures_do_not_rest_on_the_ending_of_the_made_up_addresses():
    for row in GENUINE + SPAM + BLIND_GENUINE + BLIND_SPAM:
        other = row | {
            field: row[field].replace(".example", ".ca") for field in ("name", "message")
        }
        ours, theirs = assess(row, signals_of(row)), assess(other, signals_of(row))
        assert ours.is_quarantined == theirs.is_quarantined


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
        "I trade bitcoin and other crypto for a living, and since Friday my neck won't turn right.",
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
        ({"seconds_since_render": 4.9}, 3),
        ({"seconds_since_render": 5.0}, 0),
        ({"seconds_since_render": 86_400}, 0),
        ({"is_key_reused": True}, 1),
        ({"same_message_count": 1}, 1),
        ({"same_message_count": 3}, 3),
        ({"same_message_count": 6}, 5),
        ({"near_copy_count": 60}, 0),
        ({"marked_copy_count": 9}, 0),
        ({"from_network_count": 3}, 0),
        ({"from_network_count": 4}, 1),
        ({"from_network_count": 60}, 1),
        ({"from_network_count": 100}, 5),
    ],
)
def test_signs_of_the_sending(signals, points):
    assert score(LONG, replace(CALM, **signals)) == points


@pytest.mark.parametrize(("seconds", "points"), [(1.9, 3), (2.9, 2), (4.9, 1), (5, 0)])
def test_a_few_words_are_sent_within_seconds_with_autofill(seconds, points):
    assert score("knee", replace(CALM, seconds_since_render=seconds)) == points
    autofill = Signals(honeypot="Ontario", seconds_since_render=3.1)
    assert not is_quarantined("knee", autofill)
    assert not is_quarantined("", autofill)


OFFER = "We fit new windows in offices and would be glad to measure yours this week."


@pytest.mark.parametrize(
    ("text", "seconds", "points"),
    [
        (f"{OFFER} {OFFER}"[:150], 3.5, 3),
        ("x" * 400, 8, 3),
        ("x" * 1500, 20, 3),
        ("x" * 400, 20, 2),
        ("x" * 2000, 30, 0),
        ("x" * 2000, 300, 0),
        ("asdf asdf asdf", 1.1, 4),
        ("asdf", 1.1, 3),
    ],
)
def test_haste_counts_characters_per_second(text, seconds, points):
    assert hurry(seconds, len(text), is_patient=False)[0] == points


def test_a_patient_who_pastes_a_prepared_text_is_delivered():
    pasted = f"{LONG} It aches at night, and my doctor suggested physiotherapy. " * 4
    link = f"{pasted} The report: https://hospital.example/r/1"
    for seconds in (5, 7, 12):
        assert score(pasted, replace(CALM, seconds_since_render=seconds)) == 1
        assert not is_quarantined(link, replace(CALM, seconds_since_render=seconds))
        autofill = replace(CALM, seconds_since_render=seconds, honeypot="Ontario")
        assert not is_quarantined(pasted, autofill)
    assert not is_quarantined(pasted, replace(CALM, seconds_since_render=3))


@pytest.mark.parametrize("text", [LONG, "Please call me back", OFFER, "हाल का दर्द है, फोन करें"])
@pytest.mark.parametrize("seconds", [0.4, 2, 3, 4, 4.9])
def test_a_filled_trap_or_a_link_is_enough_when_it_is_sent_within_seconds(text, seconds):
    fast = replace(CALM, seconds_since_render=seconds)
    assert is_quarantined(text, replace(fast, honeypot="Canada"))
    assert is_quarantined(f"{text} https://one.example/a", fast)
    assert not is_quarantined(LONG, fast)


@pytest.mark.parametrize(("count", "points"), [(3, 0), (4, 1), (10, 3), (30, 5)])
def test_a_text_that_is_not_a_patient_s_may_not_come_often_from_one_network(count, points):
    calm = score("Hello there", CALM)
    assert score("Hello there", replace(CALM, from_network_count=count)) - calm == points


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
        ("Your website is outdated", 2),
        ("Your website doesn't open", 0),
        ("Your website shows last year's hours", 0),
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
    assert sum(found for found, _ in text_signs("Ana Marker", "", message, None)) == points


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
    with_phone, without = ([*text_signs("Ana", "", words, phone)] for phone in ("+14165550142", ""))
    assert sum(found for found, _ in with_phone) < sum(found for found, _ in without)


@pytest.mark.parametrize("text", ["We sell towels, do you want some?", "Who orders your towels?"])
def test_a_phone_number_makes_a_text_less_like_spam(text):
    assert score(text, phone="+14165550142") < score(text)
    assert score(LONG, phone="+14165550142") == score(LONG)


@pytest.mark.parametrize(
    "message",
    [
        "We have twelve guests coming for a wedding who want massages. My bank sends you a cheque "
        "for more than the price, and you give the rest to our driver in cash.",
        "Good morning, I'm abroad without reception and want therapy for my parents. I'll put "
        "an extra sum on the card, kindly transfer that part to their helper.",
        "Hello, I looked for a therapist nearby and your clinic came last. I do this for dentists "
        "too and it brings them new people every week. May I show you how?",
        "Is this the owner? I have a proposal for your clinic that I'd like to explain by phone.",
        "Our readers voted for your clinic. The award plaque and the gala table cost 400 dollars.",
    ],
)
def test_polite_offers_and_overpayments_are_caught_without_a_link(message):
    assert is_quarantined(message)


def test_reasons_are_sentences_with_most_points_first_and_repeat_nothing_typed():
    typed = {"name": "http://marker.example", "message": "marker of my knee https://marker.example"}
    hasty = replace(CALM, honeypot="marker", is_key_reused=True, seconds_since_render=1.6)
    assert assess(typed, hasty).reasons == (
        "The name contains a link.",
        "Sent 2 seconds after opening the page.",
        "A field that people can’t see was filled in.",
        "The message contains links.",
        "The same form was sent before with different text.",
    )


def test_reasons_say_how_often_it_came_and_what_it_reads_like():
    offer = "We redesign your website and bring it to the first page of Google search results."
    reasons = assess({"message": offer}, replace(CALM, near_copy_count=4)).reasons
    assert "The same text, or nearly the same, came 4 times in the last day." in reasons
    told = "It reads like spam, most of all like offers of websites, advertising or software."
    assert told in reasons


# Disguises, near-copies and other languages.


@pytest.mark.parametrize(
    "text",
    [
        "𝕊𝔼𝕆",
        "ЅЕО",
        "S E O",
        "s.e.o",
        "S-E-O",
        "S_E_O",
        "ＳＥＯ",
        "🅂🄴🄾",
        "🅢🅔🅞",
        "🇸🇪🇴",
        "S̶E̶O̶",
        "S​E​O",
        "$eo",
        "ꜱᴇᴏ",
    ],
)
def test_words_are_read_through_a_disguise(text):
    assert spam_model.words_of(f"We do {text} here") == ["we", "do", "seo", "here"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("G00gle c4sino v1agra cr3dit", "google casino viagra credit"),
        ("c h e a p  l i n k s", "cheap links"),
        ("L4-L5, T12, 3x a day, B12, OCF-18", "l 0 l 0 t 0 0 x a day b 0 ocf 0"),
        ("I am a nurse", "i am a nurse"),
        ("Côté, Renée", "cote renee"),
    ],
)
def test_folding_joins_letters_and_leaves_patients_words(text, words):
    assert " ".join(spam_model.words_of(text)) == words


NEAR = (
    "Hello {a}, this is {b} from {c}. We fit windows in clinics and can replace yours for only "
    "${d}. {c} works with {e} offices in Ontario. Shall I call on {f}? {b}"
)
COPIES = [
    NEAR.format(a="Ana", b="Peter Novak", c="ClearPane", d=199, e=40, f="Monday"),
    NEAR.format(a="team", b="Lucy Hale", c="Bright Glass Works", d="2,450", e="sixty", f="Friday"),
    NEAR.format(a="there", b="Omar", c="WINDOW HEROES", d=99, e=300, f="Tuesday").upper(),
]


def test_near_copies_are_found_under_other_names_and_prices():
    others = [sketch(text) for text in COPIES[1:]]
    assert count_copies(sketch(COPIES[0]), others) == (0, 2)
    assert count_copies(sketch(COPIES[0]), [*others, sketch(COPIES[0])]) == (1, 3)
    assert count_copies(sketch(LONG), others) == (0, 0)
    assert count_copies(sketch(""), ["", *others]) == (0, 0)
    assert len(sketch(COPIES[0] * 9)) <= 256


def test_patients_do_not_write_near_copies_of_each_other():
    sketches = [
        sketch(row["message"]) for row in GENUINE + BLIND_GENUINE if len(row["message"]) > 40
    ]
    assert sum(count_copies(one, sketches)[1] - 1 for one in sketches) <= 2


@pytest.mark.parametrize(
    "message",
    [
        "Bonjour, nous créons des boutiques en ligne pour les entreprises. Voulez-vous un devis?",
        "Estimado dueño, su sitio web no aparece en Google. Le ofrecemos una auditoría gratuita.",
        "Уважаемые партнёры, предлагаем рекламу и продвижение вашего сайта со скидкой.",
        "您好，我们提供海外推广和网站优化服务，价格优惠，欢迎合作。",
        "نقدم لكم خدمات تصميم المواقع والتسويق بأسعار خاصة، تواصل معنا.",
        "Wir bieten günstige Kredite ohne Schufa, jetzt in fünf Minuten beantragen.",
    ],
)
def test_offers_in_other_languages_are_caught_slow_and_without_a_link(message):
    assert is_quarantined(message)


@pytest.mark.parametrize(
    "text", ["hello", "Hi", "Hi there", "price?", "bonjour", "你好", "سلام", "test", "www"]
)
def test_a_few_words_never_read_like_spam(text):
    assert not is_quarantined(text)
    assert not is_quarantined(text, replace(CALM, learned=taught([text] * 50, is_spam=True)))


# What the clinic teaches.


def taught(texts, is_spam, learned=None):
    learned = dict(learned or {})
    for text in texts:
        learned |= spam_model.lesson(text, is_spam, learned)
    return learned


def test_spam_that_staff_mark_is_caught_next_time_and_not_spam_takes_it_back():
    pitch = "We paint murals on the walls of {}, come and see our colours. {}"
    seen = [pitch.format(where, "Tom") for where in ("schools", "parks", "hotels")]
    next_one = pitch.format("churches", "See https://murals.example/oak")
    learned = taught(seen * 3, is_spam=True)
    before, after = (assess({"message": next_one}, replace(CALM, learned=x)) for x in ({}, learned))
    assert after.score > before.score
    assert after.is_quarantined
    assert "Your team marked messages like it as spam." in after.reasons[0]
    taken_back = taught(seen * 6, is_spam=False, learned=learned)
    assert assess({"message": next_one}, replace(CALM, learned=taken_back)).score <= before.score


@pytest.mark.parametrize("start", [0, 100])
def test_two_hundred_false_clicks_quarantine_no_patient(start):
    texts = [row["message"] for row in (GENUINE + BLIND_GENUINE)[start : start + 200]]
    learned = taught(texts, is_spam=True)
    poisoned = replace(CALM, learned=learned, marked_copy_count=9)
    wrong = [text for text in texts if is_quarantined(text, poisoned)]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    "text",
    [
        "Hei, haluaisin varata ajan ensi viikolle. Polveni on kipeä.",
        "Dobrý den, bolí mě koleno a potřebuji cvičit.",
        "Zorbu klan drevt mosk aplin vurt senda.",
        "My name is Seo Ji-ho. Please call me.",
        "Ich heiße Anna Kredit und mein Knie tut weh.",
        "我的肩膀很痛，想约时间。",
        "कंधे में दर्द है, समय चाहिए।",
    ],
)
def test_no_lesson_quarantines_a_language_a_name_or_words_of_health(text):
    learned = taught([text] * 200, is_spam=True)
    assert not is_quarantined(text, replace(CALM, learned=learned))


def test_a_near_copy_of_marked_spam_is_a_weak_sign():
    marked = replace(CALM, marked_copy_count=9)
    assert score(OFFER, marked) - score(OFFER) == 3
    assert is_quarantined(OFFER, replace(marked, learned=taught([OFFER] * 3, is_spam=True)))


def test_a_lesson_keeps_no_word():
    lesson = spam_model.lesson("Zebra Marker has a sore knee", True, {})
    assert all(isinstance(bucket, int) and bucket < 2**18 for bucket in lesson)


# The breaker.


def test_in_a_flood_no_weak_sign_quarantines_a_patient():
    flood = replace(CALM, site_count=FLOOD_COUNT * 10)
    for sign in (
        {"seconds_since_render": 4},
        {"is_key_reused": True},
        {"from_network_count": 12},
        {"same_message_count": 1},
        {"near_copy_count": 60},
    ):
        assert not is_quarantined(LONG, replace(flood, **sign)), sign
    assert not is_quarantined(f"{LONG} https://hospital.example/report", flood)


@pytest.mark.parametrize(
    ("site_count", "usual_hourly", "is_flood"),
    [(20, 0, False), (21, 0, True), (21, 2.0, True), (21, 3.0, False), (31, 3.0, True)],
)
def test_a_flood_is_ten_times_the_usual_and_more_than_twenty(site_count, usual_hourly, is_flood):
    signals = replace(CALM, site_count=site_count, usual_hourly=usual_hourly)
    text = "Our company has a platform and an invoice software, https://one.example/ two.example/x"
    reasons = assess({"message": text}, signals).reasons
    assert ("The site is getting far more enquiries than usual." in reasons) == is_flood


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
    near_copy_count=counts,
    marked_copy_count=counts,
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
        replace(signals, near_copy_count=signals.near_copy_count + more),
        replace(signals, marked_copy_count=signals.marked_copy_count + more),
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


def test_an_enquiry_costs_less_than_20_ms():
    text = " ".join(row["message"] for row in GENUINE)[:2000]
    sketches = [sketch(row["message"]) for row in GENUINE + SPAM] * 2

    def cost():
        start = time.thread_time()
        score(text)
        count_copies(sketch(text), sketches)
        return time.thread_time() - start

    assert min(cost() for _ in range(5)) < 0.02


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
