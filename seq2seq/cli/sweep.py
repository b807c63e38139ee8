"""`sweep`: train a recipe with a few values of one or two settings, and print a table."""

import argparse
import csv
import sys

from seq2seq.cli.grade import as_text, trained
from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.files.share_link import from_query, write_setting
from seq2seq.hosting.sweep_grid import read_axis, recipes

HEADS = ("new", "memorised", "longer", "parameters", "cpu_seconds", "problem")


def sweep(args: argparse.Namespace) -> None:
    """Print the table as CSV, a row after each training."""
    axes = []
    for text in args.over:
        name, mark, values = text.partition("=")
        if not mark:
            raise InputError("Write a setting and its values like this: --over hidden_size=8,32")
        axes.append(read_axis(name, values))
    names = [axis.setting for axis in axes]
    made = recipes(from_query(args.link).recipe, axes)
    table = csv.DictWriter(sys.stdout, [*names, *HEADS], restval="", lineterminator="\n",
                           extrasaction="ignore")
    table.writeheader()
    for recipe in made:
        row = {name: write_setting(getattr(
            recipe.model if hasattr(recipe.model, name) else recipe.train, name)) for name in names}
        try:
            row |= {key: as_text(value) for key, value in trained(recipe).items()}
        except Seq2SeqError as problem:
            row["problem"] = str(problem)
        table.writerow(row)
        sys.stdout.flush()
