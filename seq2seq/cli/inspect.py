"""`inspect`: what would be read from a file of pairs, without training."""

import argparse
from collections import Counter
from dataclasses import replace

from seq2seq.cli.files import read_table, table_settings
from seq2seq.config import TrainConfig
from seq2seq.data.splits import make_splits, unknown_shares
from seq2seq.tasks import PairsTask, Tokens
from seq2seq.tasks.pairs import PAIRS
from seq2seq.tasks.table_report import report

NUM_SHOWN = 5  # pairs
MIN_COUNTS = (1, 2, 3, 5, 10)
BAR = 40  # characters of the longest bar of a histogram


def inspect(args: argparse.Namespace) -> None:
    """Print format, tokens, vocabulary, lengths and the split of a table."""
    task = replace(PAIRS, text=read_table(PAIRS, args.file, args.held_out, table_settings(args)))
    print("\n".join(report(task)))
    for name, rows in (("Source", [e.source for e in task.examples]),
                       ("Target", [e.target for e in task.examples])):
        print(f"\n{name} vocabulary by minimum count: {vocabulary_sizes(rows)}")
        print(f"{name} length in tokens:")
        print("\n".join(histogram(rows)))
    print(f"\nThe first {min(NUM_SHOWN, len(task.examples))} pairs as tokens, with | between them:")
    for example in task.examples[:NUM_SHOWN]:
        print(f"  {'|'.join(example.source)}  ->  {'|'.join(example.target)}")
    print(*split_lines(task), sep="\n")


def vocabulary_sizes(rows: list[Tokens]) -> str:
    """How many tokens occur at least so often.

    >>> vocabulary_sizes([("a", "b"), ("a",)])
    '1: 2, 2: 1, 3: 0, 5: 0, 10: 0'
    """
    counts = Counter(token for row in rows for token in row)
    return ", ".join(f"{least}: {sum(n >= least for n in counts.values()):,}"
                     for least in MIN_COUNTS)


def histogram(rows: list[Tokens]) -> list[str]:
    """How many sequences have each length, as lines with bars; at most ten ranges of lengths."""
    lengths = [len(row) for row in rows]
    low, high = min(lengths), max(lengths)
    width = max(1, -(-(high - low + 1) // 10))
    counts = Counter((length - low) // width for length in lengths)
    most, lines = max(counts.values()), []
    for i in range((high - low) // width + 1):
        start, end = low + i * width, min(high, low + (i + 1) * width - 1)
        label = f"{start}" if start == end else f"{start} to {end}"
        lines.append(f"  {label:>10}  {counts[i]:>9,}  {'█' * round(BAR * counts[i] / most)}")
    return lines


def split_lines(task: PairsTask) -> list[str]:
    """How the examples are split, and which held-out tokens training lacks."""
    splits = make_splits(task, TrainConfig())
    found = ["", f"Trained on: {len(splits.train):,} pairs. Held out: {len(splits.new):,} sources, "
             f"and {len(splits.longer):,} longer ones."]
    if task.num_dropped:
        found.append(f"Training pairs whose source is held out, which are left out: "
                     f"{task.num_dropped:,}.")
    if splits.new or splits.longer:
        shares = unknown_shares(splits)
        found.append(f"Held-out tokens that training lacks: {shares['source']:.1%} of the source "
                     f"tokens, {shares['target']:.1%} of the target tokens.")
    return found
