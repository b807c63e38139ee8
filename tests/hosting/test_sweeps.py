"""Sweeps: which recipes they have, and when the next one is trained."""

from types import SimpleNamespace

import pytest

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.errors import ConfigError, LabFullError, RunGoneError
from seq2seq.hosting import sweeps as module
from seq2seq.hosting.sweep_grid import read_axis, recipes
from seq2seq.hosting.sweeps import Sweeps
from seq2seq.jobs.run import Run
from seq2seq.training.events import EpochEnd

BASE = Recipe("reverse", train=TrainConfig(num_epochs=2, num_examples=50))
SIZES = read_axis("hidden_size", "8, 16,8")
EPOCH = EpochEnd(1, 1.5, 1.6, 0.5, 0.5, {"new": 0.5}, ())


class Server:
    """A stand-in for `Runs`: the test decides when a run ends."""

    def __init__(self):
        self.runs, self.recordings, self.watched, self.is_full = [], {}, [], False

    def submit(self, owner, recipe):
        if self.is_full:
            raise LabFullError("full")
        run = Run(f"run-{len(self.runs)}", owner, recipe, "", status="running",
                  _runs=SimpleNamespace())
        self.runs.append(run)
        return run

    def watch(self, run_id):
        if not any(run.id == run_id for run in self.runs):
            raise RunGoneError("gone")
        self.watched.append(run_id)

    def get(self, run_id):
        return next(run for run in self.runs if run.id == run_id)

    def stop(self, run_id):
        self.get(run_id).status = "stopped"

    def resume(self, run_id, address, num_held):
        self.get(run_id).status = "running"

    def recording_of(self, recipe):
        return self.recordings.get(recipe)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def sweeps(server):
    return Sweeps(server, server.submit)


def states(sweep):
    return [cell.status for cell in sweep.cells]


def test_the_cells_are_all_combinations():
    axes = [SIZES, read_axis("attention", "none, dot")]
    assert SIZES.values == (8, 16)
    found = recipes(BASE, axes)
    assert [(r.model.hidden_size, r.model.attention) for r in found] == [
        (8, "none"), (8, "dot"), (16, "none"), (16, "dot")]
    assert {r.train for r in found} == {BASE.train}
    rates = recipes(BASE, [read_axis("learning_rate", "0.01, 0.003")])
    assert [r.train.learning_rate for r in rates] == [0.01, 0.003]
    assert {r.model for r in rates} == {ModelConfig()}
    flags = recipes(BASE, [read_axis("fresh", "yes, no")])
    assert [r.train.fresh for r in flags] == [True, False]


@pytest.mark.parametrize(("setting", "values", "words"), [
    ("speed", "1", "“speed” is not a setting"), ("fault", "endless", "is not a setting"),
    ("hidden_size", " , ", "Write the values of “Hidden size”"),
    ("hidden_size", "8, many", "Hidden size is “many”"),
    ("attention", "dot, no", "Attention is “no”"),
    ("seed", ",".join(map(str, range(13))), "at most 12 models")])
def test_a_value_that_is_not_allowed_gets_a_sentence(setting, values, words):
    with pytest.raises(ConfigError, match=words):
        read_axis(setting, values)


def test_a_sweep_has_two_to_twelve_models_and_different_settings():
    with pytest.raises(ConfigError, match="at least two models"):
        recipes(BASE, [read_axis("hidden_size", "8")])
    with pytest.raises(ConfigError, match="16 models: a sweep has at most 12"):
        recipes(BASE, [read_axis("seed", "1,2,3,4"), read_axis("batch_size", "8,16,32,64")])
    with pytest.raises(ConfigError, match="two different ones"):
        recipes(BASE, [SIZES, SIZES])
    with pytest.raises(ConfigError):  # each value is allowed, but not together
        recipes(BASE, [read_axis("min_length", "1, 6"), read_axis("max_length", "5")])


def test_one_cell_after_the_other_is_trained_while_the_sweep_is_watched(server, sweeps):
    sweep = sweeps.start("me", BASE, [SIZES])
    assert states(sweep) == ["training", "waiting"]
    server.runs[0].events.append(EPOCH)
    sweeps.advance(sweep)
    assert states(sweep) == ["training", "waiting"]
    assert sweep.cells[0].epochs == (EPOCH,)
    assert server.watched == ["run-0"]
    server.runs[0].status = "done"
    sweeps.advance(sweep)
    assert states(sweep) == ["done", "training"]
    server.runs[1].status = "done"
    sweeps.advance(sweep)
    assert not any(isinstance(value, Run) for cell in sweep.cells
                   for value in vars(cell).values()), "a deleted run's weights would stay"
    assert (states(sweep), sweep.is_active) == (["done", "done"], False)
    assert len({run.owner for run in server.runs} | {"me"}) == 3, "they displace no own run"
    assert sweeps.of("me") is sweeps.find(sweep.id) is sweep
    assert sweeps.find("x") is sweeps.find(None) is None


def test_what_was_trained_here_before_is_not_trained_again(server, sweeps):
    known = Run("old", "other", BASE, "", status="done", events=[EPOCH])
    server.recordings = {recipe: known for recipe in recipes(BASE, [SIZES])}
    sweep = sweeps.start("me", BASE, [SIZES])
    assert states(sweep) == ["done", "done"]
    assert sweep.cells[1].epochs == (EPOCH,)
    assert server.runs == []


def test_a_full_server_delays_the_next_cell(server, sweeps):
    server.is_full = True
    sweep = sweeps.start("me", BASE, [SIZES])
    assert (states(sweep), sweep.note, sweep.is_active) == (["waiting", "waiting"], "full", True)
    server.is_full = False
    sweeps.advance(sweep)
    assert (states(sweep), sweep.note) == (["training", "waiting"], "")


def test_a_stopped_sweep_continues_where_it_was(server, sweeps):
    sweep = sweeps.start("me", BASE, [SIZES])
    sweeps.stop("me")
    assert (server.runs[0].status, states(sweep)) == ("stopped", ["waiting", "waiting"])
    sweeps.advance(sweep)
    assert len(server.runs) == 1
    assert not sweep.is_active
    sweeps.resume(sweep)
    assert (server.runs[0].status, states(sweep)) == ("running", ["training", "waiting"])
    server.runs[0].status, server.runs[0].note = "stopped", "out of time"  # by the server
    sweeps.advance(sweep)
    assert (sweep.is_stopped, sweep.note) == (True, "out of time")


def test_a_failed_cell_is_left_out_and_a_lost_one_is_trained_again(server, sweeps):
    sweep = sweeps.start("me", BASE, [SIZES])
    server.runs[0].status, server.runs[0].error = "failed", "it failed"
    sweeps.advance(sweep)
    assert states(sweep) == ["failed", "training"]
    server.runs.clear()
    sweeps.advance(sweep)
    assert states(sweep) == ["failed", "training"]
    assert len(server.runs) == 1


def test_a_new_sweep_stops_the_older_one_and_a_large_recipe_starts_nothing(
        server, sweeps, monkeypatch):
    def estimate(recipe):
        if recipe.model.hidden_size == 512:
            raise ConfigError("too large")

    monkeypatch.setattr(module, "estimate", estimate)
    first = sweeps.start("me", BASE, [SIZES])
    with pytest.raises(ConfigError, match="too large"):
        sweeps.start("me", BASE, [read_axis("hidden_size", "8, 512")])
    assert first.is_active
    sweeps.start("me", BASE, [SIZES])
    assert first.is_stopped
