"""The base class of tasks: parsing of input texts, correct answers, generation of examples.

Tasks work with strings, not tensors. A new task is an instance of `Task`, or of a small subclass
that overrides parsing or sampling, and an entry in `TASKS`.
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

MAX_TOKENS = 120  # the longest input of any task


@dataclass(frozen=True)
class Task:
    """A sequence-to-sequence problem over a fixed set of symbols.

    `rule` computes the correct answer; () means that there is none. A search found the default
    settings `model` and `train` (`tests/benchmarks`).

    The size of an example is counted in `unit`s: `min_length` to `max_length` in training, up to
    `longer_by` more in the third set. Both are clipped to the range `smallest` to `largest`, so
    that larger examples always exist.
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
    fixed: tuple[Tokens, ...] = field(default=())  # the training sources, if they are not sampled
    needs_pairs: bool = False
    target_alphabet: Tokens = ()  # empty: the same as `alphabet`
    family: str = "First steps"  # heading in the menu
    more_examples: tuple[str, ...] = ()  # further texts to try
    teaches: str = ""  # what to observe and to try
    unit: str = "tokens"
    longer: str = "Longer than in training"  # title of the third set
    longer_by: int = 5
    smallest: int = 1  # size of the smallest training examples, in units
    largest: int = 30  # size of the largest training examples, in units
    frame_size: int = 0  # if not 0, the encoder reads vectors of this size instead of tokens
    silence: float = 0.0  # value of all numbers of a silent frame
    writes_text: bool = False  # True: answers are words, which BLEU and its like can measure

    @property
    def is_table(self) -> bool:
        """True if the examples are a finite list, so that no epoch can have new ones."""
        return bool(self.fixed)

    @property
    def min_counts(self) -> tuple[int, int]:
        """How often a token must occur in training to have an id of its own, by side."""
        return 1, 1

    @property
    def subwords(self) -> str:
        """The subwords that were learnt from the data, as JSON; "" if none were."""
        return ""

    def parse(self, text: str) -> Tokens:
        """The tokens of an input text, separated by blanks or commas; brackets are ignored.

        If every symbol is one character, the blanks are optional. InputError if the text is empty,
        too long or contains an unknown symbol.
        """
        if not isinstance(text, str):
            raise InputError("The sequence is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        single = all(len(symbol) == 1 for symbol in self.alphabet)
        # A longer text would be refused anyway; cutting it first bounds the time of the search.
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
        """InputError if a sequence is longer than `MAX_TOKENS`."""
        if len(tokens) > MAX_TOKENS:
            raise InputError("The sequence has {n} tokens: at most {most} are allowed. Shorten it.",
                             n=len(tokens), most=MAX_TOKENS)

    def format(self, tokens: Tokens) -> str:
        """The tokens as text for `parse`."""
        return " ".join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """An answer as text for people."""
        return " ".join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """The tokens of an answer, written with blanks or as by `format_target`.

        InputError if it contains a symbol that is not in the target vocabulary.
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
        """The correct answer to `tokens`, or None if it is unknown."""
        return self.rule(tokens) or None

    def solutions(self, tokens: Tokens) -> tuple[Tokens, ...]:
        """All correct answers: usually one, () if none is known."""
        target = self.solve(tokens)
        return () if target is None else (target,)

    def why_unsolved(self, tokens: Tokens) -> LazyText | None:
        """A sentence for people: why no correct answer to `tokens` is known; None if one is."""
        return None

    def key(self, tokens: Tokens) -> Hashable:
        """Sources with equal keys ask the same (2+3 and 3+2) and are held out together."""
        return tokens

    def size(self, tokens: Tokens) -> int:
        """The size of a source in `unit`s."""
        return len(tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A random source of `length` units."""
        return tuple(rng.choices(self.alphabet, k=length))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """Training examples, held-out examples and the harder third set."""
        return sample_sets(self, config, rng)

    def select_scored(self, examples: Sequence[Example], count: int) -> tuple[Example, ...]:
        """The examples of a set that are scored: at most `count`, each source once."""
        return distinct(examples)[:count]

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if a source belongs to the third set, given the training sources."""
        return self.size(tokens) > max(map(self.size, trained_on))

    def example_sources(self) -> list[Tokens]:
        """The sources that the page suggests as inputs. They are never trained on."""
        return [self.parse(text) for text in (self.example, *self.more_examples)]

    def frames(self, tokens: Tokens) -> np.ndarray:
        """The encoder's input for a source, if it is not tokens: (S, frame_size) float32."""
        raise NotImplementedError(f"{self.name} reads symbols")

    def augment(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A random variation of the frames with the same meaning, for training."""
        return frames

    def positions(self, tokens: Tokens) -> Tokens:
        """Labels of the S input positions: the tokens themselves."""
        return tokens

    def _allowed(self) -> LazyText:
        return LazyText("Type tokens from {first} to {last} ({n} different ones), for example: "
                        "{example}",
                        first=self.alphabet[0], last=self.alphabet[-1], n=len(self.alphabet),
                        example=self.example)
