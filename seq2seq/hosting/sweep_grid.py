"""The recipes of a sweep: one recipe, with a few values of one or two settings.

>>> axes = [read_axis("hidden_size", "8, 64"), read_axis("attention", "none, dot")]
>>> [(r.model.hidden_size, r.model.attention) for r in recipes(Recipe("reverse"), axes)]
[(8, 'none'), (8, 'dot'), (64, 'none'), (64, 'dot')]
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.errors import ConfigError, shorten
from seq2seq.files.share_link import read_setting
from seq2seq.i18n import LazyText
from seq2seq.recipe import Recipe

MAX_CELLS = 12
# A model's bug is for the learner to find; the values of a text may contain commas.
SETTINGS = {name: what for name, what in (settings(ModelConfig) | settings(TrainConfig)).items()
            if name != "fault" and not what.max_characters}


class Axis(NamedTuple):
    """A setting (a field of a config) and its values."""

    setting: str
    values: tuple[Any, ...]


def read_axis(setting: str, text: str) -> Axis:
    """The values in `text`, separated by commas. ConfigError if one is not allowed, or none."""
    if setting not in SETTINGS:
        raise ConfigError("“{name}” is not a setting. The settings are {names}.",
                          name=shorten(setting), names=", ".join(SETTINGS))
    label = LazyText(SETTINGS[setting].label)
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ConfigError("Write the values of “{label}”, separated by commas.", label=label)
    if len(words) > MAX_CELLS:
        raise ConfigError("There are {n} values of “{label}”: a sweep has at most {most} models.",
                          n=len(words), label=label, most=MAX_CELLS)
    values = [_value(setting, word) for word in words]
    return Axis(setting, tuple(dict.fromkeys(values)))


def _value(setting: str, word: str) -> Any:
    value = read_setting(setting, word)
    kind = ModelConfig if setting in settings(ModelConfig) else TrainConfig
    checked = SETTINGS[setting].check(value, _type_of(kind, setting))
    assert checked is not None
    return checked


def _type_of(kind: type, setting: str) -> str:
    found = kind.__dataclass_fields__[setting].type  # type: ignore[attr-defined]
    return getattr(found, "__name__", str(found))


def recipes(base: Recipe, axes: Sequence[Axis]) -> list[Recipe]:
    """The recipes of all combinations; the last setting's values change first.

    ConfigError if there are too many or too few, if both settings are the same, or if a config
    does not allow a combination.
    """
    if len({axis.setting for axis in axes}) < len(axes):
        raise ConfigError("Both settings of the sweep are the same: choose two different ones.")
    combinations = list(product(*(axis.values for axis in axes)))
    if len(combinations) > MAX_CELLS:
        raise ConfigError("These values make {n} models: a sweep has at most {most}. Remove some "
                          "values.", n=len(combinations), most=MAX_CELLS)
    if len(combinations) < 2:
        raise ConfigError("A sweep compares at least two models: add a value.")
    return [with_settings(base, {axis.setting: value
                                 for axis, value in zip(axes, values, strict=True)})
            for values in combinations]


def with_settings(base: Recipe, values: dict[str, Any]) -> Recipe:
    """`base` with other values of some settings. ConfigError if a config does not allow them."""
    model = {name: value for name, value in values.items() if name in settings(ModelConfig)}
    train = {name: value for name, value in values.items() if name in settings(TrainConfig)}
    return replace(base, model=replace(base.model, **model), train=replace(base.train, **train))
