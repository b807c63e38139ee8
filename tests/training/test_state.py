"""A training that is continued in another process gives the same events."""

from dataclasses import replace

import pytest
import torch
from conftest import SMALL, small_model

from seq2seq import Experiment, Recipe
from seq2seq.errors import CheckpointError, StopTraining
from seq2seq.hosting.training_job import training_job
from seq2seq.training.events import ScoredModel, Snapshot, StepEnd
from seq2seq.training.loop import sample_answers
from seq2seq.training.state import TrainingState


def told(recipe: Recipe, state: bytes = b"") -> list:
    """All events, and the weights of each snapshot (the clock decides whether it has a state)."""
    return [(e.epoch, e.weights) if isinstance(e, Snapshot) else e
            for e in training_job(recipe, state) if e is not None]


@pytest.mark.parametrize(("kind", "change"), [
    ("rnn", {"optimizer": "sgd"}), ("gru", {}),
    ("gru", {"optimizer": "adam", "teacher_forcing": 0.5}), ("lstm", {"optimizer": "sgd"}),
    ("lstm", {"fresh": True, "curriculum": 0.5, "schedule": "constant"}), ("transformer", {}),
    ("transformer", {"optimizer": "adam", "teacher_forcing": 0.5})], ids=str)
def test_it_goes_on_to_the_last_digit(kind, change, monkeypatch):
    monkeypatch.setattr("seq2seq.hosting.training_job.STATE_SECONDS", 0.0)
    model = small_model(kind, "dot", dropout=0.3, num_layers=2)
    recipe = Recipe("reverse", model, replace(SMALL, num_epochs=3, **change))
    states = {e.epoch: e.state for e in training_job(recipe) if isinstance(e, Snapshot)}
    whole = told(recipe)
    assert states.pop(0) == b""  # nothing to go on from
    assert sorted(states) == [1, 2, 3]
    for epoch, state in states.items():
        torch.manual_seed(epoch)  # the global generator must play no part
        done = [isinstance(e, tuple) and e[0] == epoch for e in whole].index(True)
        assert told(recipe, state) == whole[done + 1:]


def test_a_mean_over_steps_of_two_epochs_is_not_lost(monkeypatch):
    """A point of the curve may stand for steps before and after the state."""
    monkeypatch.setattr("seq2seq.hosting.training_job.STATE_SECONDS", 0.0)
    monkeypatch.setattr("seq2seq.training.events.MAX_POINTS", 5)
    recipe = Recipe("reverse", small_model(), replace(SMALL, num_epochs=4))
    state = next(e.state for e in training_job(recipe) if isinstance(e, Snapshot) and e.epoch == 1)
    rest = told(recipe, state)
    assert rest == told(recipe)[-len(rest):]


def test_a_model_too_large_is_begun_again_instead(monkeypatch):
    monkeypatch.setattr("seq2seq.hosting.training_job.MAX_STATE_BYTES", 1000)
    recipe = Recipe("reverse", small_model(), SMALL)
    assert not any(e.state for e in training_job(recipe) if isinstance(e, Snapshot))


def test_what_is_no_state_is_a_sentence():
    with pytest.raises(CheckpointError, match="Press Train to run the recipe again"):
        TrainingState(b"no state")


def test_stopped_in_an_epoch_it_tells_where_it_stands_and_goes_on_as_if_it_had_not():
    recipe = Recipe("reverse", small_model(), replace(SMALL, num_epochs=3))
    job, events = training_job(recipe), []
    for event in job:
        events.append(event)
        if isinstance(event, StepEnd) and event.epoch == 2:
            break
    rest = [job.throw(StopTraining()), *job]
    last, = (e for e in rest if e is not None)
    assert isinstance(last, ScoredModel)
    assert 1 < last.epoch < 2
    state = next(e for e in events if isinstance(e, Snapshot) and e.epoch == 1)
    model = Experiment.from_recipe(recipe).with_weights(last.weights)
    assert last.weights != state.weights
    assert last.scores == model.scores()
    assert [s.predicted for s in last.samples] == [
        s.predicted for s in sample_answers(model.model, model.splits)]
