"""The task "pairs": a table of sources and targets from the user.

`tables.parsing` describes the formats, and `tables.tokenisation` how the two sides are split into
tokens, which `tables.settings` can choose. The correct answer is known only for sources in the
table. Pairs below a line of dashes are held out; without such a line, a random part is.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.example_pairs import EXAMPLE_PAIRS
from seq2seq.tasks.sampling import (
    MIN_PAIRS,
    NUM_LONGER,
    Example,
    Sets,
    Tokens,
    distinct,
    hold_out,
)
from seq2seq.tasks.tables import subwords
from seq2seq.tasks.tables.parsing import MAX_CHARACTERS, MAX_PAIRS, Skipped, Table, parse_table
from seq2seq.tasks.tables.progress import tracked
from seq2seq.tasks.tables.settings import TableSettings
from seq2seq.tasks.tables.tokenisation import (
    SUBWORDS,
    TOKENISATIONS,
    Tokenisation,
    propose,
    words_as_in,
)
from seq2seq.tasks.task import MAX_TOKENS, Task

__all__ = ["EXAMPLE_PAIRS", "MAX_CHARACTERS", "MAX_PAIRS", "PAIRS", "PairsTask"]

MAX_SYMBOLS = 2_000


@dataclass(frozen=True)
class PairsTask(Task):
    """A task given by a table; `text` is the table as the user wrote it. InputError if invalid."""

    text: str = EXAMPLE_PAIRS
    merges: str = ""  # in place of those that would be learnt, as in `subwords`

    def __post_init__(self) -> None:
        """Parse the table, so that errors are raised at once."""
        _ = self.held_out, self.min_counts

    @property
    def is_table(self) -> bool:
        """Always True."""
        return True

    @cached_property
    def table(self) -> Table:
        """The table as it was read."""
        return parse_table(self.text)

    @property
    def settings(self) -> TableSettings:
        """The settings in the first lines of the table."""
        return self.table.settings

    @cached_property
    def tokenisations(self) -> tuple[str, str]:
        """The names of the tokenisations (`tables.tokenisation`) of the source and the target side.

        The pairs to train on decide, not those below the line of dashes.
        """
        rows = [row.cells for row in self.table.rows if self.is_above(row.line)]
        source, target = zip(*(rows or [row.cells for row in self.table.rows]), strict=True)
        return (self.settings.source_tokens or propose(source, MAX_SYMBOLS),
                self.settings.target_tokens or propose(target, MAX_SYMBOLS))

    @cached_property
    def _texts(self) -> list[tuple[int, str, str]]:
        # The line of each row, and its cells in the chosen case and normal form.
        prepare = self.settings.prepare
        return [(line, prepare(cells[0]), prepare(cells[1])) for line, cells in self.table.rows]

    @cached_property
    def _held_out_texts(self) -> frozenset[str]:
        # The source texts that are held out: those below the line of dashes. Without that line, and
        # if a side is split into subwords, a random part: subwords are learnt from the others, so
        # these must be known first.
        if self.table.end is not None:
            return frozenset(source for line, source, _ in self._texts if not self.is_above(line))
        if SUBWORDS not in self.tokenisations:
            return frozenset()
        near, far = hold_out(list(dict.fromkeys(source for _, source, _ in self._texts)),
                             random.Random(SUBWORDS))
        return frozenset(near | far)

    @cached_property
    def tokenisers(self) -> tuple[Tokenisation, Tokenisation]:
        """The tokenisation of each side. Subwords are learnt from the pairs that are trained on."""
        given = subwords.from_json(self.merges) if self.merges else (None, None)
        found = []
        for side, name in enumerate(self.tokenisations, start=1):
            if name == "words":
                found.append(words_as_in(str(row[side]) for row in self._texts))
                continue
            if name != SUBWORDS:
                found.append(TOKENISATIONS[name])
                continue
            merges = given[side - 1] or subwords.learn(
                (str(row[side]) for row in self._texts if row[1] not in self._held_out_texts),
                min(self.settings.vocabulary_size, MAX_SYMBOLS))
            found.append(Tokenisation(merges.split, merges.join, merges))
        return found[0], found[1]

    @property
    def subwords(self) -> str:
        """The subwords of both sides as JSON (`tables.subwords.to_json`); "" without any."""
        return subwords.to_json(tokeniser.subwords for tokeniser in self.tokenisers)

    def is_above(self, line: int) -> bool:
        """Whether a line is above the line of dashes, or there is none."""
        return self.table.end is None or line < self.table.end

    @cached_property
    def _all_rows(self) -> list[tuple[int, Tokens, Tokens]]:
        # The line, the source and the target of all rows.
        source, target = (tokeniser.split for tokeniser in self.tokenisers)
        return [(line, source(text), target(other)) for line, text, other in
                tracked(self._texts, "Splitting into tokens", len(self._texts))]

    @cached_property
    def _rows(self) -> list[tuple[int, Tokens, Tokens]]:
        # Without the lines that have too many tokens.
        found = [row for row in self._all_rows
                 if len(row[1]) <= MAX_TOKENS >= len(row[2])]
        if not found:
            raise self._too_long[0].problem
        return found

    @cached_property
    def _too_long(self) -> list[Skipped]:
        found, cells = [], {row.line: row.cells for row in self.table.rows}
        for line, source, target in self._all_rows:
            longest = max(len(source), len(target))
            if longest > MAX_TOKENS:
                found.append(Skipped(line, "long", shorten(" ".join(cells[line])), InputError(
                    "Line {line:,} has a side of {n:,} tokens: at most {most:,} are allowed. "
                    "Shorten it or leave it out.", line=line, n=longest, most=MAX_TOKENS)))
        return found

    @cached_property
    def skipped(self) -> list[Skipped]:
        """The lines that are left out because they are no pairs, or too long."""
        return sorted([*self.table.skipped, *self._too_long], key=lambda skipped: skipped.line)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The different pairs as examples."""
        pairs = dict.fromkeys(row[1:] for row in self._rows)
        answers: dict[Tokens, list[Tokens]] = {}
        for source, target in pairs:
            answers.setdefault(source, []).append(target)
        return tuple(Example(source, target, tuple(t for t in answers[source] if t != target))
                     for source, target in pairs)

    @property
    def num_repeated(self) -> int:
        """How many lines repeat a pair that occurs before; they are read once."""
        return len(self._rows) - len(self.examples)

    @cached_property
    def min_counts(self) -> tuple[int, int]:
        """How often a token must occur in the training pairs to have an id of its own, by side.

        The table's setting, or more where a side would have more than `MAX_SYMBOLS` tokens.
        """
        found = []
        for side, rows in ((LazyText("source"), [e.source for e in self.examples]),
                           (LazyText("target"), [e.target for e in self.examples])):
            counts = sorted(Counter(chain.from_iterable(rows)).values(), reverse=True)
            least = self.settings.min_count
            if len(counts) > MAX_SYMBOLS:
                least = max(least, counts[MAX_SYMBOLS] + 1)
            if counts[0] < least:
                raise InputError("No token of the {side} side occurs {least:,} times or more, and "
                                 "it has {n:,} different tokens: at most {most:,} are allowed. "
                                 "Split this side in another way, or keep fewer lines.", side=side,
                                 least=least, n=len(counts), most=MAX_SYMBOLS)
            found.append(least)
        return found[0], found[1]

    @cached_property
    def held_out(self) -> frozenset[Tokens]:
        """The sources below the line of dashes, or with subwords those held out at random.

        None of them is trained on.
        """
        # A held-out line that is left out, since its target is too long, holds its source out, too.
        held_out = {row[1] for row, text in zip(self._all_rows, self._texts, strict=True)
                    if text[1] in self._held_out_texts}
        above = {source for line, source, _target in self._rows if self.is_above(line)}
        if not above:
            raise InputError("All pairs are below the line of dashes, so all of them are held out: "
                             "put the pairs to train on above it.")
        if above <= held_out:
            raise InputError("Every source to train on is also held out, so no pairs are left. Add "
                             "pairs with other sources.")
        return frozenset(held_out)

    @cached_property
    def num_dropped(self) -> int:
        """How many pairs above the line of dashes are dropped: their sources are held out."""
        if self.table.end is None:
            return 0
        pairs = {(source, target) for line, source, target in self._rows if self.is_above(line)}
        return sum(source in self.held_out for source, _target in pairs)

    @cached_property
    def _answers(self) -> dict[Tokens, tuple[Tokens, ...]]:
        return {example.source: (example.target, *example.others)
                for example in reversed(self.examples)}

    def parse(self, text: str) -> Tokens:
        """The tokens of an input, split as the sources of the table.

        Tokens that are not in the table are allowed; the model reads them as UNK.
        """
        if not isinstance(text, str) or not text.strip():
            raise InputError("The box is empty. Type a source like those of your pairs, for "
                             "example: {example}", example=self.format(self.examples[0].source))
        text = self.settings.prepare(text[: 100 * MAX_TOKENS])
        tokens = self.tokenisers[0].split(text)
        self.check_length(tokens)
        return tokens

    def format(self, tokens: Tokens) -> str:
        """The tokens of a source as text."""
        return self.tokenisers[0].join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The tokens of an answer as text."""
        return self.tokenisers[1].join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """The tokens of an answer, split as the targets of the table."""
        return self.tokenisers[1].split(self.settings.prepare(text))

    def select_scored(self, examples: Sequence[Example], count: int) -> tuple[Example, ...]:
        """Each source once; of more than `count`, every n-th: a file may be sorted."""
        found = distinct(examples)
        return found[:: -(-len(found) // count)] if len(found) > count else found

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The first answer in the table, or None."""
        return next(iter(self.solutions(tokens)), None)

    def solutions(self, tokens: Tokens) -> tuple[Tokens, ...]:
        """All answers in the table, in its order."""
        return self._answers.get(tokens, ())

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The split by the line of dashes; without one, a random tenth is held out.

        Without that line, the longest of 50 or more different sources are the third set.
        """
        examples = list(self.examples)
        if self.held_out:
            train = [e for e in examples if e.source not in self.held_out]
            rng.shuffle(train)
            new = distinct(e for e in examples if e.source in self.held_out)
            longest = max(len(e.source) for e in train)
            return (train, [e for e in new if len(e.source) <= longest],
                    [e for e in new if len(e.source) > longest])
        sources = list(dict.fromkeys(e.source for e in examples))
        if len(sources) < MIN_PAIRS:
            return examples, [], []
        near, far = hold_out(sources, rng)
        rng.shuffle(examples)
        return ([e for e in examples if e.source not in far | near],
                list(distinct(e for e in examples if e.source in near)),
                list(distinct(e for e in examples if e.source in far))[:NUM_LONGER])


PAIRS = PairsTask(
    "pairs", "Your own pairs", "Learn any mapping from a table that you paste or upload.",
    "your pairs can define any mapping, such as translation, spelling or codes (here: English "
    "plurals)",
    "cat", alphabet=(), rule=lambda tokens: tokens,
    model=ModelConfig(attention="dot", embedding_dim=0),  # a vocabulary may have 2,000 symbols
    train=TrainConfig(num_epochs=40, batch_size=16), needs_pairs=True, family="Your own",
    writes_text=True)
