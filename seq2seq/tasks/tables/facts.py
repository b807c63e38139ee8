"""What can be counted in a table before training: lengths, vocabularies, scripts, normal forms."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from seq2seq.tasks.pairs import PairsTask
from seq2seq.tasks.sampling import Tokens

MIN_COUNTS = (1, 2, 3, 5, 10)
NUM_RANGES = 10  # of a histogram, at most


class Range(NamedTuple):
    """How many sequences (`num`) have `low` to `high` tokens."""

    low: int
    high: int
    num: int


class Forms(NamedTuple):
    """How many cells are written with composed letters (NFC), and how many with marks (NFD)."""

    composed: int
    decomposed: int


def histogram(rows: Iterable[Tokens]) -> list[Range]:
    """The lengths of sequences in at most ten ranges of equal width; [] without sequences."""
    lengths = Counter(map(len, rows))
    if not lengths:
        return []
    low, high = min(lengths), max(lengths)
    width = max(1, -(-(high - low + 1) // NUM_RANGES))
    return [Range(start, min(high, start + width - 1),
                  sum(lengths[n] for n in range(start, start + width)))
            for start in range(low, high + 1, width)]


def vocabulary_sizes(rows: Iterable[Tokens]) -> dict[int, int]:
    """Minimum count -> how many tokens occur at least so often.

    >>> vocabulary_sizes([("a", "b"), ("a",)])
    {1: 2, 2: 1, 3: 0, 5: 0, 10: 0}
    """
    counts = Counter(chain.from_iterable(rows))
    return {least: sum(n >= least for n in counts.values()) for least in MIN_COUNTS}


def script_of(cells: Iterable[str]) -> str:
    """The script of most letters, by its Unicode name: "LATIN", "CYRILLIC"; "" without letters.

    >>> script_of(["Привет, Bob"]), script_of(["日本"]), script_of(["42"])
    ('CYRILLIC', 'CJK', '')
    """
    counts: Counter[str] = Counter()
    for character, n in Counter(chain.from_iterable(cells)).items():
        if character.isalpha():
            counts[unicodedata.name(character, "").partition(" ")[0]] += n
    return counts.most_common(1)[0][0] if counts else ""


def is_right_to_left(cells: Iterable[str]) -> bool:
    """Whether more letters are of scripts that run from right to left than of others."""
    counts = Counter(chain.from_iterable(cells))
    directions: Counter[str] = Counter()
    for character, n in counts.items():
        directions[unicodedata.bidirectional(character)] += n
    return directions["R"] + directions["AL"] > directions["L"]


def normal_forms(cells: Iterable[str]) -> Forms:
    """How many cells are only in NFC, and how many only in NFD. Both > 0: the table is mixed."""
    composed = decomposed = 0
    for cell in cells:
        if cell.isascii():
            continue
        composed += not unicodedata.is_normalized("NFD", cell)
        decomposed += not unicodedata.is_normalized("NFC", cell)
    return Forms(composed, decomposed)


def unknown_shares(task: PairsTask) -> tuple[float, float]:
    """The share of the tokens below the line of dashes that training lacks, by side."""
    found = []
    for side, least in enumerate(task.min_counts):
        rows: dict[bool, list[Tokens]] = {True: [], False: []}
        for example in task.examples:
            rows[example.source in task.held_out].append(
                example.target if side else example.source)
        known = Counter(chain.from_iterable(rows[False]))
        tokens = list(chain.from_iterable(rows[True]))
        found.append(sum(known[token] < least for token in tokens) / max(1, len(tokens)))
    return found[0], found[1]


def sides(task: PairsTask) -> tuple[Sequence[Tokens], Sequence[Tokens]]:
    """The sources and the targets of all examples."""
    return [e.source for e in task.examples], [e.target for e in task.examples]
