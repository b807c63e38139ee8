import pytest
import torch

from seq2seq.metrics import Answer, exact_match, held_out_loss, token_accuracy, token_loss
from seq2seq.tasks import Example


def answer(target, written, finished=True):
    return Answer(Example(("x",), tuple(target)), tuple(written), finished)


def test_exact_match_wants_every_token_and_the_end():
    found = [answer("abc", "abc"), answer("abc", "abd"), answer("abc", "ab"),
             answer("abc", "abc", finished=False)]
    assert [a.is_correct for a in found] == [True, False, False, False]
    assert exact_match(found) == 0.25
    assert exact_match([]) is None


def test_token_accuracy_counts_the_end_mark():
    assert token_accuracy([answer("abc", "abc")]) == 1
    assert token_accuracy([answer("abc", "abd")]) == 3 / 4
    assert token_accuracy([answer("abc", "ab")]) == 2 / 4
    assert token_accuracy([answer("abc", "abc", finished=False)]) == 3 / 4
    assert token_accuracy([]) is None


def test_padding_is_not_counted_in_the_loss():
    log_probs = torch.randn(1, 3, 7).log_softmax(2)
    expected = -(log_probs[0, 0, 5] + log_probs[0, 1, 2]) / 2
    assert token_loss(log_probs, torch.tensor([[5, 2, 0]])).item() == pytest.approx(
        expected.item())


def test_nothing_held_out_has_no_loss(small_experiment):
    assert held_out_loss(small_experiment.model, small_experiment.splits, ()) is None


def test_answers_do_not_look_at_targets(small_experiment):
    """Evaluation never sees targets: wrong ones change the marks, not the answers."""
    from seq2seq.metrics import answers
    examples = small_experiment.splits.new[:10]
    lies = [Example(e.source, ("0",) * len(e.target)) for e in examples]
    model, splits = small_experiment.model, small_experiment.splits
    assert ([a.tokens for a in answers(model, splits, examples)]
            == [a.tokens for a in answers(model, splits, lies)])
