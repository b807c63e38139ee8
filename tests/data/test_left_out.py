"""Training without some of the examples: what is left out is not read, and the rest stays put."""

from dataclasses import replace

import pytest
import torch
from conftest import SMALL, small_model

from seq2seq import TASKS, EpochEnd, Experiment, Recipe, StepEnd, TrainConfig
from seq2seq.data.frames import make_batches
from seq2seq.data.left_out import never_trained_on
from seq2seq.data.splits import make_splits, splits_of
from seq2seq.data.vocabulary import PAD
from seq2seq.errors import ConfigError, InputError
from seq2seq.models.seq2seq import make_generator
from seq2seq.tasks import Example, get_task
from seq2seq.training.state import TrainingState
from seq2seq.training.stepping import step_by_step

TABLE = "\n".join(f"{'ab' * (1 + i % 5)}{i} -> {i}" for i in range(60))


def config(**more) -> TrainConfig:
    return replace(SMALL, num_examples=200, **more)


def both(task: str, rules: str, **more):
    """The splits of a recipe and of its twin."""
    made = get_task(task, TABLE if task == "pairs" else "")
    train = replace(made.train, num_examples=200, num_epochs=2, **more)
    return make_splits(made, train), make_splits(made, replace(train, leave_out=rules))


def batches_of(splits, epoch: int):
    made = make_batches(splits, 16, make_generator(3, "shuffling"))
    return [list(made.epoch(n)) for n in range(1, epoch + 1)][-1]


def a_token(task: str) -> str:
    """A token of about the middle of how often they occur."""
    train = both(task, "")[0].train
    counts = {}
    for example in train:
        for token in set(example.source):
            counts[token] = counts.get(token, 0) + 1
    usual = [token for token in counts if token.strip() and ";" not in token]
    return sorted(usual, key=lambda token: (counts[token], token))[len(usual) // 2]


@pytest.mark.parametrize("fresh", [False, True], ids=["", "fresh"])
@pytest.mark.parametrize("task", [task.name for task in TASKS])
def test_no_token_of_what_is_left_out_is_in_a_batch_and_the_rest_keeps_its_place(task, fresh):
    token = a_token(task)
    usual, twin = both(task, f"token:{token}", fresh=fresh)
    ids = [PAD if token not in side else side.id_of(token)
           for side in (twin.source_vocabulary, twin.target_vocabulary)]
    num_blank = 0
    for epoch in (1, 2):
        pairs = list(zip(batches_of(usual, epoch), batches_of(twin, epoch), strict=True))
        for old, new in pairs:
            assert new.source.shape == old.source.shape
            assert new.target_ids.shape == old.target_ids.shape
            assert torch.equal(new.source_lengths, old.source_lengths)
            blank = (new.target_ids == PAD).all(1)
            assert (new.source[blank] == (twin.task.silence if twin.task.frame_size else PAD)).all()
            assert torch.equal(new.source[~blank], old.source[~blank])
            assert torch.equal(new.target_ids[~blank], old.target_ids[~blank])
            if not twin.task.frame_size:
                assert ids[0] == PAD or not (new.source == ids[0]).any()
            assert ids[1] == PAD or not (new.target_ids == ids[1]).any()
            num_blank += int(blank.sum())
    assert num_blank > 0
    assert not any(token in e.source or token in e.target for e in twin.train)
    assert all(token in e.source or token in e.target for e in twin.left_out)
    assert len(twin.train) + len(twin.left_out) == len(usual.train)
    assert twin.trained_on < usual.trained_on


def test_the_initial_weights_and_the_held_out_sets_are_those_of_the_whole():
    model = small_model("gru", "dot")
    usual = Experiment("scan", model, config())
    twin = Experiment("scan", model, config(leave_out="token:jump"))
    for name, weight in usual.model.state_dict().items():
        assert torch.equal(weight, twin.model.state_dict()[name])
    assert twin.splits.sets.keys() - usual.splits.sets.keys() == {"left_out"}
    assert (twin.splits.new, twin.splits.longer) == (usual.splits.new, usual.splits.longer)
    assert twin.scores().keys() == twin.splits.sets.keys()
    assert all("jump" in a.example.source for a in twin.answers("left_out"))


@pytest.mark.parametrize("rules", ["token:7", "length:4"])
def test_every_random_draw_is_that_of_the_whole(rules):
    model = replace(small_model("lstm", "additive"), dropout=0.3)
    ends = []
    for leave_out in ("", rules):
        state = TrainingState()
        experiment = Experiment("reverse", model, config(teacher_forcing=0.5, leave_out=leave_out))
        events = list(experiment.fit(state=state))
        ends.append({name: generator.get_state() for name, generator in state.generators.items()})
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])
    assert isinstance(events[-1], EpochEnd)
    steps = [event.step for event in events if isinstance(event, StepEnd)]
    assert (steps == list(range(1, len(steps) + 1))) == (rules != "length:4")  # blank batches


