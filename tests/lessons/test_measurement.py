"""The numbers of the lessons' results, from models with known answers."""

import pytest

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import edit_positions
from seq2seq.lessons import claims, get_lesson
from seq2seq.lessons.claims import exact_match_at_length
from seq2seq.lessons.lesson import METRICS
from seq2seq.lessons.measurement import differing, measure, run_numbers
from seq2seq.tasks import get_task


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
    assert found["right_at_3"] == exact_match_at_length(experiment, 3) is not None


def test_short_sequences_are_easier_than_those_beyond_its_training(experiment):
    assert exact_match_at_length(experiment, 4) > exact_match_at_length(experiment, 12)
    # The same sequences every time.
    assert exact_match_at_length(experiment, 4) == exact_match_at_length(experiment, 4)


def test_forcing_and_gazing_count_what_changes(experiment):
    text = "3 1 4 1 5"
    free = experiment.predict(text)
    other = next(d for d in "0123456789" if d != free.steps[2].token)
    force, redirect = steps("mistakes", "force")[0], steps("attention", "redirect")[0]
    found = measure(force, experiment, text, {"step": "2", "token": other})
    forced = experiment.predict(text, forced={2: other})
    assert found == {force.measures[0].name: differing(free, forced, 3)}
    # The token that was put there by hand is not counted.
    assert differing(free, forced, 2) == differing(free, forced, 3) + 1
    at = int(free.steps[0].attention.argmax())
    elsewhere = measure(redirect, experiment, text, {"step": "0", "place": str((at + 2) % 5)})
    assert elsewhere["redirect_changed"] >= 1


@pytest.mark.parametrize(("values", "words"), [
    ({"step": "99", "token": "1"}, "one of the"), ({"step": "x", "token": "1"}, "one of the"),
    ({"step": "0", "token": "cat"}, "Choose a digit"), ({}, "one of the")])
def test_what_cannot_be_forced_is_told(experiment, values, words):
    with pytest.raises(InputError, match=words):
        measure(steps("mistakes", "force")[0], experiment, "3 1 4", values)


def test_its_own_choice_is_no_mistake(experiment):
    own = experiment.predict("3 1 4").steps[0].token
    with pytest.raises(InputError, match="chose this digit itself"):
        measure(steps("mistakes", "force")[0], experiment, "3 1 4", {"step": 0, "token": own})
    with pytest.raises(InputError, match="nothing to measure"):
        measure(get_lesson("sequences").steps[0], experiment, "3 1 4", {})


def test_the_beam_is_compared_on_new_sequences(experiment):
    found = claims.beam_numbers(experiment)
    assert 0 <= found["greedy_right"] <= 1
    gain = round(claims.NUM_ASKED * (found["beam_right"] - found["greedy_right"]))
    assert gain == found["repaired"] - found["spoilt"]
    assert found["repaired"] + found["spoilt"] + found["still_wrong"] == found["differ"] <= 100


def test_a_changed_token_is_counted_as_one_by_one(experiment):
    """All at once, and each sequence for itself: the same mean."""
    place, changed = 2, []
    for example in claims.unseen(experiment, experiment.recipe.train.max_length):
        text = experiment.task.format(example.source)
        free = experiment.predict(text)
        if len(free.steps) < place + 1:
            continue
        own = free.steps[place - 1]
        other = next(t for t, _ in own.top if t != own.token and not t.startswith("<"))
        forced = experiment.predict(text, forced={place - 1: other})
        changed.append(differing(free, forced, place))
    assert claims.error_propagation(experiment, place) == pytest.approx(sum(changed) / len(changed))
    assert claims.error_propagation(experiment, 99) is None


def test_attention_is_strongest_where_the_map_says(experiment):
    text = "3 1 4 1 5"
    weights = experiment.predict(text).attention
    found = run_numbers(["look_at_1", "weight_at_1", "look_at_3", "look_at_99", "weight_at_0"],
                        experiment, [], text)
    assert found == {"look_at_1": weights[0].argmax() + 1, "weight_at_1": weights[0].max(),
                     "look_at_3": weights[2].argmax() + 1, "look_at_99": None, "weight_at_0": None}
    blind = Experiment("reverse", ModelConfig(hidden_size=8), TrainConfig(num_examples=50))
    assert set(run_numbers(["look_at_1", "weight_at_1", "look_back"], blind, [], text).values()) \
        == {None}


