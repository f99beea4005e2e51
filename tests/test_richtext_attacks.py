"""No text runs a script, whichever way it comes in; and what was cleaned is clean for good."""

from contextlib import suppress

import hypothesis
import pytest
from django.core import serializers
from django.core.exceptions import ValidationError

from clinic_site import sample_content
from clinic_site.models import Page
from clinic_site.richtext.field import SHORT, ProseField
from clinic_site.richtext.html import headings, parse_fragment
from tests.attacks import ATTACKS, CLOSED, TEXTS, Faults, attacks_fixture, texts

pytestmark = pytest.mark.django_db

BODY = Page._meta.get_field("body")
SHORT_TEXT = ProseField(extensions=SHORT)


def faults(html):
    return Faults(html).found


def test_the_corpus_is_large_and_its_checker_sees():
    assert len(set(ATTACKS)) >= 60
    # Three hide in a value that may be any text.
    assert sum(not faults(attack) for attack in ATTACKS) == 3


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_only_what_a_text_may_hold(attack):
    once = BODY.clean_html(attack)
    assert not faults(once)
    assert BODY.clean_html(str(once)) == once
    with suppress(ValidationError):  # the form may rather refuse it
        assert not faults(BODY.clean(f"<p>Words.</p>{attack}", None))


@hypothesis.given(texts)
def test_a_generated_text_is_clean_and_cleaning_it_again_changes_nothing(html):
    for field in (BODY, SHORT_TEXT):
        once = field.clean_html(html)
        assert not faults(once)
        assert field.clean_html(str(once)) == once


@pytest.mark.parametrize("tag", ["aside", "figure", "details", "b", "unknown"])
@pytest.mark.parametrize("levels", [500, 30_000])
def test_a_text_with_too_many_levels_keeps_its_words(tag, levels):
    html = f"<{tag}>" * levels + f"</{tag}>" * levels + "Words &lt;b&gt;"
    assert BODY.clean_html(html) == "Words &lt;b&gt;"


def test_all_attacks_at_once_are_clean_after_a_save_and_from_a_fixture():
    for number, body in enumerate(TEXTS):
        Page.objects.create(title="T", slug=f"saved-{number}", summary="s", body=body)
    for row in serializers.deserialize("json", attacks_fixture()):
        row.save()
    saved, loaded = (
        list(Page.objects.filter(slug__startswith=slug).order_by("slug").values_list("body"))
        for slug in ("saved", "marker")
    )
    assert saved == loaded
    assert headings(parse_fragment(saved[0][0]))[-1][1] == f"h-{len(CLOSED) - 1}"
    assert not any(faults(body) for (body,) in saved)


def test_the_sample_s_files_are_cleaned_too(monkeypatch):
    read = sample_content.read

    def read_attacked(path):
        head, body = read(path)
        return head, "".join(ATTACKS[:20]) + body

    monkeypatch.setattr(sample_content, "read", read_attacked)
    sample_content.load()
    bodies = Page.objects.values_list("body", flat=True)
    assert len(bodies) > 3
    assert not any(map(faults, bodies))
