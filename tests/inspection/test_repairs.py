"""Repairs: every trial equals the same change made by hand, and planted faults are found."""

from dataclasses import replace

import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.decoding.greedy import Prediction
from seq2seq.inspection.repairs import END, KINDS, Repairs

TEXT = "4 2 7 1 5"


def correct(experiment: Experiment, p: Prediction) -> bool:
    return p.finished and p.tokens in experiment.task.solutions(p.source)


def check(experiment: Experiment, found: Repairs, text: str) -> None:
    """Each trial of `found` against `predict` and `beam`."""
    assert found.step is not None
    for trial in found.trials:
        if trial.kind == "attention":
            size = len(found.prediction.positions)
            weights = [float(i == trial.position) for i in range(size)]
            p = experiment.predict(text, attention={found.step: weights})
            assert trial.repairs_step == (p.steps[found.step].token == found.expected)
        elif trial.kind == "token":
            assert trial.token == found.expected
            p = experiment.predict(text, forced={found.step: trial.token})
        elif trial.kind == "beam":
            best = experiment.beam(text, trial.width, trial.alpha).best[0]
            p = replace(found.prediction, tokens=best.tokens, finished=best.finished)
        elif trial.kind == "epoch":
            p = experiment.with_weights(experiment.snapshots[trial.epoch]).predict(text)
        else:
            p = experiment.predict(experiment.task.format(trial.source))
            assert len(trial.source) == len(found.prediction.source) - (trial.token is None)
        assert (trial.tokens, trial.is_correct) == (p.tokens, correct(experiment, p)), trial


def test_every_trial_equals_the_same_change_by_hand(small_experiment):
    found = small_experiment.repairs(TEXT)
    own = [step.token for step in found.prediction.steps]
    assert own[: found.step] == list(found.target)[: found.step]
    assert own[found.step] != found.expected
    top = dict(found.prediction.steps[found.step].top)
    assert 0 < found.expected_prob < 1
    if found.expected in top:
        assert list(top)[found.rank - 1] == found.expected
    has_attention = found.prediction.attention is not None
    assert {t.kind for t in found.trials} == set(KINDS) - ({"attention"} if not has_attention
                                                           else set())
    check(small_experiment, found, TEXT)


def test_trials_of_a_trained_model(trained):
    wrong = [a for a in trained.answers("longer") if not a.is_correct][:3]
    successful = []
    for answer in wrong:
        text = trained.task.format(answer.example.source)
        found = trained.repairs(text)
        check(trained, found, text)
        successful += found.successful
    assert successful


def look_aside(experiment: Experiment, after: str, position: int) -> Experiment:
    """A copy whose decoder looks at a wrong position after it has read the token `after`."""
    faulty = experiment.with_weights(experiment.snapshots[8])
    step, reads = faulty.model.step, faulty.splits.target_vocabulary.id_of(after)

    def shifted(token_ids, state, source, weights=None):
        if weights is None and (token_ids == reads).any():
            weights = source.memory.new_zeros(len(token_ids), source.memory.size(1))
            weights[:, position] = 1
        return step(token_ids, state, source, weights)

    faulty.model.step = shifted
    return faulty


def test_attention_to_a_wrong_position_is_found(trained):
    text = "1 2 4 5 3"
    assert trained.repairs(text).trials == ()  # correct
    faulty = look_aside(trained, "4", 0)
    found = faulty.repairs(text)
    assert (found.step, found.expected, found.written) == (3, "2", "1")
    assert [t.position for t in found.of("attention") if t.is_correct] == [1]
    assert [t.is_correct for t in found.of("token")] == [True]


def test_an_earlier_epoch_that_knew_better_is_found(trained):
    faulty = trained.with_weights(trained.snapshots[0])
    found = faulty.repairs("1 2 4 5 3", {0: trained.snapshots[0], 8: trained.snapshots[8]})
    assert [(t.epoch, t.is_correct) for t in found.of("epoch")] == [(0, False), (8, True)]


def test_each_input_token_is_removed_once_and_replaced_by_others():
    found = Experiment("reverse", small_model(), SMALL).repairs("4 2 7 1")
    removed = [t.source for t in found.of("input") if t.token is None]
    assert removed == [("2", "7", "1"), ("4", "7", "1"), ("4", "2", "1"), ("4", "2", "7")]
    replaced = {(t.position, t.token) for t in found.of("input") if t.token is not None}
    assert replaced == {(i, d) for i, old in enumerate("4271") for d in "0123456789" if d != old}


@pytest.mark.parametrize("pairs", ["one -> a\ntwo -> b\nthree -> c"])
def test_own_pairs_and_inputs_without_a_reference(pairs):
    experiment = Experiment("pairs", small_model(), SMALL, pairs=pairs)
    found = experiment.repairs("one")
    assert found.target == ("a",)
    assert found.of("token")
    unknown = experiment.repairs("two three")
    assert unknown.target is None
    assert unknown.trials == ()


def test_a_token_with_the_number_of_the_end_token_is_never_written():
    """The bug “double-end”: the model means “1”, and the answer ends."""
    experiment = Experiment("reverse", small_model("gru", "dot", fault="double-end"), SMALL)
    for text in ("1", "2 1", "3 1 4"):
        found = experiment.repairs(text)
        if found.expected == "1":
            assert not any(trial.repairs_step for trial in found.trials)
            break
    else:
        raise AssertionError("no answer is wrong where a 1 should be")


def test_the_end_token_counts_as_a_token(trained):
    found = trained.repairs("1 2 4 5 3")
    assert found.step is None
    early = look_aside(trained, "4", 4)
    step = early.model.step

    def ends(token_ids, state, source, weights=None):
        log_probs, state, weights = step(token_ids, state, source, weights)
        if len(token_ids) == 1:
            log_probs = log_probs.clone()
            log_probs[:, 2] = 0
        return log_probs, state, weights

    early.model.step = ends
    found = early.repairs("1 2 4 5 3")
    assert (found.step, found.written, found.expected) == (0, END, "3")
