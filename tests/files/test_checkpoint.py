import json
import math
import os
import pickle
import struct
from contextlib import suppress

import pytest
import torch
from conftest import SMALL
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from seq2seq import Experiment, ModelConfig
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.files.checkpoint import write_checkpoint
from seq2seq.recipe import Recipe


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model"
    return Experiment("reverse", ModelConfig(hidden_size=8), SMALL).save(path)


def header_and_data(blob):
    n = struct.unpack("<Q", blob[:8])[0]
    return json.loads(blob[8 : 8 + n]), blob[8 + n :]


def assemble(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def with_recipe(blob, **changes):
    header, data = header_and_data(blob)
    recipe = json.loads(header["__metadata__"]["recipe"])
    for path, value in changes.items():
        part, _, name = path.rpartition("__")
        (recipe[part] if part else recipe)[name] = value
    header["__metadata__"]["recipe"] = json.dumps(recipe)
    return assemble(header, data)


def refuse(tmp_path, blob):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(blob)
    with pytest.raises(CheckpointError) as caught:
        Experiment.load(path)
    assert len(str(caught.value)) < 500
    assert str(tmp_path) not in str(caught.value)


def test_round_trip_of_every_kind(small_experiment, tmp_path):
    path = small_experiment.save(tmp_path / "m")
    assert path.name == "m.safetensors"
    again = Experiment.load(path)
    assert again.recipe == small_experiment.recipe
    for a, b in zip(again.model.parameters(), small_experiment.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_own_pairs_travel_with_the_model(tmp_path):
    experiment = Experiment("pairs", pairs="a b -> c\nb a -> d")
    experiment.save(tmp_path / "m")
    assert Experiment.load(tmp_path / "m").task.solve(("b", "a")) == ("d",)


class Evil:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("blob", [
    b"", b"noise" * 100, pickle.dumps(Evil()), struct.pack("<Q", 2**63) + b"{}",
    struct.pack("<Q", 90 << 20) + b"{}", save({"w": torch.zeros(3)}),
    struct.pack("<Q", 60_000) + b"[" * 60_000,
], ids=["empty", "noise", "pickle", "huge header", "header beyond", "foreign", "deep"])
def test_foreign_files_are_refused(tmp_path, blob):
    refuse(tmp_path, blob)


@pytest.mark.parametrize("spoil", [
    lambda b: b[: len(b) // 2], lambda b: b[:-1], lambda b: b + b"x" * 50,
    lambda b: with_recipe(b, model__hidden_size=10**9),
    lambda b: with_recipe(b, model__hidden_size=9),
    lambda b: with_recipe(b, model__hidden_size=512, model__num_layers=3),
    lambda b: with_recipe(b, model__cell="lstm"),
    lambda b: with_recipe(b, train__seed=-1),
    lambda b: with_recipe(b, train__learning_rate=math.nan),
    lambda b: with_recipe(b, task="x" * 100_000),
    lambda b: with_recipe(b, task=["reverse"]),
    lambda b: with_recipe(b, pairs=None),
    lambda b: with_recipe(b, model=None),
    lambda b: with_recipe(b, extra=1),
    lambda b: with_recipe(b, format="seq2seq-recipe-0"),
    lambda b: assemble(header_and_data(b)[0], struct.pack("<f", math.nan)
                       * (len(header_and_data(b)[1]) // 4)),
    lambda b: assemble({k: v for k, v in header_and_data(b)[0].items() if k != "__metadata__"},
                       header_and_data(b)[1]),
])
def test_a_spoilt_checkpoint_is_refused(saved, tmp_path, spoil):
    refuse(tmp_path, spoil(saved.read_bytes()))


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_flipped_byte_crashes(saved, tmp_path_factory, where, mask):
    blob = bytearray(saved.read_bytes())
    blob[where % len(blob)] ^= mask
    path = tmp_path_factory.mktemp("flip") / "m.safetensors"
    path.write_bytes(bytes(blob))
    with suppress(Seq2SeqError):
        Experiment.load(path).predict("1 2")


def test_a_full_disk_leaves_nothing_behind(saved, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CheckpointError, match="No space left"):
        write_checkpoint(tmp_path / "m", Experiment("reverse").model, Recipe("reverse"))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="no file m"):
        Experiment.load(tmp_path / "m")
