"""Names in another script carry their language."""

import re

import pytest
from django.conf import settings
from django.template import Context, Template

from clinic_site.web.languages import language_of, with_languages
from tests.enquiries import make


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


@pytest.mark.usefixtures("sample_site")
def test_names_of_the_team_carry_their_language(client):
    for path in ("/", "/team/", "/team/mei-ling-sample/"):
        assert '<bdi lang="zh-Hant">陳美玲</bdi>' in client.get(path).content.decode()


def test_traditional_letters_come_first_and_simplified_ones_when_they_are_meant():
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    base = (settings.BASE_DIR / "static/css/base.css").read_text()
    assert "PingFang TC" in tokens
    assert " SC" not in tokens
    for language, font in (("zh-Hant", "TC"), ("zh-Hans", "SC")):
        assert re.search(rf":lang\({language}\) {{\s*font-family: \"PingFang {font}\"", base)


@pytest.mark.usefixtures("sample_site")
def test_what_patients_type_has_the_direction_of_its_language(client, admin_client):
    html = client.get("/contact/").content.decode()
    for name in ("name", "times", "message"):
        assert 'dir="auto"' in re.search(rf'<\w+[^>]*name="{name}"[^>]*>', html)[0]
    enquiry = make(name="عائشہ ڈار", message="میرا گھٹنا درد کرتا ہے")
    page = admin_client.get(f"/admin/contact/enquiry/{enquiry.pk}/change/").content.decode()
    assert '<h1 dir="auto">عائشہ ڈار</h1>' in page
    assert '<div class="enquiry__message" dir="auto">' in page
