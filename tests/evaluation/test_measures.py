"""The field's measures, against sacrebleu's and jiwer's own functions on the same lines."""

import jiwer
import pytest
import sacrebleu

from seq2seq.evaluation.measures import TITLES, measures, text_measures, token_measures
from seq2seq.evaluation.metrics import Answer
from seq2seq.tasks import Example, get_task

WRITTEN = ["the cat sleeps", "a dog does not eat", "the small house", "we are here today", ""]
CORRECT = ["the cat sleeps", "the dog does not eat it", "the house small", "here we are", "yes"]


def answer(written: str, *correct: str) -> Answer:
    first, *others = (tuple(text.split()) for text in correct)
    return Answer(Example(("x",), first, tuple(others)), tuple(written.split()), True)


FOUND = [answer(w, c) for w, c in zip(WRITTEN, CORRECT, strict=True)] * 20


def values(found) -> dict[str, float]:
    return {m.name: m.value for m in found}


def test_they_are_what_the_libraries_compute():
    told = values(token_measures(FOUND) + text_measures(FOUND, " ".join))
    lines, references = WRITTEN * 20, CORRECT * 20
    assert told["bleu"] == pytest.approx(sacrebleu.corpus_bleu(lines, [references]).score)
    assert told["chrf"] == pytest.approx(sacrebleu.corpus_chrf(lines, [references]).score)
    assert told["translation_edit_rate"] == pytest.approx(
        sacrebleu.corpus_ter(lines, [references]).score)
    assert told["token_error_rate"] == pytest.approx(100 * jiwer.wer(references, lines))
    assert told["character_error_rate"] == pytest.approx(100 * jiwer.cer(references, lines))
    assert told["exact_match"] == 20


def test_any_of_several_correct_answers_counts():
    several = [answer("here we are again", "we are here today", "here we are again"),
               answer("the black cat sleeps", "the black cat sleeps")] * 10
    told = values(text_measures(several, " ".join))
    assert told["bleu"] == pytest.approx(100)
    assert told["character_error_rate"] == 0


def test_an_interval_contains_its_figure_and_shrinks_with_more_sources():
    few, many = (text_measures(FOUND[:n], " ".join) for n in (25, 100))
    for one, other in zip(few, many, strict=True):
        assert one.low < one.value < one.high
        assert other.high - other.low < one.high - one.low
    assert few == text_measures(FOUND[:25], " ".join)  # no figure changes with the day


def test_every_measure_has_a_title_and_sacrebleus_a_signature():
    found = measures(FOUND, get_task("pairs", "a b -> c d"))
    assert [m.name for m in found] == list(TITLES)
    assert [m.name for m in found if "version:" in m.signature] == [
        "bleu", "chrf", "translation_edit_rate"]


def test_bleu_is_left_out_where_no_answer_has_four_words():
    """It would be 0 although all answers are correct."""
    short = [answer("the cat sleeps", "the cat sleeps")]
    assert "bleu" not in values(text_measures(short, " ".join))


def test_all_correct_is_not_certainty():
    exact = token_measures([answer("yes", "yes")] * 200)[0]
    assert (exact.value, exact.high) == (100, pytest.approx(100))
    assert 98 < exact.low < 98.3  # Wilson's interval


def test_bleu_is_not_computed_where_answers_are_no_words():
    assert [m.name for m in measures(FOUND, get_task("reverse"))] == [
        "exact_match", "token_error_rate"]


def test_without_answers_there_are_no_figures():
    assert measures([], get_task("pairs")) == []
