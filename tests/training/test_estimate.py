"""Estimates of a recipe's size, without building its model."""

from dataclasses import replace

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


def test_a_step_that_takes_long_is_refused_however_little_it_holds():
    """No other job has a turn during a step: this step took two seconds."""
    words = [f"w{i}" for i in range(1900)]
    lines = [" ".join(words[i:i + 118]) for i in range(0, 1900, 118)]
    pairs = "\n".join(f"{line} -> {line}" for line in lines)
    recipe = Recipe("pairs", ModelConfig(hidden_size=512, num_layers=3, attention="dot"),
                    TrainConfig(batch_size=7), pairs)
    with pytest.raises(ConfigError, match=r"too much memory or time\. Use .* at most 3\.$"):
        estimate(recipe)
    assert Experiment.from_recipe(recipe).num_parameters > 17_000_000  # nobody waits: it opens
    small = replace(recipe, train=TrainConfig(batch_size=3))
    assert estimate(small).num_parameters > 17_000_000
