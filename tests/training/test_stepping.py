"""A training step by step is the training itself."""

import pytest

from seq2seq import Experiment, Recipe, TrainConfig
from seq2seq.errors import RunGoneError
from seq2seq.hosting.steppers import MAX_STEPPERS, Steppers
from seq2seq.training.events import StepEnd
from seq2seq.training.loop import train
from seq2seq.training.stepping import step_by_step

RECIPE = Recipe("reverse", train=TrainConfig(num_epochs=2, num_examples=70, batch_size=32))


@pytest.mark.parametrize("task", ["reverse", "spoken-digits"])
def test_the_steps_are_those_of_the_training_with_the_batches_that_it_reads(task):
    recipe = Recipe(task, train=RECIPE.train)
    one, two = (Experiment.from_recipe(recipe) for _ in range(2))
    steps = list(step_by_step(one.model, one.splits, recipe.train))
    events = [e for e in train(two.model, two.splits, recipe.train)
              if isinstance(e, StepEnd) and e.epoch == 1]
    assert [(s.number, s.loss, s.grad_norm) for s in steps] == [
        (e.step, e.loss, e.grad_norm) for e in events]
    assert {s.num_steps for s in steps} == {len(steps)}
    read = [target for step in steps for _, target in step.pairs]
    assert sorted(read) == sorted(example.target for example in one.splits.train)
    if task == "reverse":
        assert all(source[::-1] == target for step in steps for source, target in step.pairs)
    assert 0 < steps[0].learning_rate <= recipe.train.learning_rate


def test_a_stepper_ends_after_the_epoch_and_old_ones_are_deleted():
    found = Steppers(max_bytes=1e9)
    first = found.start(Experiment.from_recipe(RECIPE))
    while first.step():
        pass
    assert len(first.steps) == first.steps[-1].num_steps
    assert first.steps[-1].pairs
    assert not first.steps[0].pairs
    assert first.step() is None
    assert found.find(first.id) is first
    for _ in range(MAX_STEPPERS):
        newest = found.start(Experiment.from_recipe(RECIPE))
    for wrong in (first.id, "", None, 7):
        with pytest.raises(RunGoneError):
            found.find(wrong)
    found.max_bytes = 1
    assert found.find(found.start(Experiment.from_recipe(RECIPE)).id)
    with pytest.raises(RunGoneError):
        found.find(newest.id)
