"""Goals for a model, such as `new>=0.95,parameters<=5000`."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from seq2seq.errors import ConfigError, shorten

EXAMPLE = "new>=0.95,parameters<=5000"
FIGURES = ("memorised", "new", "longer", "parameters", "cpu_seconds")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}
CONDITION = re.compile(r"([a-z_]+)(>=|<=)(\d+(?:\.\d+)?)")


class Condition(NamedTuple):
    """One condition: a figure of `FIGURES`, `>=` or `<=`, and a number."""

    figure: str
    comparison: str
    number: float

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """Whether it holds; a figure that is None reaches nothing."""
        value = figures.get(self.figure)
        return value is not None and COMPARISONS[self.comparison](value, self.number)


def read_goal(text: str) -> tuple[Condition, ...]:
    """The conditions of a goal, separated by commas. ConfigError if one cannot be read.

    >>> read_goal("new>=0.95, parameters<=5000")[1]
    Condition(figure='parameters', comparison='<=', number=5000.0)
    """
    found = []
    for part in text.replace(" ", "").split(","):
        match = CONDITION.fullmatch(part)
        if not match or match[1] not in FIGURES:
            raise ConfigError("“{part}” is not a valid condition for a goal. Write one like this: "
                              "{example}. The measures are {names}.", part=shorten(part),
                              example=EXAMPLE, names=", ".join(FIGURES))
        found.append(Condition(match[1], match[2], float(match[3])))
    return tuple(found)