def test_the_attention_goes_back_where_the_largest_weights_do(experiment):
    backwards = 0
    for example in experiment.splits.new[:claims.NUM_ASKED]:
        p = experiment.predict(" ".join(example.source))
        peaks = p.attention[: len(p.tokens)].argmax(axis=1)
        backwards += bool((peaks[1:] < peaks[:-1]).any())
    assert claims.looks_back(experiment) == backwards > 0


def test_errors_are_aligned_before_they_are_put_into_a_half():
    made = Experiment("reverse", ModelConfig(hidden_size=8),
                      TrainConfig(num_epochs=1, num_examples=50, max_length=4))
    found = run_numbers(["errors_early", "errors_late"], made, [], "3 1")
    assert found["errors_early"] + found["errors_late"] == pytest.approx(1)
    # One missing token at the start is one error there, not one at each place.
    assert edit_positions("3141", "141") == [0]


def test_what_an_untrained_model_says_is_described(experiment):
    found = run_numbers(["before", "before_tokens", "before_copied", "before_ended"], experiment,
                        [], "3 1 4")
    untrained = Experiment.from_recipe(experiment.recipe).predict("3 1 4")
    assert found["before_tokens"] == len(untrained.tokens)
    assert found["before_ended"] == int(untrained.finished)
    assert found["before_copied"] == int(untrained.tokens == ("3", "1", "4"))


def test_the_width_that_finds_the_right_answer(experiment):
    texts = [" ".join(e.source) for e in experiment.splits.new[:30]]
    for text in texts:
        width, target = claims_width(experiment, text), experiment.predict(text).target
        tried = [w for w in claims.WIDTHS
                 if experiment.beam(text, w).best[0].tokens == target]
        assert width == (tried[0] if tried else None)


def claims_width(experiment, text):
    step = next(s for s in get_lesson("beam").steps
                if s.measures and s.measures[0].name == "found_width")
    return measure(step, experiment, text, {})["found_width"]


def test_twenty_tokens_at_99_in_100_are_right_as_often_as_the_lesson_says():
    assert "only about 82 of 100" in get_lesson("mistakes").misconception
    assert round(100 * 0.99**20) == 82


def test_what_lesson_7_says_of_jump_is_so():
    """Beside other words in the examples stand the other verbs; *jump* only alone."""
    task = get_task("scan-jump")
    train = {e.source for e in make_splits(task, task.train).train}
    for verb in ("run", "walk", "look"):
        beside = {word for source in train if verb in source for word in source}
        assert beside >= {"twice", "thrice", "and", "after", "left", "around", "opposite"}
    assert {source for source in train if "jump" in source} == {("jump",)}


def test_what_the_lessons_say_of_a_sequence_is_right():
    beam = get_lesson("beam")
    step = next(step for step in beam.steps if "text" in step.presets)
    assert f"`{step.presets['text'][::-1]}`" in step.text
    assert all(str(width) in step.expects[1].values for width in claims.WIDTHS)


def test_lesson_2_differs_in_the_number_of_examples_only():
    five, many = (link.recipe for link in get_lesson("learned").runs.values())
    assert many.differences(five) == "training examples 5→500"


def test_lesson_5_differs_in_one_thing_at_a_time():
    runs = get_lesson("mistakes").runs
    memory = runs["memory"].recipe
    assert runs["looking"].recipe.differences(memory) == "attention off→on"
    assert runs["practised"].recipe.differences(memory).startswith("teacher forcing 1→0.5")


def test_lesson_1_turns_nothing_on_silently():
    assert get_lesson("sequences").runs["first"].recipe.model == get_task("reverse").model


def test_who_has_no_attention_has_no_gaze():
    blind = Experiment("reverse", ModelConfig(hidden_size=8),
                       TrainConfig(num_epochs=1, num_examples=20, max_length=4))
    with pytest.raises(InputError, match="nothing to redirect"):
        measure(steps("attention", "redirect")[0], blind, "3 1", {"step": 0, "place": 0})


def test_one_token_too_many_is_one_change_whatever_follows_it():
    """The same number as in “Look inside” for the same change."""
    assert claims.differing(list("513"), list("5513"), 0) == 1
    assert claims.differing(list("513"), list("573"), 2) == 0
