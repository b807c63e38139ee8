"""`inspect`: what would be read from a file of pairs, without training."""

import argparse

from seq2seq.cli.bars import progress_bars
from seq2seq.cli.files import read_table, table_settings
from seq2seq.config import TrainConfig
from seq2seq.data.splits import make_splits, unknown_shares
from seq2seq.tasks import PairsTask, get_task
from seq2seq.tasks.pairs import PAIRS
from seq2seq.tasks.tables.facts import Range, histogram, sides, vocabulary_sizes
from seq2seq.tasks.tables.report import report

NUM_SHOWN = 5  # pairs
BAR = 40  # characters of the longest bar of a histogram


def inspect(args: argparse.Namespace) -> None:
    """Print format, tokens, vocabulary, lengths and the split of a table."""
    with progress_bars():
        table, shift = read_table(PAIRS, args.file, args.held_out, table_settings(args))
        task = get_task(PAIRS.name, table)
        assert isinstance(task, PairsTask)
        split = split_lines(task)
    print("\n".join(report(task, shift)))
    for name, rows in zip(("Source", "Target"), sides(task), strict=True):
        sizes = ", ".join(f"{least}: {n:,}" for least, n in vocabulary_sizes(rows).items())
        print(f"\n{name} vocabulary by minimum count: {sizes}")
        print(f"{name} length in tokens:")
        print("\n".join(bars(histogram(rows))))
    print(f"\nThe first {min(NUM_SHOWN, len(task.examples))} pairs as tokens, with | between them:")
    for example in task.examples[:NUM_SHOWN]:
        print(f"  {'|'.join(example.source)}  ->  {'|'.join(example.target)}")
    print(*split, sep="\n")


def bars(ranges: list[Range]) -> list[str]:
    """A histogram as lines with bars."""
    most = max(part.num for part in ranges)
    return [f"  {str(low) if low == high else f'{low} to {high}':>10}  {num:>9,}  "
            f"{'█' * round(BAR * num / most)}" for low, high, num in ranges]


def split_lines(task: PairsTask) -> list[str]:
    """How the examples are split, and which held-out tokens training lacks."""
    splits = make_splits(task, TrainConfig())
    found = ["", f"Trained on: {len(splits.train):,} pairs. Held out: {len(splits.new):,} sources, "
             f"and {len(splits.longer):,} longer ones."]
    if (splits.new or splits.longer) and not task.held_out:  # else the report has said it
        shares = unknown_shares(splits)
        found.append(f"Held-out tokens that training lacks: {shares['source']:.1%} of the source "
                     f"tokens, {shares['target']:.1%} of the target tokens.")
    return found
