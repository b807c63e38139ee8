"""Data classes of a lesson, and the insertion of numbers into its texts."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seq2seq.files.share_link import Link
from seq2seq.i18n import LazyText, decimal
from seq2seq.lessons.checks import Expectation

Number = float | int | str | None


def percent(share: float) -> str:
    """A fraction in percent; from 99 % on it is rounded down, so that only 1 is "100 %".

    >>> percent(0.714), percent(0.9996), percent(1)
    ('71 %', '99.9 %', '100 %')
    """
    if 0.99 <= share < 1:
        return f"{decimal(math.floor(share * 1000) / 10, '.1f')} %"
    return f"{share * 100:.0f} %"


KINDS: dict[str, Callable[[Any], str]] = {  # kind of number -> its format in the current language
    "share": percent,
    "count": lambda number: decimal(number, ",.0f"),
    "mean": lambda number: decimal(number, ".1f"),
    "loss": lambda loss: decimal(loss, ".2f" if loss >= 0.1 else ".3f"),
    "text": str,
}
# Numbers of every trained run: name -> kind, meaning.
METRICS = {
    "memorised": ("share", "right answers on the sequences that it was trained on"),
    "new": ("share", "right answers on new ones"),
    "longer": ("share", "right answers on longer ones"),
    "loss": ("loss", "mean training loss of the last epoch"),
    "first_loss": ("loss", "mean training loss of the first epoch"),
    "held_out_loss": ("loss", "loss on new ones after the last epoch"),
    "first_held_out_loss": ("loss", "loss on new ones after the first epoch"),
    "epochs": ("count", "epochs that have ended"),
    "examples": ("count", "sequences that it was trained on"),
    "parameters": ("count", "numbers that training can change"),
    "first_right": ("count", "the first epoch after which a row was right; none if never"),
    "before": ("text", "the untrained model's answer to the text in the box"),
    "before_tokens": ("count", "tokens of that answer"),
    "before_copied": ("count", "1 if that answer is the input, else 0"),
    "before_ended": ("count", "1 if that answer ended by itself, else 0"),
    "after": ("text", "the trained model's answer to it"),
    "look_back": ("count", "of 100 new ones: those in which the largest weight goes back"),
    "errors_early": ("share", "of the wrong tokens on new ones: in the first half of the answer"),
    "errors_late": ("share", "of the wrong tokens on new ones: in the second half"),
    "beam_differ": ("count", "of 100 new ones: answers that differ between greedy and a beam of 5"),
}
AT_LENGTH = re.compile(r"right_at_(\d+)")  # exact match on new sequences of this length
# Mean number of later tokens that change when the token at this position (from 1) is replaced.
AT_PLACE = re.compile(r"changed_at_(\d+)")
# The input position (from 1) with the largest attention weight at an output step, and that weight.
LOOK_AT, WEIGHT_AT = re.compile(r"look_at_(\d+)"), re.compile(r"weight_at_(\d+)")
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne}


class Condition(NamedTuple):
    """`name` compared with a number or another name. No operator: `name` is missing."""

    name: str
    operator: str = ""
    other: float | str = ""


class Choice(NamedTuple):
    """One of three choices of the guess, with the reply that the results show.

    The conditions of the correct choice must hold in the learner's numbers for it to be confirmed.
    """

    text: str
    reply: str
    right: bool
    conditions: tuple[Condition, ...] = ()


class Measure(NamedTuple):
    """A number that a step of one lesson measures, in addition to `METRICS`."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Step:
    """A step of a lesson: something to do on the page."""

    title: str
    text: str
    tab: str = ""
    control: str = ""
    wait: str = "told"
    presets: Mapping[str, str] = field(default_factory=dict)  # see checks.py
    expects: tuple[Expectation, ...] = ()
    run: str = ""  # the name of the run that this step trains or uses
    link: Link | None = None
    query: str = ""  # the link as text
    ready: bool = False  # True if the pre-trained model is opened instead
    measures: tuple[Measure, ...] = ()


