"""Your own pairs: any text in which each line says what goes in and what should come out.

Three ways to write it are understood: `source -> target` lines, tab-separated values, and CSV
(two columns). Blanks separate tokens; a side on which no entry has a blank is read letter by
letter, so that `cat -> cats` needs no spacing out. The right answer is known only for sources
that are in the table.
"""

import csv
import random
from dataclasses import dataclass
from functools import cached_property

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.tasks.sampling import NUM_LONGER, NUM_NEW, Example, Sets, Tokens
from seq2seq.tasks.task import MAX_TOKENS, Task

MAX_PAIRS = 5_000
MAX_CHARACTERS = 400_000
MAX_SYMBOLS = 2_000
MIN_PAIRS = 10  # a table with fewer different sources is trained on whole: nothing is held out

HOW = "Write one pair a line, for example: cat -> cats"

# English plurals, written for this project: three rules that can be heard in the examples.
EXAMPLE_PAIRS = "\n".join(
    f"{one} -> {many}"
    for words, ending, cut in [
        ("cat dog bird tree book chair table river mountain window door garden street "
         "letter number teacher student doctor farmer baker singer driver hat map cup bag "
         "pen bed car road field flower apple orange banana onion carrot spoon plate clock "
         "lamp phone shirt boot sock coat king queen island planet rocket robot model "
         "token", "s", 0),
        ("bus box fox class glass dress boss kiss wish dish brush bush watch match bench lunch "
         "branch church beach peach tax wax mix fax gas", "es", 0),
        ("city baby lady story party berry cherry puppy country family body copy fly spy sky army "
         "diary factory library memory", "ies", 1),
    ]
    for one in words.split()
    for many in [one[: len(one) - cut] + ending]
)


def read_pairs(text: str) -> list[tuple[str, str]]:
    """The (source, target) texts of a table. InputError names the first line that is wrong."""
    if not isinstance(text, str):
        raise InputError(f"The pairs are {shorten(text)}: they must be text. {HOW}")
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"The text has {len(text):,} characters: at most {MAX_CHARACTERS:,} are "
                         "read. Keep a part of it.")
    lines = [(n, line) for n, line in enumerate(text.lstrip("\ufeff").splitlines(), 1)
             if line.strip()]
    if not lines:
        raise InputError(f"There are no pairs yet. {HOW}")
    if len(lines) > MAX_PAIRS:
        raise InputError(f"There are {len(lines):,} lines: at most {MAX_PAIRS:,} pairs are read. "
                         "Keep a part of them.")
    first = lines[0][1]
    arrow = next((a for a in ("->", "→", "\t") if a in first), None)
    pairs = []
    for n, line in lines:
        if arrow:
            cells = line.split(arrow)
        else:
            try:
                cells = next(csv.reader([line], strict=True))
            except csv.Error as problem:
                raise InputError(f"Line {n} is not valid CSV ({problem}). {HOW}") from None
        if len(cells) != 2 or not all(cell.strip() for cell in cells):
            raise InputError(f"Line {n} is “{shorten(line)}”: a pair has exactly two sides that "
                             f"are not empty. {HOW}")
        pairs.append((cells[0].strip(), cells[1].strip()))
    return pairs


@dataclass(frozen=True)
class PairsTask(Task):
    """A task that is a table: `text` holds it as the person wrote it."""

    text: str = EXAMPLE_PAIRS

    def __post_init__(self) -> None:
        for n, example in enumerate(self.examples, 1):
            for tokens in (example.source, example.target):
                if len(tokens) > MAX_TOKENS:
                    raise InputError(f"Pair {n} has a side of {len(tokens)} tokens: at most "
                                     f"{MAX_TOKENS} are read. Shorten it or leave it out.")
        for side in ("source", "target"):
            n = len({t for example in self.examples for t in getattr(example, side)})
            if n > MAX_SYMBOLS:
                raise InputError(f"The {side} side has {n:,} different tokens: at most "
                                 f"{MAX_SYMBOLS:,} can be learned. Keep fewer lines.")

    @cached_property
    def _texts(self) -> list[tuple[str, str]]:
        return read_pairs(self.text)

    @cached_property
    def by_letter(self) -> tuple[bool, bool]:
        """Whether each character is a token, for the source and for the target side."""
        return (not any(len(s.split()) > 1 for s, _ in self._texts),
                not any(len(t.split()) > 1 for _, t in self._texts))

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The pairs, as tokens, each different pair once."""
        pairs = (Example(*(tuple(text) if letters else tuple(text.split())
                           for text, letters in zip(pair, self.by_letter, strict=True)))
                 for pair in self._texts)
        return tuple(dict.fromkeys(pairs))

    @cached_property
    def _answers(self) -> dict[Tokens, Tokens]:
        return {example.source: example.target for example in reversed(self.examples)}

    def parse(self, text: str) -> Tokens:
        """Tokens of a typed source, cut as the table's own sources are.

        A token that the table does not hold is allowed: the model reads it as "unknown".
        """
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"The box is empty. Type a source like those of your pairs, for "
                             f"example: {self.format(self.examples[0].source)}")
        text = text[: 100 * MAX_TOKENS]
        tokens = tuple("".join(text.split())) if self.by_letter[0] else tuple(text.split())
        self.check_length(tokens)
        return tokens

    def format(self, tokens: Tokens) -> str:
        """Tokens as text: letters joined, words with blanks."""
        return ("" if self.by_letter[0] else " ").join(tokens)

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The table's answer (the first one, where a source has several), or None."""
        return self._answers.get(tokens)

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """A tenth of the sources is held out, and of 50 or more also the very longest ones."""
        examples = list(self.examples)
        sources = list(dict.fromkeys(e.source for e in examples))
        if len(sources) < MIN_PAIRS:
            return examples, [], []
        rng.shuffle(sources)
        far: set[Tokens] = set()
        if len(sources) >= 5 * MIN_PAIRS:
            limit = sorted(map(len, sources))[-max(1, len(sources) // 20)]
            far = {s for s in sources if len(s) > limit} or {s for s in sources if len(s) == limit}
            far = far if len(far) <= len(sources) // 10 else set()  # too many are equally long
        near = [s for s in sources if s not in far]
        held_out = set(near[: min(NUM_NEW, len(near) // 10)])
        rng.shuffle(examples)
        return ([e for e in examples if e.source not in far | held_out],
                [e for e in examples if e.source in held_out],
                [e for e in examples if e.source in far][:NUM_LONGER])


PAIRS = PairsTask(
    "pairs", "Your own pairs", "Learn any mapping from a table that you paste or upload.",
    "translation, spelling, codes: whatever your lines show (here: English plurals)",
    "cat", alphabet=(), rule=lambda tokens: tokens,
    model=ModelConfig(attention="dot", embedding_dim=0),  # there may be 2,000 symbols
    train=TrainConfig(num_epochs=40, batch_size=16), needs_pairs=True)
