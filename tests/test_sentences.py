"""Sentences: where one ends, and which short forms and initials end none."""

import pytest

from services.compliance.sentences import sentence_end

END = sentence_end(".!?")


@pytest.mark.parametrize(
    "text",
    [
        "Ask Dr. Sample about it.",
        "Move it, e.g. walk a little.",
        "Rest it, i.e. sit down. | E.g. on a chair.",
        "Heat vs. cold.",
        "Read No. 5 first.",
        "Written by J. R. Sample in May.",
        "Does it hurt? | No. | It is fine.",
        "So do I. | You will see.",
        "Walk to St. Clair. | Then rest.",
        "He said “stop”. | Then he went.",
        "One line\n | another",
    ],
)
def test_where_sentences_end(text):
    sentences = text.split(" | ")
    assert END.split(" ".join(sentences).replace("\n ", "\n")) == [
        one.rstrip("\n") for one in sentences
    ]
