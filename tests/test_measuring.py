"""The numbers of the lessons' reveals, from models whose answers are known."""

import pytest

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.errors import InputError
from seq2seq.lessons import get_lesson
from seq2seq.lessons.lesson import METRICS
from seq2seq.lessons.measuring import (
    BUGS,
    beam_numbers,
    diagnosed,
    differing,
    measure,
    patients,
    right_at,
    run_numbers,
)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    """A model with attention that has half learned to reverse short sequences."""
    made = Experiment("reverse", ModelConfig(attention="dot", hidden_size=32))
    for _ in made.fit(TrainConfig(num_epochs=4, num_examples=1500, max_length=5, seed=2)):
        pass
    return made


def steps(lesson: str, control: str):
    return [step for step in get_lesson(lesson).steps if step.control == control and step.measures]


def test_the_numbers_of_a_run_are_those_of_its_training(experiment):
    found = run_numbers(METRICS, experiment, experiment.history, "3 1 4")
    scores = experiment.scores()
    assert {name: found[name] for name in scores} == scores
    last = experiment.history[-1]
    assert (found["loss"], found["held_out_loss"]) == (last.train_loss, last.held_out_loss)
    assert found["epochs"] == last.epoch == 4
    assert found["parameters"] == experiment.num_parameters
    untrained = Experiment.from_recipe(experiment.recipe).predict("3 1 4")
    assert str(found["before"]).removesuffix(" …") == " ".join(untrained.tokens)
    assert found["after"] == " ".join(experiment.predict("3 1 4").tokens)
    right = [event.epoch for event in experiment.history if hasattr(event, "samples")
             and any(s.predicted == s.target and s.finished for s in event.samples)]
    assert found["first_right"] == (right[0] if right else None)


def test_a_model_without_events_brings_its_scores(experiment):
    found = run_numbers(["new", "loss", "first_right", "right_at_3"], experiment, [], "3 1 4",
                        {"new": 0.25})
    assert (found["new"], found["loss"], found["first_right"]) == (0.25, None, None)
    assert found["right_at_3"] == right_at(experiment, 3) is not None


def test_short_sequences_are_easier_than_those_beyond_its_training(experiment):
    assert right_at(experiment, 4) > right_at(experiment, 12)
    assert right_at(experiment, 4) == right_at(experiment, 4)  # asked of the same ones again


def test_forcing_and_gazing_count_what_changes(experiment):
    text = "3 1 4 1 5"
    free = experiment.predict(text)
    other = next(d for d in "0123456789" if d != free.steps[2].token)
    force, gaze = steps("mistakes", "force")[0], steps("attention", "gaze")[0]
    found = measure(force, experiment, text, {"step": "2", "token": other})
    forced = experiment.predict(text, forced={2: other})
    assert found == {force.measures[0].name: differing(free, forced, 3)}
    # The token that was put there by hand is not counted.
    assert differing(free, forced, 2) == differing(free, forced, 3) + 1
    at = int(free.steps[0].attention.argmax())
    elsewhere = measure(gaze, experiment, text, {"step": "0", "place": str((at + 2) % 5)})
    assert elsewhere["gaze_changed"] >= 1


@pytest.mark.parametrize(("values", "words"), [
    ({"step": "99", "token": "1"}, "one of the"), ({"step": "x", "token": "1"}, "one of the"),
    ({"step": "0", "token": "cat"}, "Choose a digit"), ({}, "one of the")])
def test_what_cannot_be_forced_is_told(experiment, values, words):
    with pytest.raises(InputError, match=words):
        measure(steps("mistakes", "force")[0], experiment, "3 1 4", values)


def test_its_own_choice_is_no_mistake(experiment):
    own = experiment.predict("3 1 4").steps[0].token
    with pytest.raises(InputError, match="own choice"):
        measure(steps("mistakes", "force")[0], experiment, "3 1 4", {"step": 0, "token": own})
    with pytest.raises(InputError, match="nothing to measure"):
        measure(get_lesson("sequences").steps[0], experiment, "3 1 4", {})


def test_the_beam_is_compared_on_new_sequences(experiment):
    found = beam_numbers(experiment)
    assert 0 <= found["greedy_right"] <= 1
    assert 0 <= found["differ"] <= 100
    gain = round(100 * (found["beam_right"] - found["greedy_right"]))
    assert abs(gain) <= found["differ"]


def test_a_diagnosis_counts_who_was_recognised():
    lesson = get_lesson("repair")
    right = {run: BUGS[fault] for run, fault in patients(lesson).items()}
    assert diagnosed(lesson, right) == 4
    assert diagnosed(lesson, {**right, "a": right["b"], "b": right["a"]}) == 2
    for wrong in ({}, {**right, "a": "Five"}, {**right, "cured": "One"}):
        with pytest.raises(InputError, match="for each patient"):
            diagnosed(lesson, wrong)


def test_who_has_no_attention_has_no_gaze():
    blind = Experiment("reverse", ModelConfig(hidden_size=8),
                       TrainConfig(num_epochs=1, num_examples=20, max_length=4))
    with pytest.raises(InputError, match="no gaze"):
        measure(steps("attention", "gaze")[0], blind, "3 1", {"step": 0, "place": 0})
