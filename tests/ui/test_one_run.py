"""Pressing Train twice starts one run; notes suggest only changes that are possible."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.experiment import Experiment
from seq2seq.files.checkpoint import dump_weights
from seq2seq.hosting.startup import open_runs
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.training.events import EpochEnd, Started, StepEnd
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session
from seq2seq.ui.tabs.next_step import ACTIONS, BEST, next_step
from seq2seq.ui.tabs.train import TrainTab

OWNER = "x" * 22
PAIRS = "\n".join(f"w{i} -> v{i}" for i in range(30))


def test_a_second_press_follows_the_run_that_trains():
    lab = Lab()
    try:
        with gr.Blocks():
            tab = TrainTab(make_session(lab))
        recipe = Recipe("reverse", ModelConfig(hidden_size=8), TrainConfig(num_epochs=200))
        first = tab.start(OWNER, lambda: recipe)
        run = lab.find(first[tab.session.selected])
        assert first[tab.train]["interactive"] is False
        second = tab.start(OWNER, lambda: replace(recipe, task="sort"))
        assert second[tab.session.selected] == run.id
        assert "still training" in second[tab.problem]
        assert run.is_active
        assert lab.runs.of(OWNER) == [run]
        lab.runs.stop(run.id)
        assert tab.show_run(OWNER, run)[tab.train]["interactive"] is True
        third = lab.find(tab.start(OWNER, lambda: recipe)[tab.session.selected])
        tab.resume(OWNER, run)
        assert third.is_active
        assert not run.is_active
    finally:
        lab.runs.close()


def told(recipe: Recipe, scores: dict, *others: tuple[Recipe, dict], held=(), news=()):
    """The note; `held` and `news` are held-out losses and scores of the first epochs."""
    logs = {}

    def make(recipe, scores, number):
        run = Run(str(number), "me", recipe, f"Run {number} · x", status="done", created=number)
        logs[run.id] = SimpleNamespace(
            scores=scores, epoch=len(held) or recipe.train.num_epochs,
            curve=SimpleNamespace(held_x=range(1, len(held) + 1), held_y=list(held)),
            epochs=[SimpleNamespace(epoch=n, scores={"new": new}) for n, new in enumerate(news, 1)])
        run.blobs.update({n: b"weights" for n in range(len(held) + 1)})
        return run
    runs = [make(*other, n) for n, other in enumerate(others, 1)]
    mine = make(recipe, scores, len(runs) + 1)
    return next_step(mine, SimpleNamespace(of=lambda run: logs[run.id]), [*runs, mine])


@pytest.mark.parametrize("new", [0.2, 0.8])
def test_a_table_is_not_told_to_draw_more_examples(new):
    recipe = Recipe("pairs", ModelConfig(attention="dot"), pairs=PAIRS)
    story = told(recipe, {"memorised": 1.0, "new": new})
    assert story.action == "dropout"
    assert "more" not in story.text.lower().replace("more than", "")
    tried = replace(recipe, model=replace(recipe.model, dropout=0.3))
    assert told(tried, {"memorised": 1.0, "new": new}).action == "half"
    assert ACTIONS["half"](tried).model.hidden_size == 32
    small = replace(tried, model=replace(tried.model, hidden_size=16))
    assert told(small, {"memorised": 1.0, "new": new}).action == ""


def test_overfitting_is_named_with_its_epoch_where_the_held_out_loss_has_turned():
    recipe = Recipe("pairs", ModelConfig(attention="dot"), pairs=PAIRS)
    scores, losses = {"memorised": 1.0, "new": 0.4}, [2.0, 1.0, 1.2, 1.6]
    story = told(recipe, scores, held=losses, news=[0, 0.4, 0.4, 0.4])
    assert story.text == ("The model overfits: its held-out loss was lowest after epoch 2 (1.00) "
                          "and has risen to 1.60 since.")
    assert (story.action, story.label) == (BEST, "Use the model of epoch 2 →")
    better_now = told(recipe, scores, held=losses, news=[0, 0.3, 0.4, 0.4])
    assert better_now.action == "dropout"
    assert "correct now than then" in better_now.text
    assert "overfits" not in told(recipe, scores, held=[2.0, 1.0, 1.02], news=[0, 0, 0]).text
    poor = told(recipe, {"memorised": 0.5, "new": 0.4}, held=[2, 1, 0.9], news=[0, 0, 0])
    assert poor.action == "longer"


def test_the_model_of_the_best_epoch_is_opened_as_a_run_of_its_own():
    lab = Lab()
    try:
        with gr.Blocks():
            tab = TrainTab(make_session(lab))
        recipe = Recipe("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=3), PAIRS)
        weights = [dump_weights(Experiment.from_recipe(replace(
            recipe, train=replace(recipe.train, seed=n))).model) for n in range(4)]
        ends = [EpochEnd(n, 1.0, loss, 0, 0, {"new": n / 10}, ())
                for n, loss in enumerate((2.0, 1.0, 1.5), 1)]
        events = [Started(3, 1, 10, True, ()), *(
            event for end in ends for event in (StepEnd(end.epoch, end.epoch, 1.0, 0.1), end))]
        run = lab.runs.adopt(OWNER, recipe, "Run 5 · x", 0, weights[0], events=events)
        run.blobs.update(dict(enumerate(weights)))
        shown = tab.open_best(OWNER, run)
        opened = lab.find(shown[tab.session.selected])
        assert opened is not run
        assert str(opened.name) == "Run 5, epoch 2"
        history = lab.histories.of(opened)
        assert (history.epoch, history.scores) == (2, {"new": 0.2})
        assert history.sentence() == "The model after epoch 2 of 3 · held-out loss 1.00"
        note = next_step(opened, lab.histories, lab.runs.of(OWNER))
        assert note.action == "dropout"
        assert "the model of epoch 2, before its held-out loss rose: 20 % correct" in note.text
        expected, found = (lab.experiment_for(r, 2).predict("w1") for r in (run, opened))
        assert found.tokens == expected.tokens
        assert lab.experiment_for(opened).num_parameters == lab.experiment_for(run).num_parameters
        assert lab.find(tab.open_best(OWNER, run)[tab.session.selected]) is opened  # not twice
    finally:
        lab.runs.close()


def test_an_opened_epoch_survives_a_restart(tmp_path):
    limits = Limits(state_dir=str(tmp_path), num_workers=1)
    recipe = Recipe("reverse", ModelConfig(hidden_size=8), TrainConfig(num_epochs=2))
    weights = dump_weights(Experiment.from_recipe(recipe).model)
    ends = [EpochEnd(n, 1.0, 1.0, 0, 0, {"new": n / 10}, ()) for n in (1, 2)]
    lab = Lab(open_runs(limits))
    try:
        run = lab.runs.adopt(OWNER, recipe, "Run 5 · x", 1, weights,
                             events=[Started(2, 1, 10, True, ()), *ends])
        opened = lab.open_epoch(OWNER, run, 1)
    finally:
        lab.runs.close()
        lab.runs.store._lock.close()  # as at the end of the process
    lab = Lab(open_runs(limits))
    try:
        kept, = lab.runs.of(OWNER)
        assert (kept.id, kept.status, kept.is_opened) == (opened.id, "done", True)
        assert str(kept.name) == "Run 5, epoch 1"
        assert (kept.events, kept.blobs[1]) == (opened.events, weights)
        assert lab.runs.recording_of(recipe) is None  # it is no complete training of its recipe
        assert next_step(kept, lab.histories, [kept]).text.startswith("This is the model of epoch")
    finally:
        lab.runs.close()
        lab.runs.store._lock.close()


def test_what_knows_all_its_examples_is_not_told_to_train_longer():
    recipe = Recipe("reverse", ModelConfig(attention="dot"))
    assert told(recipe, {"memorised": 1.0, "new": 0.8}).action != "longer"
    assert told(recipe, {"memorised": 0.5, "new": 0.2}).action == "longer"


def test_attention_takes_credit_only_where_nothing_else_changed():
    recipe = Recipe("reverse", ModelConfig(attention="dot"))
    plain = replace(recipe, model=replace(recipe.model, attention="none"))
    larger = replace(plain, model=replace(plain.model, hidden_size=8))
    scores, poor = {"memorised": 1.0, "new": 0.99}, {"memorised": 0.5, "new": 0.3}
    assert "look back" in told(recipe, scores, (plain, poor)).text
    assert "look back" not in told(recipe, scores, (larger, poor)).text


def test_a_table_has_as_many_examples_as_it_has():
    one, two = (Recipe("pairs", train=TrainConfig(num_examples=n), pairs=PAIRS)
                for n in (12_000, 40_000))
    assert two.differences(one) == ""


def test_what_is_wrong_with_the_settings_is_said_once():
    lab = Lab()
    try:
        with gr.Blocks():
            tab = TrainTab(make_session(lab))
        shown = tab.start(OWNER, lambda: Recipe("pairs", pairs="hello").make_task())
        assert "Line 1" in shown[tab.problem]
        assert shown[tab.settings.facts] == ""
    finally:
        lab.runs.close()
