"""What an editor may fix in a health text without another review."""

import pytest

from clinic_site.publishing.typos import more_than_a_typo

TEXT = (
    "Take one tablet of 1.5 mg in the mornng. Do not drive. It is safe to excercise for 20 "
    "minutes, 5 to 10 times. Physiotherapie helps, and a physiotherapist can show you how."
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mornng", "morning"),
        ("excercise", "exercise"),
        ("Physiotherapie helps,", "Physiotherapy helps"),
        ("show you", "show  you"),
        ("a physiotherapist can", "A physiotherapist can"),
        ("It is safe", "It’s safe"),
    ],
)
def test_fixing_a_typo(old, new):
    assert old in TEXT
    assert more_than_a_typo([TEXT], [TEXT.replace(old, new)]) == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("1.5 mg", "15 mg", "a number"),
        ("1.5 mg", "1.5 g", "a number"),
        ("one tablet", "two tablets", "a number"),
        ("20 minutes", "21 minutes", "a number"),
        ("5 to 10", "10 to 5", "a number"),
        ("Do not drive", "Do drive", "a word such as"),
        ("is safe", "is unsafe", "a word such as"),
        ("can show", "can’t show", "a word such as"),
        ("Do not drive.", "Do not drive. See https://x.example.", "a link"),
        ("helps", "helps everybody who comes to us", "more than 20"),
        ("Physiotherapie helps, and a physiotherapist can show you how.", "", "more than 20"),
    ],
)
def test_more_than_a_typo_is_named(old, new, problem):
    assert old in TEXT
    assert problem in more_than_a_typo([TEXT], [TEXT.replace(old, new)])


def test_images_links_and_parts_are_compared_too():
    link = ("Read more", [], ["https://one.example"])
    other = ("Read more", [], ["https://two.example"])
    assert "a link or an image" in more_than_a_typo([link], [other])
    assert "a link or an image" in more_than_a_typo([7], [8])
    assert more_than_a_typo([[["A sorce"]]], [[["A source"]]]) == ""
    assert "a link" in more_than_a_typo([[["https://one.example"]]], [[["https://two.example"]]])


def test_small_changes_in_several_texts_add_up():
    before = ["Physiotherapie helps"] * 12
    after = ["Physiotherapy helps"] * 12
    assert "more than 20" in more_than_a_typo(before, after)


def test_a_long_text_is_compared_at_once():
    before = "knee " * 20_000
    assert "more than 20" in more_than_a_typo([before], ["hip " * 20_000])
    assert more_than_a_typo([before + "mornng"], [before + "morning"]) == ""


def test_two_typos_far_apart_are_still_typos():
    between = "".join(f"Step {number} takes strength and rest. " for number in range(300))
    text = "A strong {} helps. " + between + "Rest in the {}."
    assert more_than_a_typo([text.format("kne", "mornng")], [text.format("knee", "morning")]) == ""


def test_a_long_text_without_spaces_is_compared_at_once():
    assert "more than 20" in more_than_a_typo(["x" * 200_000], ["y" * 200_000])
