"""Enters the sentence of each flagged phrase that still stands, for which a decision now holds."""

import re

from django.db import migrations, models

from clinic_site.passages import Passage, passages_of
from services.college_rules import sentence_at


def enter(apps, schema_editor):
    """Give a phrase the sentences it stands in, a row each; without one, its decision ends."""
    for one in apps.get_model("services", "FlaggedPhrase").objects.exclude(decision="gone"):
        found = {sentence.casefold(): sentence for sentence in sentences_of(apps, one)}
        for number, sentence in enumerate(found.values()):
            if number:
                one.pk, one._state.adding = None, True
            one.sentence = sentence
            one.save()


def sentences_of(apps, one):
    model = apps.get_model(one.content_type.app_label, one.content_type.model)
    row = model.objects.filter(pk=one.object_id).first()
    passages = passages_of(row) if row else []
    if row and one.content_type.model == "service":
        for part in row.questions.all():
            words = f"{part.question} {part.answer}"
            passages.append(Passage("", "Questions patients ask", words))
    for passage in passages:
        if passage.label[:80] == one.where:
            for found in re.finditer(re.escape(one.phrase), passage.words, re.IGNORECASE):
                yield sentence_at(passage.words, *found.span())


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0010_rights_called_article"),
        ("clinic_site", "0007_dead_links"),
        ("services", "0008_enter_review"),
    ]

    operations = [
        migrations.AddField("flaggedphrase", "sentence", models.TextField(blank=True)),
        migrations.RunPython(enter, migrations.RunPython.noop),
    ]
