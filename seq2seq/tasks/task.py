"""What a task is: how to read a person's text, what the right answer is, how to make examples.

Pure Python: a task knows nothing of tensors, models or pages. A new task is one more `Task`
(or a small subclass) and one line in `TASKS`.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten

Tokens = tuple[str, ...]
MAX_TOKENS = 60  # longest sequence that is read, of any task


@dataclass(frozen=True)
class Example:
    """One training pair, as symbols: what goes in and what should come out (no EOS)."""

    source: Tokens
    target: Tokens


@dataclass(frozen=True)
class Task:
    """A kind of sequence-to-sequence problem over a closed set of symbols.

    `rule` computes the right answer, so any typed sequence has a known target. The default
    `model` and `train` settings were found by search (`tests/benchmarks`), not by taste.
    """

    name: str
    title: str
    summary: str
    stands_for: str
    example: str
    alphabet: Tokens
    rule: Callable[[Tokens], Tokens]
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    fixed: tuple[Tokens, ...] = field(default=())  # sources to train on, instead of sampled ones
    needs_pairs: bool = False

    def parse(self, text: str) -> Tokens:
        """Tokens of what a person typed: blanks or commas between them, brackets ignored.

        Where every symbol is one character, the blanks may be left out. InputError says what
        is allowed when the text is empty, too long or holds an unknown symbol.
        """
        if not isinstance(text, str):
            raise InputError(f"The sequence is {shorten(text)}: it must be text. {self._allowed()}")
        single = all(len(symbol) == 1 for symbol in self.alphabet)
        # Far more text than could ever be read is cut before it is searched.
        pieces = re.sub(r"[\[\](),;]", " ", text[:10_000]).split()
        tokens = tuple("".join(pieces)) if single else tuple(pieces)
        if not tokens:
            raise InputError(f"The box is empty. {self._allowed()}")
        unknown = [t for t in tokens if t not in self.alphabet]
        if unknown and unknown[0].lower() in self.alphabet:
            tokens = tuple(t.lower() for t in tokens)
            unknown = [t for t in tokens if t not in self.alphabet]
        if unknown:
            raise InputError(f"This task does not know “{shorten(unknown[0])}”. {self._allowed()}")
        self.check_length(tokens)
        return tokens

    @staticmethod
    def check_length(tokens: Tokens) -> None:
        """InputError if a sequence is longer than is ever read."""
        if len(tokens) > MAX_TOKENS:
            raise InputError(f"The sequence has {len(tokens)} tokens: at most {MAX_TOKENS} are "
                             "read. Shorten it.")

    def format(self, tokens: Tokens) -> str:
        """Tokens as text that `parse` reads back."""
        return " ".join(tokens)

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The right answer to `tokens`, or None where nobody knows it."""
        return self.rule(tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A random source of `length` tokens."""
        return tuple(rng.choices(self.alphabet, k=length))

    def _allowed(self) -> str:
        first, last, n = self.alphabet[0], self.alphabet[-1], len(self.alphabet)
        return f"Type tokens from {first} to {last} ({n} kinds), for example: {self.example}"
