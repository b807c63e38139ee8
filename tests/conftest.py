"""Shared fixtures: small models and splits for every kind of cell and attention."""

import itertools

import pytest

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.attention import ATTENTIONS
from seq2seq.cells import CELLS

SMALL = TrainConfig(num_epochs=2, num_examples=60, max_length=5, batch_size=16, seed=3)
KINDS = list(itertools.product(CELLS, ATTENTIONS))


def small_model(cell: str = "gru", attention: str = "none", **more) -> ModelConfig:
    plain = {"cell": cell, "attention": attention, "hidden_size": 12, "bidirectional": False}
    return ModelConfig(**{**plain, **more})


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind))
def any_model(request) -> ModelConfig:
    """Every cell with every attention."""
    return small_model(*request.param)


@pytest.fixture
def small_experiment(any_model) -> Experiment:
    """An untrained experiment of every kind."""
    return Experiment("reverse", any_model, SMALL)


@pytest.fixture(scope="session")
def trained() -> Experiment:
    """One model that has really learned to reverse short sequences, with attention."""
    experiment = Experiment("reverse", ModelConfig(attention="additive", hidden_size=48))
    for _ in experiment.fit(TrainConfig(num_epochs=8, num_examples=2000, min_length=2,
                                        max_length=6, seed=1)):
        pass
    return experiment
