import pickle
from dataclasses import replace

import pytest
from conftest import SMALL, small_model

from seq2seq import TASKS, EpochEnd, Experiment, StepEnd, time_slices
from seq2seq.data.splits import Splits, make_splits
from seq2seq.errors import InputError
from seq2seq.hosting.training_job import training_job
from seq2seq.recipe import Recipe
from seq2seq.training.events import Snapshot, Started


def test_the_public_face_works_as_written(tmp_path):
    from seq2seq import ModelConfig, TrainConfig
    experiment = Experiment("reverse", ModelConfig(cell="gru", attention="none", hidden_size=64))
    config = TrainConfig(num_epochs=2, num_examples=200, seed=7)
    kinds = {type(event) for event in experiment.fit(config)}
    assert kinds == {StepEnd, EpochEnd}
    prediction = experiment.predict("3 1 4 1 5")
    assert prediction.source == ("3", "1", "4", "1", "5")
    assert prediction.target == ("5", "1", "4", "1", "3")
    assert isinstance(prediction.tokens, tuple)
    assert prediction.is_correct == (prediction.tokens == prediction.target)
    scores = experiment.scores()
    assert list(scores) == ["memorised", "new", "longer"]
    assert all(0 <= score <= 1 for score in scores.values())
    experiment.save(tmp_path / "model")
    again = Experiment.load(tmp_path / "model")
    assert again.recipe == experiment.recipe
    assert again.scores() == scores
    assert again.predict("3 1 4 1 5").log_prob == prediction.log_prob


def test_the_last_snapshot_is_the_model(small_experiment):
    for _ in small_experiment.fit(SMALL):
        pass
    last = small_experiment.with_weights(small_experiment.snapshots[2])
    first = small_experiment.with_weights(small_experiment.snapshots[0])
    now = small_experiment.predict("1 2 3 4")
    assert last.predict("1 2 3 4").log_prob == now.log_prob
    assert last.predict("1 2 3 4").tokens == now.tokens
    assert first.predict("1 2 3 4").log_prob != now.log_prob


def test_membership(trained):
    assert trained.membership(trained.splits.train[0].source) == "memorised"
    assert trained.membership(("3", "1", "4", "1", "5")) == "new"
    assert trained.membership(("3",) * 9) == "longer"


def test_membership_among_very_many_fresh_examples_is_unknown(monkeypatch):
    """To list all of them took 7 seconds for the ready model of stories-objects."""
    experiment = Experiment("reverse", small_model(), replace(SMALL, fresh=True, num_epochs=2))
    splits = experiment.splits
    assert splits.num_trained_on == 2 * len(splits.train)
    last, held_out = splits.train[0].source, splits.new[0].source
    typed = ("9", "9", "8", "9", "9")
    assert typed not in splits.trained_on
    assert experiment.membership(typed) == "new"
    monkeypatch.setattr("seq2seq.experiment.MOST_LISTED", 2 * len(splits.train) - 1)
    monkeypatch.setattr(Splits, "fresh", None)  # nothing is generated again
    experiment = Experiment("reverse", small_model(), replace(SMALL, fresh=True, num_epochs=2))
    assert [experiment.membership(source) for source in (last, held_out, typed, ("3",) * 9)] == [
        "memorised", "new", "unknown", "longer"]
    assert experiment.membership(experiment.task.example_sources()[0]) == "new"


def test_membership_follows_the_examples_of_the_newest_training():
    experiment = Experiment("reverse", small_model(), SMALL)
    seen = experiment.splits.train[0].source
    assert experiment.membership(seen) == "memorised"
    next(experiment.fit(replace(SMALL, seed=SMALL.seed + 1, num_examples=1, min_length=5)))
    assert experiment.membership(seen) == (
        "memorised" if seen in {e.source for e in experiment.splits.train} else "new")
    assert experiment.membership(experiment.splits.train[0].source) == "memorised"


def test_answers_of_a_set(trained):
    assert len(trained.answers("longer")) == 100
    with pytest.raises(InputError, match="choose one of memorised"):
        trained.answers("test")


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_every_task_trains(task):
    events = list(Experiment(task.name, small_model(), SMALL).fit())
    assert isinstance(events[-1], EpochEnd)
    assert events[-1].held_out_loss > 0


def test_a_job_tells_the_same_story_in_picklable_events():
    recipe = Recipe("reverse", small_model("gru", "dot"), SMALL)
    events = [e for e in training_job(recipe) if e is not None]
    assert isinstance(events[0], Started)
    assert events[0].held_out
    assert [e.epoch for e in events if isinstance(e, Snapshot)] == [0, 1, 2]
    experiment = Experiment("reverse", recipe.model)
    direct = list(experiment.fit(SMALL))
    assert [e for e in events if isinstance(e, StepEnd | EpochEnd)] == direct
    assert events[-1].weights == experiment.snapshots[2]
    assert pickle.loads(pickle.dumps(events)) == events
    assert events[0].num_parameters == experiment.num_parameters
    assert events[0].steps_per_epoch == len([e for e in direct if isinstance(e, StepEnd)]) / 2


def test_long_jobs_tell_means_of_several_steps(monkeypatch):
    monkeypatch.setattr("seq2seq.training.events.MAX_POINTS", 3)
    recipe = Recipe("reverse", small_model(), SMALL)
    told = list(training_job(recipe))
    steps = [e for e in told if isinstance(e, StepEnd)]
    every = [e.loss for e in Experiment("reverse", recipe.model).fit(SMALL)
             if isinstance(e, StepEnd)]
    assert None in told
    assert steps[0].loss == every[0]
    assert steps[1].loss == pytest.approx(sum(every[1 : steps[1].step]) / (steps[1].step - 1))


def test_held_out_examples_are_never_trained_on():
    """Whatever the seed, no batch holds a held-out source."""
    from seq2seq.data.splits import Batches
    from seq2seq.models.seq2seq import make_generator
    for seed in range(3):
        splits = make_splits(TASKS[0], SMALL)
        held_out = {e.source for e in (*splits.new, *splits.longer)}
        for batch in Batches(splits, 7, make_generator(seed, "shuffling")).epoch(1):
            for row, n in zip(batch.source.tolist(), batch.source_lengths, strict=True):
                assert splits.source_vocabulary.decode(row[: int(n)]) not in held_out


def test_a_job_gives_way_while_it_makes_its_examples(monkeypatch):
    """Generating 40,000 examples once blocked a worker's other runs for seven seconds."""
    monkeypatch.setattr(time_slices, "SLICE_SECONDS", 0.0)
    config = replace(SMALL, fresh=True, num_epochs=3, seed=4021)
    told = list(training_job(Recipe("reverse", train=config)))
    kinds = [type(event) for event in told]
    for begin, end in ((0, kinds.index(Started)), (kinds.index(Started), kinds.index(StepEnd)),
                       (kinds.index(EpochEnd), kinds.index(StepEnd, kinds.index(EpochEnd)))):
        assert told[begin:end].count(None) > config.num_examples  # one at a time
