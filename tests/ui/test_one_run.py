"""Pressing Train twice starts one run; notes suggest only changes that are possible."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session
from seq2seq.ui.tabs.next_step import next_step
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


def told(recipe: Recipe, scores: dict, *others: tuple[Recipe, dict]):
    logs = {}

    def make(recipe, scores, number):
        run = Run(str(number), "me", recipe, f"Run {number} · x", status="done", created=number)
        logs[run.id] = SimpleNamespace(scores=scores, epoch=recipe.train.num_epochs)
        return run
    runs = [make(*other, n) for n, other in enumerate(others, 1)]
    mine = make(recipe, scores, len(runs) + 1)
    return next_step(mine, SimpleNamespace(of=lambda run: logs[run.id]), [*runs, mine])


@pytest.mark.parametrize("new", [0.2, 0.8])
def test_a_table_is_not_told_to_draw_more_examples(new):
    recipe = Recipe("pairs", ModelConfig(attention="dot"), pairs=PAIRS)
    story = told(recipe, {"memorised": 1.0, "new": new})
    assert story.action == ""
    assert "Add more pairs" in story.text


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
