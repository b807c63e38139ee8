"""What the page says of a typed text whose correct answer is not known."""

from types import SimpleNamespace

import pytest

from seq2seq.jobs.limits import Limits
from seq2seq.ui.components.settings import default_recipe
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import answer, comparison


@pytest.fixture(scope="module")
def lab() -> Lab:
    """A lab in which nobody trains."""
    return Lab(SimpleNamespace(limits=Limits(), num_active=0, on_forgotten=None))


def said_of(lab: Lab, task: str, text: str) -> str:
    return comparison(answer(lab, None, default_recipe(task), text))


def test_an_unknown_word_is_marked_and_the_model_answers_all_the_same(lab):
    said = said_of(lab, "translation-en-fr", "The bearr sleeps.")
    assert "the grammar does not cover “bearr”. The nearest word that it covers: “" in said
    assert "The model reads it as “unknown”." in said
    assert "“unknown” never occurs in training here" in said
    assert "no reference answer" in said
    assert "(unknown to the model)" in said


def test_known_words_in_an_uncovered_order_are_answered_too(lab):
    said = said_of(lab, "translation-en-de", "The cat the dog sees.")
    assert "“the” cannot follow “the cat” here. A similar sentence that is covered: “" in said
    assert "unknown" not in said.replace("no reference", "")


def test_a_covered_sentence_needs_no_remark(lab):
    assert "no reference" not in said_of(lab, "translation-en-fr", "The cat sees the dog.").lower()
