import dataclasses
import math

import pytest

from seq2seq import ModelConfig, TrainConfig
from seq2seq.config import settings
from seq2seq.errors import ConfigError

NUMBERS = [(kind, name) for kind in (ModelConfig, TrainConfig)
           for name, what in settings(kind).items() if what.high is not None]


@pytest.mark.parametrize(("kind", "name"), NUMBERS, ids=lambda x: getattr(x, "__name__", x))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1, 1e9, 10**400, True, "5", [],
                                   {"a": 1}])
def test_impossible_numbers_are_refused_with_the_range(kind, name, value):
    what = settings(kind)[name]
    with pytest.raises(ConfigError) as caught:
        kind(**{name: value})
    assert what.label in str(caught.value)
    assert " to " in str(caught.value)


@pytest.mark.parametrize(("kind", "name"), NUMBERS, ids=lambda x: getattr(x, "__name__", x))
def test_the_ends_of_a_range_are_allowed(kind, name):
    what = settings(kind)[name]
    other = {"min_length": {"max_length": 30}, "curriculum": {"fresh": True}}.get(name, {})
    for value in (what.low, what.high):
        config = kind(**{name: value}, **other)
        assert getattr(config, name) == value


def test_whole_numbers_stay_whole():
    assert type(ModelConfig(hidden_size=32.0).hidden_size) is int
    with pytest.raises(ConfigError, match="whole number"):
        ModelConfig(hidden_size=32.5)


@pytest.mark.parametrize("value", ["tree", None, 7, ["gru"]])
def test_choices_are_listed(value):
    with pytest.raises(ConfigError, match="rnn, gru, lstm"):
        ModelConfig(cell=value)


def test_a_refusal_knows_its_parts_so_that_each_can_be_translated():
    with pytest.raises(ConfigError) as caught:
        ModelConfig(hidden_size="5")
    sentence = caught.value.args[0]
    assert sentence == "Hidden size is “5”: it must be a whole number from 4 to 512."
    assert sentence.template == "{label} is {given}: {rule}."
    assert {name: part.template for name, part in sentence.values.items()} == {
        "label": "Hidden size", "given": "“{word}”",
        "rule": "it must be a whole number from {low} to {high}"}


def test_true_and_false_only():
    with pytest.raises(ConfigError, match="true or false"):
        ModelConfig(bidirectional=1)


def test_lengths_in_order():
    with pytest.raises(ConfigError, match="Shortest is 9"):
        TrainConfig(min_length=9, max_length=3)


def test_configs_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ModelConfig().hidden_size = 3


def test_every_architectural_choice_names_its_paper():
    assert all(what.paper for what in settings(ModelConfig).values())
    assert all(what.label and what.help for kind in (ModelConfig, TrainConfig)
               for what in settings(kind).values())
