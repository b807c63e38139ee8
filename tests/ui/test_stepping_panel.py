"""“Step one batch” without a browser."""

import gradio as gr
import pytest
from test_class_summary import Shelf

from seq2seq import Recipe, TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session
from seq2seq.ui.tabs import stepping
from seq2seq.ui.tabs.stepping import SteppingPanel

RECIPE = Recipe("reverse", train=TrainConfig(num_examples=60, batch_size=32))


@pytest.fixture
def panel():
    with gr.Blocks():
        return SteppingPanel(make_session(Lab(Shelf())))


def test_each_step_shows_its_batch_and_its_numbers_until_the_epoch_ends(panel):
    stepper = panel.start(RECIPE)
    first = panel.answer(stepper.id)
    assert not first["ended"]
    assert f"Step 1 of {stepper.steps[0].num_steps}: a batch of" in first["html"]
    source, target = stepper.steps[0].pairs[0]
    assert f"<td>{' '.join(source)}</td><td>{' '.join(target)}</td>" in first["html"]
    for name in ("Loss", "Gradient norm", "Learning rate"):
        assert f"<figcaption>{name} <b>" in first["html"]
    while not (last := panel.answer(stepper.id))["ended"]:
        pass
    assert f"Step {len(stepper.steps)} of {len(stepper.steps)}" in last["html"]


@pytest.mark.parametrize("question", ["gone", None, 7, {}])
def test_what_was_deleted_gets_a_sentence(panel, question):
    answer = panel.answer(question)
    assert "no longer available" in answer["problem"]
    assert answer["ended"]


def test_a_recipe_that_is_too_large_starts_nothing(panel, monkeypatch):
    def estimate(recipe):
        raise ConfigError("too large")

    monkeypatch.setattr(stepping, "estimate", estimate)
    with pytest.raises(ConfigError, match="too large"):
        panel.start(RECIPE)
