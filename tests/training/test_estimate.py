"""What a recipe amounts to is known without its model."""

import pytest
from conftest import SMALL

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.recipe import Recipe
from seq2seq.training.estimate import estimate


def test_it_counts_the_weights_that_the_model_will_have(any_model):
    for task in ("reverse", "pairs", "numbers-en-de"):
        recipe = Recipe(task, any_model, SMALL)
        assert estimate(recipe).num_parameters == Experiment.from_recipe(recipe).num_parameters


def test_more_weights_and_more_examples_take_more_memory():
    small, wide = (estimate(Recipe("reverse", ModelConfig(hidden_size=size), SMALL)).num_bytes
                   for size in (32, 512))
    many = estimate(Recipe("reverse", ModelConfig(hidden_size=32),
                           TrainConfig(num_examples=40_000, max_length=30))).num_bytes
    assert wide > 30 * small
    assert many > 10 * 2**20 > small


def test_what_is_too_large_for_a_step_is_refused_with_the_batch_size_that_fits():
    wide = ModelConfig(hidden_size=512, num_layers=3)
    with pytest.raises(ConfigError, match=r"at most (\d+)\.$") as refused:
        estimate(Recipe("reverse", wide, TrainConfig(batch_size=512)))
    allowed = refused.value.args[0].values["allowed"]
    assert estimate(Recipe("reverse", wide, TrainConfig(batch_size=allowed))).num_parameters
