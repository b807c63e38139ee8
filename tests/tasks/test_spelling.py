"""Spelling to phonemes: the shipped lists, several correct answers, and the model."""

import random

import pytest

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.data.splits import make_splits, splits_of
from seq2seq.data.vocabulary import Vocabulary
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import Answer, answers, edit_distance, exact_match, token_error_rate
from seq2seq.speech import phonemes
from seq2seq.tasks import Example, get_task
from seq2seq.tasks.spelling import FOLDER, LETTERS, LONGEST, PHONEMES, shipped

TASK = get_task("spelling")
R = ("R", "IY", "D"), ("R", "EH", "D")


def test_the_alphabets_are_those_of_the_ready_model():
    splits = make_splits(TASK, TASK.train)
    assert splits.source_vocabulary.symbols == Vocabulary("'ABCDEFGHIJKLMNOPQRSTUVWXYZ").symbols
    codes = ("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH "
              "UH UW V W Y Z ZH")
    assert " ".join(splits.target_vocabulary.symbols) == codes


def test_the_shipped_lists_are_small_clean_and_apart():
    words, held_out = shipped("words"), shipped("held-out")
    assert (len(words), len(held_out)) == (4000, 500)
    assert not set(words) & set(held_out)
    for word, sounds in {**words, **held_out}.items():
        assert set(word) <= set(LETTERS)
        assert len(set(sounds)) == len(sounds) >= 1
        assert all(sound and set(sound) <= set(PHONEMES) for sound in sounds)
    assert max(map(len, words)) == LONGEST
    assert "Carnegie Mellon" in (FOLDER / "LICENSE.cmudict").read_text()


@pytest.mark.parametrize(("text", "tokens"), [
    ("Nightingale", "NIGHTINGALE"), ("  polish ", "POLISH"), ("don’t", "DON'T"), ("B a d", "BAD")])
def test_words_are_read_in_any_case(text, tokens):
    assert "".join(TASK.parse(text)) == tokens


@pytest.mark.parametrize("text", ["", " ", "naïve", "r2d2", "well-known", "x" * 300, None,
                                  "ß", "ﬁ"])
def test_what_is_not_a_word_gets_a_sentence(text):
    with pytest.raises(InputError) as caught:
        TASK.parse(text)
    assert 20 < len(str(caught.value)) < 200


def test_only_the_shipped_words_have_a_known_answer():
    assert TASK.solve(TASK.parse("polish")) == ("P", "AA", "L", "IH", "SH")
    assert len(TASK.solutions(TASK.parse("polish"))) == 2
    assert TASK.solve(TASK.parse("blorptastic")) is None
    assert TASK.solutions(TASK.parse("blorptastic")) == ()
    for text in TASK.more_examples:
        TASK.parse(text)


def test_the_three_sets():
    splits = make_splits(TASK, TASK.train)
    assert {e.source for e in splits.train} == set(shipped("words"))
    assert len(splits.train) > 4000  # every pronunciation is an example
    assert splits.new[0].source == TASK.parse(TASK.example)
    assert len(splits.new) + len(splits.longer) == 500
    assert min(len(e.source) for e in splits.longer) > LONGEST
    assert make_splits(TASK, TASK.train).train == splits.train


def test_fresh_examples_are_words_of_the_list():
    rng = random.Random(1)
    assert all(TASK.sample(rng, n) in shipped("words") for n in range(1, 15))


def test_an_example_faces_the_answer_that_was_written():
    example = Example(("R",), R[0], (R[1],))
    assert example.with_nearest_target(R[0]) == example
    assert example.with_nearest_target(("X",)) == example
    assert example.with_nearest_target(R[1]) == Example(("R",), R[1], (R[0],))
    assert Answer(example.with_nearest_target(R[1]), R[1], True).is_correct


def test_any_right_pronunciation_is_right():
    splits = splits_of(TASK, [Example(tuple("READ"), R[1])])
    experiment = Experiment("spelling", ModelConfig(hidden_size=16),
                            TrainConfig(num_epochs=40, learning_rate=0.02), data=splits)
    for _ in experiment.fit():
        pass
    asked = [Example(tuple("READ"), R[0], (R[1],)), Example(tuple("READ"), R[0])]
    for width in (1, 3):
        both, one = answers(experiment.model, experiment.splits, asked, width)
        assert both.tokens == one.tokens == R[1]
        assert both.is_correct
        assert not one.is_correct
        assert exact_match([both, one]) == 0.5
        assert token_error_rate([both, one]) == pytest.approx(1 / 6)


def test_a_prediction_is_compared_with_the_answer_it_is_nearest_to(monkeypatch):
    experiment = Experiment("spelling", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1))
    written = experiment.predict("polish").tokens
    monkeypatch.setattr(type(TASK), "solutions", lambda *_: (R[0], written))
    found = experiment.predict("polish")
    assert found.target == found.tokens


def test_given_examples_keep_their_order_and_hold_out_what_is_not_trained_on():
    train = [Example(tuple(word), R[0]) for word in ("ZOO", "ADD", "BEE")]
    splits = splits_of(TASK, train, [Example(tuple("ADD"), R[0]), Example(tuple("NEW"), R[0])])
    assert splits.train == (train[0], train[2])
    assert ["".join(e.source) for e in splits.new] == ["ADD", "NEW"]
    experiment = Experiment("spelling", ModelConfig(hidden_size=8), data=splits)
    list(experiment.fit(TrainConfig(num_epochs=1)))
    assert experiment.splits is splits


@pytest.mark.parametrize(("one", "other", "count"), [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)])
def test_edits(one, other, count):
    assert edit_distance(one, other) == count


def test_phoneme_errors_by_the_nearest_and_then_the_longer_reference():
    example = Example(("A",), ("K", "AE", "T"), (("K", "AE", "T", "S", "S"),))
    assert token_error_rate([Answer(example, ("K", "AE", "T", "S"), True)]) == pytest.approx(1 / 5)
    assert token_error_rate([]) is None


def test_phonemes_with_stress_are_refused():
    with pytest.raises(InputError, match="AE1"):
        TASK.parse_target("K AE1 T")
    assert get_task("reverse").parse_target("3 1") == get_task("reverse").parse_target("31")


def test_every_phoneme_of_the_lists_has_a_word_and_can_be_heard():
    said = {phoneme for name in ("words", "held-out") for sounds in shipped(name).values()
            for sound in sounds for phoneme in sound}
    assert said == set(phonemes.PHONEMES)
    rate, short = phonemes.pronounce(("K", "IY"))
    _, long = phonemes.pronounce(("K", "IY", "K", "IY", "K", "IY"))
    assert rate > 8000
    assert 0 < len(short) < len(long)
    assert abs(short).max() > 1000, "it is no silence"


@pytest.mark.parametrize("wrong", [(), ("QQ",), ("<eos>",)])
def test_what_is_no_sound_is_a_sentence(wrong):
    with pytest.raises(InputError, match=r"nothing to play|is not a phoneme"):
        phonemes.pronounce(wrong)
