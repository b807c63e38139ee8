"""Addition of two whole numbers, with the digits of the answer written forwards or backwards.

Backwards is easier: the last digit of a sum depends only on the two last digits, and each further
digit on two digits and a carry. Forwards, the first digit depends on all carries. (Sutskever et al.
2014 reversed their sources for a similar reason: it shortens the dependencies.)
"""

import random
import re
from collections.abc import Hashable
from dataclasses import dataclass

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import Task

MAX_DIGITS = 40  # of a number in the input


def numbers_of(tokens: Tokens) -> tuple[int, int] | None:
    """The two numbers of a sum such as "12+7", or None."""
    found = re.fullmatch(r"([0-9]+)\+([0-9]+)", "".join(tokens))
    return (int(found[1]), int(found[2])) if found else None


def add(tokens: Tokens) -> Tokens:
    """The digits of the sum, from left to right."""
    found = numbers_of(tokens)
    return tuple(str(sum(found))) if found else ()


def add_backwards(tokens: Tokens) -> Tokens:
    """The digits of the sum, from right to left."""
    return add(tokens)[::-1]


@dataclass(frozen=True)
class AdditionTask(Task):
    """Sums of two numbers. The size is the number of digits of the longer one."""

    def parse(self, text: str) -> Tokens:
        """The tokens of two whole numbers joined by +, without blanks and leading zeros."""
        if not isinstance(text, str):
            raise InputError("The sum is {value}: it must be text. {allowed}", value=shorten(text),
                             allowed=self._allowed())
        found = re.fullmatch(r"([0-9]+)\+([0-9]+)", "".join(text[:10_000].split()))
        if not text.strip():
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        if not found:
            raise InputError("“{text}” is not a sum of two numbers. "
                             "{allowed}", text=shorten(text.strip()),
                             allowed=self._allowed())
        numbers = [digits.lstrip("0") or "0" for digits in found.groups()]
        longest = max(map(len, numbers))
        if longest > MAX_DIGITS:
            raise InputError("A number has {n} digits: at most {most} are allowed. Shorten it.",
                             n=longest, most=MAX_DIGITS)
        return tuple("+".join(numbers))

    def format(self, tokens: Tokens) -> str:
        """The sum without blanks."""
        return "".join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The digits without blanks, in the order of the answer."""
        return "".join(tokens)

    def size(self, tokens: Tokens) -> int:
        """The number of digits of the longer number."""
        return max(map(len, "".join(tokens).split("+")))

    def key(self, tokens: Tokens) -> Hashable:
        """The set of the two numbers: 61+535 and 535+61 have the same key."""
        return frozenset("".join(tokens).split("+"))

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A number of `length` digits and one of 1 to `length` digits, in random order."""
        numbers = [str(rng.randrange(10 ** (n - 1) if n > 1 else 0, 10 ** n))
                   for n in (length, rng.randint(1, length))]
        rng.shuffle(numbers)
        return tuple("+".join(numbers))

    def _allowed(self) -> LazyText:
        return LazyText("Type two whole numbers with a plus sign between them, for example: "
                        "{example}",
                        example=self.example)


DIGITS: Tokens = tuple("0123456789")
MODEL = ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=32)
TRAIN = TrainConfig(num_epochs=6, learning_rate=0.005, num_examples=40_000, batch_size=128,
                    min_length=1, max_length=3)
OFFERED = ("7+8", "999+1", "250+250", "38+405")

ADDITION = AdditionTask(
    "addition", "Add two numbers", "Read a sum such as 535+61 and write the result digit by digit.",
    "it tests whether a model can learn arithmetic from examples alone",
    "535+61", (*DIGITS, "+"), add, model=MODEL, train=TRAIN, target_alphabet=DIGITS,
    family="Arithmetic", more_examples=OFFERED, unit="digits", longer="One more digit",
    longer_by=1,
    teaches="The first digit depends on all carries, but is written before any of them has been "
            "computed. Try 999+1: adding or removing one 9 changes every digit of the answer. Then "
            "compare with the answer written backwards.")
ADDITION_BACKWARDS = AdditionTask(
    "addition-backwards", "Add two numbers, answer backwards",
    "Read a sum such as 535+61 and write the result with its last digit first: 695 means 596.",
    "it tests whether a model can learn arithmetic, here in the order used on paper",
    "535+61", (*DIGITS, "+"), add_backwards, model=MODEL, train=TRAIN,
    target_alphabet=DIGITS,
    family="Arithmetic", more_examples=OFFERED, unit="digits", longer="One more digit",
    longer_by=1,
    teaches="The carry comes from the right, so writing the last digit first is easier: each digit "
            "depends only on two input digits and the carry. The attention map shows this: the "
            "attention moves through both numbers from their last digits to their first.")