def test_the_first_epoch_in_slow_motion_shows_the_same_batches_as_training():
    experiment = Experiment("reverse", small_model(), config(leave_out="length:4; token:1"))
    steps = list(step_by_step(experiment.model, experiment.splits, experiment.recipe.train))
    trained = Experiment("reverse", small_model(), config(leave_out="length:4; token:1"))
    losses = [(e.step, e.loss) for e in trained.fit() if isinstance(e, StepEnd) and e.epoch == 1]
    assert [(step.number, step.loss) for step in steps] == losses
    pairs = [pair for step in steps for pair in step.pairs]
    assert len(pairs) == len(experiment.splits.train)
    assert not any("1" in source or len(source) == 4 for source, _target in pairs)


def test_lengths_inputs_and_what_is_kept():
    one = min((e.source for e in both("scan", "")[0].train if "jump" in e.source), key=len)
    twin = both("scan", f"token:jump; keep:{' '.join(one)}")[1]
    assert [e.source for e in twin.train if "jump" in e.source] == [one]
    twin = both("reverse", "length:4; length:6")[1]
    assert {len(e.source) for e in twin.left_out} == {4, 6}
    usual = both("addition", "")[0]
    one = next(e for e in usual.train if e.source != e.source[::-1])
    twin = both("addition", f"input:{usual.task.format(one.source)}")[1]
    assert one in twin.left_out
    assert {usual.task.key(e.source) for e in twin.left_out} == {usual.task.key(one.source)}
    assert never_trained_on(one.source, twin)
    assert never_trained_on(twin.new[0].source, twin)
    assert not never_trained_on(twin.train[0].source, twin)


def test_given_examples_can_be_left_out_too():
    examples = [Example(tuple(text), tuple(reversed(text))) for text in ("12", "345", "67", "89")]
    data = splits_of(get_task("reverse"), examples)
    experiment = Experiment("reverse", small_model(), replace(SMALL, leave_out="length:3"),
                            data=data)
    assert [e.source for e in experiment.splits.left_out] == [("3", "4", "5")]
    assert experiment.membership(("3", "4", "5")) != "memorised"


@pytest.mark.parametrize(("rules", "sentence"), [
    ("token:x", "“token:x”: no training example contains this token. Tokens are, for example, 0"),
    ("length:30", "“length:30”: the training inputs have 1 to 6 tokens"),
    ("input:3 1 4 1 5", "“input:3 1 4 1 5”: this input is not in the training data. One that is: "),
    ("; ".join(f"token:{n}" for n in range(10)), "it leaves nothing to train on"),
    ("input:a b", "“a” is not in this task's vocabulary"),
    ("token:1; keep:x", "“x” is not in this task's vocabulary")])
def test_what_the_task_does_not_have_is_told(rules, sentence):
    with pytest.raises((ConfigError, InputError), match="(?s)" + sentence.replace("(", r"\(")):
        Experiment("reverse", small_model(), config(leave_out=rules, max_length=6))


def test_an_epoch_with_nothing_to_train_on_is_told():
    train = replace(SMALL, num_epochs=3, num_examples=60, max_length=6, fresh=True, curriculum=1.0,
                    leave_out="length:1")
    with pytest.raises(Exception, match="Every example of epoch 1 is left out of training"):
        list(Experiment("reverse", small_model(), train).fit())


def test_a_recipe_that_leaves_nothing_out_is_written_as_before():
    recipe = Recipe("reverse")
    assert "leave_out" not in recipe.to_json()
    assert Recipe.from_json(recipe.to_json()) == recipe
    twin = replace(recipe, train=replace(recipe.train, leave_out="token: 7;length:5"))
    assert twin.train.leave_out == "token:7; length:5"
    assert Recipe.from_json(twin.to_json()) == twin
    assert str(twin.differences(recipe)) == "left out of training nothing→token:7; length:5"
    assert make_splits(get_task("copy"), config()) is make_splits(get_task("copy"), config())
