"""A twin of a run: its button, its extra set, and the note after its training."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest
from test_compared import TINY, run_of

from seq2seq import Experiment
from seq2seq.config import ModelConfig
from seq2seq.errors import ConfigError
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task
from seq2seq.ui.components import html
from seq2seq.ui.components.run_history import Histories, score_texts
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.data_browser import browse
from seq2seq.ui.tabs.next_step import ACTIONS, next_step
from seq2seq.ui.tabs.side_by_side import sets_of
from seq2seq.ui.tabs.twin import TwinPanel, twin_of

WHOLE = Recipe("reverse", ModelConfig(hidden_size=8), TINY)
RECIPE = twin_of(WHOLE, " token: 7 ")


@pytest.fixture(scope="module")
def twin() -> Run:
    return run_of(RECIPE, train=True)


def test_a_twin_differs_only_in_what_is_left_out():
    assert replace(WHOLE, train=replace(TINY, leave_out="token:7")) == RECIPE
    assert ACTIONS["whole"](RECIPE) == WHOLE
    with pytest.raises(ConfigError, match="Write what to leave out"):
        twin_of(WHOLE, "  ")
    with pytest.raises(ConfigError, match="leaves out exactly this"):
        twin_of(RECIPE, "token:7")
    with pytest.raises(ConfigError, match="write token:"):
        twin_of(WHOLE, "7")


def test_what_is_left_out_has_its_own_score_and_set(twin):
    scores = Histories().of(twin).scores
    assert list(scores) == ["memorised", "new", "longer", "left_out"]
    assert 'data-score="left_out"><h3>Left out of training' in html.score_cards(scores)
    assert 'data-score="left_out" hidden' in html.score_cards({"new": 1.0})
    assert "left_out" in score_texts(scores)
    assert "left_out" not in score_texts({"new": 1.0})
    task = get_task("reverse")
    assert sets_of(task, True) == [*sets_of(task), ("Left out", "left_out")]


def test_the_note_compares_both_kinds_and_offers_the_whole(twin):
    note = next_step(twin, Histories(), [twin])
    assert "correct on the examples left out of training (token:7), compared with" in note.text
    assert note.action == "whole"
    assert next_step(twin, Histories(), [run_of(WHOLE, 2), twin]).action == ""


def test_the_data_browser_shows_what_is_left_out(twin):
    experiment = Experiment.from_recipe(RECIPE)
    shown = browse(twin, experiment, "7", "left_out")
    assert f"Left out of training (token:7): {len(experiment.splits.left_out)}." in shown
    assert "<td>Left out of training</td>" in shown


def press(run: Run, rules: str) -> dict:
    """The updates after a click, by name; `started` is the recipe that is trained."""
    lab = Lab(SimpleNamespace(limits=Limits(), num_active=0, on_forgotten=None))
    lab.find = lambda run_id: run
    session = SimpleNamespace(lab=lab, owner=None, selected=None)
    handlers = []
    with gr.Blocks():
        session.owner, session.selected = gr.Textbox(), gr.Textbox()
        panel = TwinPanel(session)
        panel.wire(lambda owner, make: {"started": make()}, lambda recipe: {"shown": recipe}, [])
        handlers = [fn.fn for fn in gr.context.Context.root_block.fns.values()]
    return {getattr(key, "elem_id", key) if key != panel.problem else "problem": value
            for key, value in handlers[-1]("me", "id", rules).items()}


def test_the_button_trains_the_twin_or_says_what_is_wrong():
    run = run_of(WHOLE)
    assert press(run, "token:7")["started"] == RECIPE
    assert press(run, "token:7")["shown"] == RECIPE
    for rules, sentence in (("token:x", "no training example contains this token"),
                            ("x", "write token:"), ("", "Write what to leave out")):
        refused = press(run, rules)
        assert sentence in refused["problem"]
        assert "started" not in refused
