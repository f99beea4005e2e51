"""Names in another script carry their language."""

import pytest
from django.template import Context, Template

from clinic_site.web.languages import language_of, with_languages


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("陳美玲", "zh-Hant"),
        ("陈美玲", "zh-Hans"),
        ("李明", "zh-Hant"),
        ("佐藤さくら", "ja"),
        ("김민서", "ko"),
        ("عائشہ ڈار", "ur"),
        ("محمد الفاتح", "ar"),
        ("پری", "fa"),
        ("प्रिया", "hi"),
        ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "pa"),
        ("Олена Їжак", "uk"),
        ("Ольга", "ru"),
    ],
)
def test_script_tells_the_language(name, language):
    assert language_of(name) == language
    assert with_languages(f"Mei ({name}), PT") == f'Mei (<bdi lang="{language}">{name}</bdi>), PT'


@pytest.mark.parametrize("name", ["Élodie Łuk", "O’Brien-Nguyễn Thị", "PT, MScPT 12", "🙂", ""])
def test_latin_names_stay_as_they_are(name):
    assert with_languages(name) == name


def test_everything_is_escaped():
    page = Template("{% load site %}{{ name|with_languages }}")
    html = page.render(Context({"name": "<b>陳&</b>"}))
    assert html == '&lt;b&gt;<bdi lang="zh-Hant">陳</bdi>&amp;&lt;/b&gt;'
