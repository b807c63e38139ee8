"""Pre-trained models, their provenance, and weights stored in 16 bits."""

import json
import struct

import pytest
import torch
from conftest import SMALL
from safetensors.torch import load_file, save
from test_checkpoint import assemble, header_and_data

from seq2seq import TASKS, Experiment, ModelConfig
from seq2seq.errors import CheckpointError
from seq2seq.files import pretrained
from seq2seq.files.checkpoint import dump_weights, read_provenance
from seq2seq.files.provenance import Provenance
from seq2seq.training.events import EpochEnd

PROVENANCE = Provenance(
    "2026-03-07", "python -m seq2seq train reverse", "the task's own: 60 examples", 1.5,
    {"memorised": 1.0, "new": 0.5, "longer": None}, "“Ünïcode” ✓")


@pytest.fixture(scope="module")
def experiment():
    return Experiment("reverse", ModelConfig(hidden_size=8, attention="dot"), SMALL)


@pytest.mark.parametrize("task", [t for t in TASKS if pretrained.ready(t.name)],
                         ids=lambda task: task.name)
def test_every_ready_model_says_how_it_was_made_and_scores_what_it_says(task):
    path = pretrained.ready(task.name)
    experiment, provenance = Experiment.load(path), pretrained.provenance(path)
    assert experiment.recipe.task == task.name
    assert provenance.command.startswith("python -m seq2seq train " + task.name)
    assert provenance.scores["new"] is not None
    assert provenance.scores == pytest.approx(experiment.scores(), abs=1e-9)
    assert experiment.predict(task.example).steps
    if path.with_suffix(".json").is_file():  # its log is that of its training
        events, num_epochs = pretrained.log(path), experiment.recipe.train.num_epochs
        assert events[0].num_epochs == num_epochs
        epochs = [e for e in events if isinstance(e, EpochEnd)]
        assert [e.epoch for e in epochs] == list(range(1, num_epochs + 1))
        assert epochs[-1].scores == provenance.scores


def test_the_ready_models_are_light():
    files = list(pretrained.MODELS.glob("*"))
    assert sum(file.stat().st_size for file in files) <= 20 * 2**20
    assert {file.stem for file in files if file.suffix == ".safetensors"} <= {
        task.name for task in TASKS}


@pytest.mark.parametrize("name", ["no such", "../../secret", "", "reverse/../reverse", None, 7])
def test_nothing_is_ready_for_what_is_no_task(name):
    assert pretrained.ready(name) is None


def test_the_note_travels_with_the_model(experiment, tmp_path):
    path = experiment.save(tmp_path / "m", PROVENANCE)
    assert pretrained.provenance(path) == PROVENANCE
    assert Experiment.load(path).recipe == experiment.recipe
    bare = experiment.save(tmp_path / "bare")
    assert read_provenance(bare) is None
    with pytest.raises(CheckpointError, match="has no record of its training"):
        pretrained.provenance(bare)


@pytest.mark.parametrize("change", [
    {"date": 5}, {"command": "x" * 100_000}, {"cpu_seconds": "1"}, {"cpu_seconds": -1},
    {"cpu_seconds": True}, {"scores": []}, {"scores": {"new": 2}}, {"scores": {"new": "high"}},
    {"scores": {"<script>": 1}}, {"extra": 1}, {"remark": None}])
def test_a_spoilt_note_is_refused_but_not_the_model(experiment, tmp_path, change):
    path = experiment.save(tmp_path / "m", PROVENANCE)
    header, data = header_and_data(path.read_bytes())
    note = {**json.loads(header["__metadata__"]["made"]), **change}
    for text in (json.dumps(note), "[" * 60_000, "no JSON", "NaN"):
        header["__metadata__"]["made"] = text
        path.write_bytes(assemble(header, data))
        with pytest.raises(CheckpointError, match="training record"):
            read_provenance(path)
        assert Experiment.load(path)


def test_half_the_bytes_and_the_same_answers(trained, tmp_path):
    whole, half = trained.save(tmp_path / "whole"), trained.save(tmp_path / "half", half=True)
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    loaded = Experiment.load(half)
    assert {weight.dtype for weight in loaded.model.parameters()} == {torch.float32}
    for a, b in zip(loaded.model.parameters(), trained.model.parameters(), strict=True):
        assert torch.equal(a, b.half().float())
    assert loaded.scores()["new"] == pytest.approx(trained.scores()["new"], abs=0.01)


def test_bfloat16_is_read_too(experiment, tmp_path):
    path = experiment.save(tmp_path / "m")
    header, _ = header_and_data(path.read_bytes())
    weights = {name: weight.bfloat16() for name, weight in load_file(path).items()}
    path.write_bytes(save(weights, header["__metadata__"]))
    model = Experiment.load(path).model
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("dtype", [torch.float64, torch.int32, torch.int8, torch.bool,
                                   torch.uint8, torch.float8_e4m3fn, torch.complex64])
def test_other_kinds_of_number_are_refused(experiment, tmp_path, dtype):
    path = experiment.save(tmp_path / "m")
    header, _ = header_and_data(path.read_bytes())
    weights = load_file(path)
    first = next(iter(weights))
    weights[first] = weights[first].to(dtype)
    path.write_bytes(save(weights, header["__metadata__"]))
    with pytest.raises(CheckpointError, match=r"damaged|not a model"):
        Experiment.load(path)


@pytest.mark.parametrize("claim", ["F128", "f16", "", "BF8", 16, None, ["F16"]])
def test_a_kind_of_number_that_does_not_exist_is_refused(experiment, tmp_path, claim):
    path = experiment.save(tmp_path / "m", half=True)
    header, data = header_and_data(path.read_bytes())
    next(part for name, part in header.items() if name != "__metadata__")["dtype"] = claim
    path.write_bytes(assemble(header, data))
    with pytest.raises(CheckpointError):
        Experiment.load(path)


def test_infinity_in_16_bits_is_found(experiment, tmp_path):
    path = experiment.save(tmp_path / "m", half=True)
    header, data = header_and_data(path.read_bytes())
    path.write_bytes(assemble(header, struct.pack("<e", float("inf")) + data[2:]))
    with pytest.raises(CheckpointError, match="not numbers"):
        Experiment.load(path)


def test_a_weight_too_large_for_16_bits_is_not_saved():
    layer = torch.nn.Linear(2, 2)
    layer.weight.data.fill_(1e6)
    with pytest.raises(CheckpointError, match="16 bits"):
        dump_weights(layer, half=True)


def test_no_hash_stands_in_a_sentence_for_learners():
    from seq2seq.ui.components.run_names import provenance_sentence
    for path in pretrained.MODELS.glob("*.safetensors"):
        assert "sha256" not in provenance_sentence(pretrained.provenance(path)), path.name
