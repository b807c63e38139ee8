"""What a task is: how to read a person's text, what the right answer is, how to make examples.

A task knows nothing of tensors, models or pages. A new task is one more `Task` (or a small
subclass that reads or samples in its own way) and one line in `TASKS`.
"""

import random
import re
from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Example, Sets, Tokens, distinct, sample_sets

MAX_TOKENS = 120  # longest sequence that is read, of any task


@dataclass(frozen=True)
class Task:
    """A kind of sequence-to-sequence problem over a closed set of symbols.

    `rule` computes the right answer, and gives none (an empty one) where there is none. The default
    `model` and `train` settings were found by search (`tests/benchmarks`), not by taste.

    How big an example is, is counted in `unit`s: `min_length` to `max_length` of them in training,
    up to `longer_by` more in the third set of scores. Settings outside `smallest` to `largest` are
    taken as the nearest of the two: so there is always something larger than what is trained on.
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
    target_alphabet: Tokens = ()  # empty: the same as `alphabet`
    family: str = "First steps"  # heading in the menu
    more_examples: tuple[str, ...] = ()  # further texts to try
    teaches: str = ""  # what to look at, what to try
    unit: str = "tokens"
    longer: str = "Longer than in training"  # title of the third set
    longer_by: int = 5
    smallest: int = 1  # units that a training example has at least
    largest: int = 30  # and at most
    frame_size: int = 0  # above 0: the encoder reads vectors of so many numbers, not symbols
    silence: float = 0.0  # the numbers of a frame in which nothing happens

    @property
    def is_table(self) -> bool:
        """Whether its examples are a list with an end. Then no epoch can have fresh ones."""
        return bool(self.fixed)

    def parse(self, text: str) -> Tokens:
        """Tokens of what a person typed: blanks or commas between them, brackets ignored.

        Where every symbol is one character, the blanks may be left out. InputError says what
        is allowed when the text is empty, too long or holds an unknown symbol.
        """
        if not isinstance(text, str):
            raise InputError("The sequence is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        single = all(len(symbol) == 1 for symbol in self.alphabet)
        # Far more text than could ever be read is cut before it is searched.
        pieces = re.sub(r"[\[\](),;]", " ", text[:10_000]).split()
        tokens = tuple("".join(pieces)) if single else tuple(pieces)
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        unknown = [t for t in tokens if t not in self.alphabet]
        if unknown and unknown[0].lower() in self.alphabet:
            tokens = tuple(t.lower() for t in tokens)
            unknown = [t for t in tokens if t not in self.alphabet]
        if unknown:
            raise InputError("“{token}” is not in this task's vocabulary. {allowed}",
                             token=shorten(unknown[0]), allowed=self._allowed())
        self.check_length(tokens)
        return tokens

    @staticmethod
    def check_length(tokens: Tokens) -> None:
        """InputError if a sequence is longer than is ever read."""
        if len(tokens) > MAX_TOKENS:
            raise InputError("The sequence has {n} tokens: at most {most} are allowed. Shorten it.",
                             n=len(tokens), most=MAX_TOKENS)

    def format(self, tokens: Tokens) -> str:
        """Tokens as text that `parse` reads back."""
        return " ".join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """An answer as people write it."""
        return " ".join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """Tokens of an answer, written with blanks between them or as `format_target` does.

        InputError names a symbol that no answer of this task can hold.
        """
        symbols = frozenset(self.target_alphabet or self.alphabet)
        tokens = tuple(text.split())
        if not symbols.issuperset(tokens) and all(len(symbol) == 1 for symbol in symbols):
            tokens = tuple("".join(tokens))
        unknown = next((token for token in tokens if token not in symbols), None)
        if unknown is not None:
            known = shorten(", ".join(sorted(symbols)), 120)
            raise InputError("“{token}” is not an output token of the task “{task}”, which has "
                             "{n}: {known}.", task=self.name, token=shorten(unknown),
                             n=len(symbols), known=known)
        self.check_length(tokens)
        return tokens

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The right answer to `tokens`, or None where nobody knows it."""
        return self.rule(tokens) or None

    def solutions(self, tokens: Tokens) -> tuple[Tokens, ...]:
        """All right answers: most tasks have one, and some sources none that is known."""
        target = self.solve(tokens)
        return () if target is None else (target,)

    def key(self, tokens: Tokens) -> Hashable:
        """What a source asks. Sources with one key are held out together (2+3 and 3+2)."""
        return tokens

    def size(self, tokens: Tokens) -> int:
        """How many `unit`s a source has."""
        return len(tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A random source of `length` units."""
        return tuple(rng.choices(self.alphabet, k=length))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """What is trained on, what is held out, and the harder third set."""
        return sample_sets(self, config, rng)

    def scored(self, examples: Sequence[Example], count: int) -> tuple[Example, ...]:
        """Those of a set that are scored: `count` at most, each source once."""
        return distinct(examples)[:count]

    def is_beyond(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """Whether a source belongs with the third set, rather than with what was trained on."""
        return self.size(tokens) > max(map(self.size, trained_on))

    def offered(self) -> list[Tokens]:
        """The sources that the page offers to type. They are never trained on."""
        return [self.parse(text) for text in (self.example, *self.more_examples)]

    def frames(self, tokens: Tokens) -> np.ndarray:
        """What the encoder reads for a source, if not symbols: (S, frame_size) float32."""
        raise NotImplementedError(f"{self.name} reads symbols")

    def augment(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Frames that mean the same, a little different, to train on."""
        return frames

    def positions(self, tokens: Tokens) -> Tokens:
        """How the S places that the encoder reads are called: by the tokens themselves."""
        return tokens

    def _allowed(self) -> LazyText:
        return LazyText("Type tokens from {first} to {last} ({n} different ones), for example: "
                        "{example}",
                        first=self.alphabet[0], last=self.alphabet[-1], n=len(self.alphabet),
                        example=self.example)
