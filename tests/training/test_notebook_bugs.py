"""Each bug has the symptoms that its text describes, and disappears when it is switched off."""

import dataclasses
import inspect

import pytest
import torch

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.config import settings
from seq2seq.data.splits import make_batch, make_splits
from seq2seq.data.vocabulary import EOS, PAD
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import get_task
from seq2seq.training.events import EpochEnd
from seq2seq.training.notebook_bugs import FAULTS

SHORT = TrainConfig(num_epochs=4, num_examples=2500, min_length=2, max_length=5, batch_size=32,
                    seed=3)
BUGS = [name for name in FAULTS if name != "none"]


def model(fault, **more):
    return ModelConfig(**{"attention": "dot", "hidden_size": 40, "fault": fault, **more})


@pytest.fixture(scope="module")
def broken():
    """Fault -> an experiment trained with it, and its last epoch."""
    found = {}
    for fault in FAULTS:
        experiment = Experiment("reverse", model(fault), SHORT)
        *_, end = experiment.fit()
        assert isinstance(end, EpochEnd)
        found[fault] = experiment, end
    return found


def test_switched_off_every_fault_is_gone(broken):
    """The recipe without a bug repairs all four models: all else is equal."""
    experiment, end = broken["none"]
    assert type(experiment.model) is Seq2Seq
    assert end.exact_match > 0.95
    for fault in BUGS:
        other, other_end = broken[fault]
        assert other.recipe.differences(experiment.recipe) == f"bug off→{fault}"
        assert other.splits.train == experiment.splits.train
        assert other_end.exact_match < end.exact_match - 0.2


def test_first_token_only_sees_the_first_token(broken):
    experiment, end = broken["first-token"]
    said = {experiment.predict(text).tokens for text in ("3 1 4", "3 9 2", "3 5 5 8 7", "3")}
    assert len(said) == 1
    assert experiment.predict("8 1 4").tokens not in said
    assert end.scores["memorised"] < 0.1
    seen = experiment.predict("3 1 4")
    assert seen.attention[:, 0].tolist() == pytest.approx([1] * len(seen.steps))
    assert not seen.encoder_states[1:].any()


def test_forgetful_learns_in_training_what_it_cannot_use(broken):
    _, end = broken["forgetful"]
    _, sound = broken["none"]
    assert end.train_loss < 1  # guessing costs 2.4
    assert end.held_out_loss > 2 * end.train_loss
    assert sound.held_out_loss < 1.2 * sound.train_loss
    assert end.scores["memorised"] < 0.3


def test_endless_begins_right_and_never_stops(broken):
    experiment, end = broken["endless"]
    assert end.train_loss < 0.1
    assert set(end.scores.values()) == {0.0}
    found = experiment.answers("new")
    assert not any(a.finished for a in found)
    begun = sum(a.tokens[: len(a.example.target)] == a.example.target for a in found)
    assert begun > 0.95 * len(found)


def test_double_end_stops_where_the_token_should_stand(broken):
    experiment, end = broken["double-end"]
    assert end.train_loss < 0.1
    found = experiment.answers("new")
    assert not any("1" in a.tokens for a in found)
    hit = [a for a in found if "1" in a.example.target]
    assert not any(a.is_correct for a in hit)
    cut = sum(a.tokens == a.example.target[: a.example.target.index("1")] for a in hit)
    assert cut > 0.95 * len(hit) > 20
    spared = [a for a in found if "1" not in a.example.target]
    assert sum(a.is_correct for a in spared) > 0.9 * len(spared)


@pytest.mark.parametrize("fault", BUGS)
def test_every_architecture_can_be_broken_and_still_be_looked_into(fault, any_model):
    config = dataclasses.replace(any_model, fault=fault)
    tiny = TrainConfig(num_epochs=1, num_examples=40, max_length=4, teacher_forcing=0.5)
    experiment = Experiment("sort-letters", config, tiny)
    assert all(torch.isfinite(torch.tensor(event.train_loss)) for event in experiment.fit()
               if isinstance(event, EpochEnd))
    prediction = experiment.predict("c a b")
    assert len(experiment.insight(prediction).moments) == 3 + len(prediction.steps)
    assert experiment.beam("c a b", 2).best


def test_targets_of_the_two_faults_of_data():
    splits = make_splits(get_task("reverse"), SHORT)
    right = make_batch(splits.train[:50], splits).target_ids
    endless = make_batch(splits.train[:50], FAULTS["endless"].apply_to(splits)).target_ids
    assert torch.equal(endless[:, :-1], right[:, :-1].masked_fill(right[:, :-1] == EOS, PAD))
    assert not (endless == EOS).any()
    double = make_batch(splits.train[:50], FAULTS["double-end"].apply_to(splits)).target_ids
    ones = right == splits.target_vocabulary.id_of("1")
    assert ones.any()
    assert torch.equal(double, right.masked_fill(ones, EOS))


def test_a_broken_model_is_saved_with_its_fault(tmp_path):
    experiment = Experiment("reverse", model("double-end", hidden_size=8), SHORT)
    again = Experiment.load(experiment.save(tmp_path / "m"))
    assert again.recipe == experiment.recipe
    assert again.splits.target_vocabulary.id_of("1") == EOS


def test_recipes_from_before_there_were_faults_are_still_read():
    recipe = Recipe("reverse", ModelConfig(hidden_size=8))
    old = recipe.to_json().replace(', "fault": "none"', "")
    assert "fault" not in old
    assert Recipe.from_json(old) == recipe


def test_the_registry_is_complete_and_speaks_plainly():
    assert settings(ModelConfig)["fault"].choices == tuple(FAULTS)
    for name, fault in FAULTS.items():
        assert fault.name == name
        for text in (fault.symptom, fault.cause, fault.cure):
            assert text.endswith(".")
            assert "tensor" not in text
    assert len({inspect.getdoc(f.model) for f in FAULTS.values()}) == 3
