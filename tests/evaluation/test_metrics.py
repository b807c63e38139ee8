import pytest
import torch

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.evaluation.metrics import (
    Answer,
    batches_that_fit,
    evaluate,
    exact_match,
    held_out_loss,
    token_accuracy,
    token_error_rate,
    token_loss,
)
from seq2seq.hosting.training_job import training_job
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.size import MAX_EVALUATION_VALUES
from seq2seq.recipe import Recipe
from seq2seq.tasks import Example


def answer(target, written, finished=True):
    return Answer(Example(("x",), tuple(target)), tuple(written), finished)


def test_exact_match_wants_every_token_and_the_end():
    found = [answer("abc", "abc"), answer("abc", "abd"), answer("abc", "ab"),
             answer("abc", "abc", finished=False)]
    assert [a.is_correct for a in found] == [True, False, False, False]
    assert exact_match(found) == 0.25
    assert exact_match([]) is None


def test_token_accuracy_counts_the_end_token():
    assert token_accuracy([answer("abc", "abc")]) == 1
    assert token_accuracy([answer("abc", "abd")]) == 3 / 4
    assert token_accuracy([answer("abc", "ab")]) == 3 / 4
    assert token_accuracy([answer("abc", "abc", finished=False)]) == 3 / 4
    assert token_accuracy([]) is None


def test_one_missing_or_extra_token_is_one_error_wherever_it_is():
    word = "beaches"
    assert token_accuracy([answer(word, "baches")]) == 7 / 8
    assert token_accuracy([answer(word, "beeaches")]) == 7 / 8
    assert token_accuracy([answer("ab", "abababab")]) == 0  # more edits than tokens
    assert token_accuracy([answer(word, word), answer("ab", "")]) == 9 / 11


def test_the_nearest_of_several_right_answers_counts():
    two = Answer(Example(("x",), tuple("abcd"), (tuple("wxyz"),)), tuple("wxz"), True)
    assert token_accuracy([two]) == 4 / 5
    assert token_error_rate([two]) == 1 / 4


def test_padding_is_not_counted_in_the_loss():
    log_probs = torch.randn(1, 3, 7).log_softmax(2)
    expected = -(log_probs[0, 0, 5] + log_probs[0, 1, 2]) / 2
    assert token_loss(log_probs, torch.tensor([[5, 2, 0]])).item() == pytest.approx(
        expected.item())


def test_nothing_held_out_has_no_loss(small_experiment):
    assert held_out_loss(small_experiment.model, small_experiment.splits, ()) is None


def test_answers_do_not_look_at_targets(small_experiment):
    """Evaluation never sees targets: wrong ones change the marks, not the answers."""
    from seq2seq.evaluation.metrics import answers
    examples = small_experiment.splits.new[:10]
    lies = [Example(e.source, ("0",) * len(e.target)) for e in examples]
    model, splits = small_experiment.model, small_experiment.splits
    assert ([a.tokens for a in answers(model, splits, examples)]
            == [a.tokens for a in answers(model, splits, lies)])


def test_an_evaluation_holds_a_bounded_number_of_numbers(monkeypatch):
    """A wide model with long sequences is evaluated a few rows at a time."""
    experiment = Experiment("reverse", ModelConfig(hidden_size=256, num_layers=3),
                            TrainConfig(num_examples=400, min_length=25, max_length=30,
                                        batch_size=16))
    seen = []

    class Seen(Exception):
        pass

    def encode(model, source, lengths):
        seen.append(source.shape)
        raise Seen

    monkeypatch.setattr(Seq2Seq, "encode", encode)
    with pytest.raises(Seen):
        evaluate(experiment.model, experiment.splits)
    with pytest.raises(Seen):
        held_out_loss(experiment.model, experiment.splits, experiment.splits.new)
    for rows, length in seen:
        # A state, two readers' inputs and outputs, and three gates, for each position and layer.
        assert rows * length * 12 * 256 * 3 <= MAX_EVALUATION_VALUES
        assert rows > 10


def test_in_parts_the_marks_are_the_same(small_experiment, monkeypatch):
    model, splits = small_experiment.model, small_experiment.splits
    whole = evaluate(model, splits)
    monkeypatch.setattr("seq2seq.models.size.MAX_EVALUATION_VALUES", 50_000)
    parts = list(batches_that_fit(model, splits, splits.new))
    assert len(parts) > 2
    assert [e for part in parts for e in part] == list(splits.new)
    again = evaluate(model, splits)
    assert again.scores == whole.scores
    assert again.held_out_loss == pytest.approx(whole.held_out_loss, rel=1e-5)


def test_others_have_turns_while_a_job_evaluates():
    recipe = Recipe("reverse", ModelConfig(hidden_size=8),
                    TrainConfig(num_epochs=1, num_examples=64, batch_size=64))
    events = list(training_job(recipe))
    kinds = [type(event).__name__ for event in events]
    step, end = kinds.index("StepEnd"), kinds.index("EpochEnd")
    assert kinds[step + 1 : end].count("NoneType") > 10
