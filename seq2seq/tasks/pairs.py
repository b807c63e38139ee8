"""The task "pairs": a table of sources and targets from the user.

`pair_tables` describes the formats, and `tokenisation` how the two sides are split into tokens,
which `table_settings` can choose. The correct answer is known only for sources in the table.
Pairs below a line of dashes are held out; without such a line, a random part is.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError
from seq2seq.i18n import LazyText
from seq2seq.tasks.pair_tables import (
    MAX_CHARACTERS,
    MAX_PAIRS,
    MAX_SKIPPED,
    Row,
    Skipped,
    line_of_dashes,
    parse_table,
    split_lines,
)
from seq2seq.tasks.sampling import NUM_LONGER, NUM_NEW, Example, Sets, Tokens, distinct
from seq2seq.tasks.table_settings import TableSettings, read_settings, with_settings
from seq2seq.tasks.task import MAX_TOKENS, Task
from seq2seq.tasks.tokenisation import TOKENISATIONS, propose

__all__ = ["EXAMPLE_PAIRS", "MAX_CHARACTERS", "MAX_PAIRS", "PAIRS", "PairsTask"]

MAX_SYMBOLS = 2_000
MIN_PAIRS = 10  # with fewer different sources nothing is held out

# English plurals, written for this project, with three rules.
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


@dataclass(frozen=True)
class PairsTask(Task):
    """A task given by a table; `text` is the table as the user wrote it. InputError if invalid."""

    text: str = EXAMPLE_PAIRS

    def __post_init__(self) -> None:
        """Parse the table, so that errors are raised at once."""
        _ = self.held_out
        for what, rows in ((LazyText("source"), [e.source for e in self.examples]),
                           (LazyText("target"), [e.target for e in self.examples])):
            counts = Counter(token for row in rows for token in row)
            n = sum(count >= self.min_count for count in counts.values())
            if n > MAX_SYMBOLS:
                raise InputError("The {side} side has {n:,} different tokens: at most {most:,} are "
                                 "allowed. Keep fewer lines, or set a higher minimum count.",
                                 side=what, n=n, most=MAX_SYMBOLS)

    @property
    def is_table(self) -> bool:
        """Always True."""
        return True

    @cached_property
    def _table(self) -> tuple[list[Row], list[Skipped]]:
        return parse_table(self.text)

    @cached_property
    def _rows(self) -> list[Row]:
        # Without the lines that have too many tokens.
        long = {skipped.line for skipped in self._too_long}
        return [row for row in self._table[0] if row.line not in long]

    @cached_property
    def _too_long(self) -> list[Skipped]:
        rows, found = self._table[0], []
        for row in rows:
            longest = max(map(len, self._cut(row.cells)))
            if longest > MAX_TOKENS:
                found.append(Skipped(row.line, InputError(
                    "Line {line:,} has a side of {n:,} tokens: at most {most:,} are allowed. "
                    "Shorten it or leave it out.", line=row.line, n=longest, most=MAX_TOKENS)))
        if len(found) > MAX_SKIPPED * len(rows):
            raise found[0].problem
        return found

    @cached_property
    def skipped(self) -> list[Skipped]:
        """The lines that are left out because they are no pairs, or too long."""
        return sorted([*self._table[1], *self._too_long], key=lambda skipped: skipped.line)

    @cached_property
    def settings(self) -> TableSettings:
        """The settings in the first lines of the table."""
        return read_settings(split_lines(self.text))[0]

    @property
    def min_count(self) -> int:
        """How often a token must occur in the training pairs to have an id of its own."""
        return self.settings.min_count

    @cached_property
    def tokenisations(self) -> tuple[str, str]:
        """The names of the tokenisations (`tokenisation`) of the source and the target side.

        The pairs to train on decide, not those below the line of dashes.
        """
        end = line_of_dashes(self.text)
        rows = self._table[0]
        above = [row.cells for row in rows if not end or row.line < end]
        source, target = zip(*(above or [row.cells for row in rows]), strict=True)
        return (self.settings.source_tokens or propose(source),
                self.settings.target_tokens or propose(target))

    def _cut(self, cells: tuple[str, ...]) -> tuple[Tokens, ...]:
        return tuple(TOKENISATIONS[name].split(self.settings.prepare(text))
                     for text, name in zip(cells, self.tokenisations, strict=True))

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The different pairs as examples."""
        pairs = dict.fromkeys(self._cut(row.cells) for row in self._rows)
        answers: dict[Tokens, list[Tokens]] = {}
        for source, target in pairs:
            answers.setdefault(source, []).append(target)
        return tuple(Example(source, target, tuple(t for t in answers[source] if t != target))
                     for source, target in pairs)

    @cached_property
    def held_out(self) -> frozenset[Tokens]:
        """The sources below the line of dashes. None of them is trained on."""
        rows, end = self._table[0], line_of_dashes(self.text)
        # A held-out line that is left out, since its target is too long, holds its source out, too.
        below = {self._cut(row.cells)[0] for row in rows if end and row.line > end}
        above = {self._cut(row.cells)[0] for row in self._rows if not end or row.line < end}
        if not above:
            raise InputError("All pairs are below the line of dashes, so all of them are held out: "
                             "put the pairs to train on above it.")
        if above <= below:
            raise InputError("Every source above the line of dashes is also below it, so no pairs "
                             "are left to train on. Add pairs with other sources above it.")
        return frozenset(below)

    @cached_property
    def num_dropped(self) -> int:
        """How many pairs above the line of dashes are dropped: their sources are held out."""
        end = line_of_dashes(self.text)
        pairs = {self._cut(row.cells) for row in self._rows if end and row.line < end}
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
        tokens = TOKENISATIONS[self.tokenisations[0]].split(text)
        self.check_length(tokens)
        return tokens

    def format(self, tokens: Tokens) -> str:
        """The tokens of a source as text."""
        return TOKENISATIONS[self.tokenisations[0]].join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The tokens of an answer as text."""
        return TOKENISATIONS[self.tokenisations[1]].join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """The tokens of an answer, split as the targets of the table."""
        return TOKENISATIONS[self.tokenisations[1]].split(self.settings.prepare(text))

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
        rng.shuffle(sources)
        far: set[Tokens] = set()
        if len(sources) >= 5 * MIN_PAIRS:
            limit = sorted(map(len, sources))[-max(1, len(sources) // 20)]
            far = {s for s in sources if len(s) > limit} or {s for s in sources if len(s) == limit}
            far = far if len(far) <= len(sources) // 10 else set()  # no third set
        near = [s for s in sources if s not in far]
        held_out = set(near[: min(NUM_NEW, len(near) // 10)])
        rng.shuffle(examples)
        return ([e for e in examples if e.source not in far | held_out],
                list(distinct(e for e in examples if e.source in held_out)),
                list(distinct(e for e in examples if e.source in far))[:NUM_LONGER])


PAIRS = PairsTask(
    "pairs", "Your own pairs", "Learn any mapping from a table that you paste or upload.",
    "your pairs can define any mapping, such as translation, spelling or codes (here: English "
    "plurals)",
    "cat", alphabet=(), rule=lambda tokens: tokens,
    model=ModelConfig(attention="dot", embedding_dim=0),  # a vocabulary may have 2,000 symbols
    train=TrainConfig(num_epochs=40, batch_size=16), needs_pairs=True, family="Your own",
    writes_text=True)


def with_tokens_of_version_0_4(text: str) -> str:
    """`text` with the settings that make its tokens those of version 0.4.

    There, a side was split into characters only if none of its cells contained a blank.
    """
    try:
        task = replace(PAIRS, text=text)
    except InputError:
        return text
    end = line_of_dashes(text)
    above = [row.cells for row in task._rows if not end or row.line < end] or [
        row.cells for row in task._rows]
    changed = {}
    for name, cells, now in zip(("source_tokens", "target_tokens"),
                                zip(*above, strict=True), task.tokenisations, strict=True):
        before = "spaces" if any(" " in cell for cell in cells) else "characters"
        if before != now:
            changed[name] = before
    return with_settings(text, **changed) if changed else text
