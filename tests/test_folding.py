import pytest

from clinic_site.web.folding import fold_for_search, fold_lookalikes, without_invisible


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("élodie", "Elodie"),
        ("cote", "CÔTÉ"),
        ("o'brien", "O’Brien"),
        ("wide", "ＷＩＤＥ"),
        ("dang", "Đặng"),
        ("lukasz", "Łukasz"),
        ("strasse", "Straße"),
        ("two words", " two\u00a0\n words "),
    ],
)
def test_search_folds_both_sides_alike(typed, stored):
    assert fold_for_search(typed) == fold_for_search(stored)


def test_part_of_a_name_in_another_script_finds_it():
    assert fold_for_search("美玲") in fold_for_search("陳美玲")
    assert fold_for_search("أحمد") in fold_for_search("محمد أحمد")


def test_invisible_characters_go():
    assert without_invisible("gua\u00adran\u200btee\u202e") == "guarantee"


@pytest.mark.parametrize("disguised", ["𝕊𝔼𝕆", "ЅЕО", "ｓｅｏ", "s\u200beo", "seо"])
def test_disguised_words_are_read(disguised):
    assert fold_lookalikes(disguised).casefold() == "seo"


@pytest.mark.parametrize("text", ["Физиотерапия", "φυσικοθεραπεία", "naïve", "Côté", "美玲"])
def test_other_words_stay(text):
    assert fold_lookalikes(text) == text