class Paragraph(NamedTuple):
    """A part of the reveal, shown if all conditions hold."""

    template: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A parsed lesson."""

    number: int
    name: str
    title: str
    minutes: int
    hook: str
    question: str
    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
    reveal: tuple[Paragraph, ...]
    keep: str
    misconception: str
    road: str  # a question to think about further

    @property
    def runs(self) -> dict[str, Link]:
        """Name -> link of the runs that its steps train."""
        return {step.run: step.link for step in self.steps if step.run and step.link}

    @property
    def measures(self) -> dict[str, Measure]:
        """Name -> number that its steps measure."""
        return {m.name: m for step in self.steps for m in step.measures}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of all numbers in the reveal and in the replies to the guess."""
        in_reveal = [name for part in self.reveal for name in names(part)]
        return tuple(dict.fromkeys([*in_reveal, *self._guessed]))

    @property
    def _guessed(self) -> list[str]:
        return [name for choice in self.choices
                for name in (*_compared(choice.conditions), *_placeholders(choice.reply))]

    def is_right(self, numbers: Mapping[str, Number]) -> bool | None:
        """True if the correct choice holds in the learner's numbers; None if one is missing."""
        known = {name: value for name, value in numbers.items() if value is not None}
        conditions = next(choice.conditions for choice in self.choices if choice.right)
        if any(name not in known for name in self._guessed):
            return None
        return all(_holds(condition, known) for condition in conditions)

    def tell(self, numbers: Mapping[str, Number], translate: Callable[[str], str] = str) -> str:
        """The reveal with the learner's numbers. Paragraphs with missing numbers are omitted.

        Fractions are in [0, 1], losses in nats per token. `translate` translates the texts before
        the numbers are inserted; the page passes `seq2seq.i18n._`.
        """
        known = {name: value for name, value in numbers.items() if value is not None}
        return "\n\n".join(
            self.fill(part.template, known, translate) for part in self.reveal
            if all(_holds(condition, known) for condition in part.conditions)
            and all(name in known for name in _placeholders(part.template)))

    def fill(self, template: str, known: Mapping[str, Number],
             translate: Callable[[str], str] = str) -> str:
        """A translated text of the lesson with its numbers. KeyError if one is missing."""
        def written(found: re.Match) -> str:
            value: Any = known[found[1]]
            if isinstance(value, LazyText):
                return translate(value)
            return KINDS[self.kind(found[1])](value)

        return re.sub(r"\{([\w.]+)\}", written, translate(template))

    def kind(self, name: str) -> str:
        """The kind of the number `name`. KeyError if the lesson has no such number."""
        run, _, metric = name.rpartition(".")
        if not run:
            return self.measures[name].kind
        if run not in self.runs:
            raise KeyError(name)
        if LOOK_AT.fullmatch(metric):
            return "count"
        if AT_PLACE.fullmatch(metric):
            return "mean"
        if AT_LENGTH.fullmatch(metric) or WEIGHT_AT.fullmatch(metric):
            return "share"
        return METRICS[metric][0]


def _placeholders(template: str) -> list[str]:
    return re.findall(r"\{([\w.]+)\}", template)


def names(part: Paragraph) -> list[str]:
    """The names of all numbers in a paragraph and its conditions."""
    return _compared(part.conditions) + _placeholders(part.template)


def _compared(conditions: Iterable[Condition]) -> list[str]:
    return [name for c in conditions for name in (c.name, c.other)
            if isinstance(name, str) and name]


def _holds(condition: Condition, known: Mapping[str, Number]) -> bool:
    """True if a condition holds. It does not if a number is missing, unless it asks for that."""
    if not condition.operator:
        return condition.name not in known
    one = known.get(condition.name)
    other = known.get(condition.other) if isinstance(condition.other, str) else condition.other
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return False
    return OPERATORS[condition.operator](one, other)
