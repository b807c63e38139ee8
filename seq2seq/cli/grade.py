"""`grade`: train the recipes of a class again, with another seed, and print a table.

The file has one learner a line: a name and a recipe link, with a tab or a comma between them, or a
link alone. The seed of the links is replaced, so that a recipe cannot be tuned to its examples.
"""

import argparse
import csv
import sys
import time
from dataclasses import replace
from typing import Any

from seq2seq.cli.files import read_text
from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.evaluation.goal import read_goal
from seq2seq.evaluation.metrics import evaluate
from seq2seq.experiment import Experiment
from seq2seq.files.share_link import from_query
from seq2seq.recipe import Recipe

HEADS = ["name", "task", "new", "memorised", "longer", "parameters", "cpu_seconds", "goal",
         "problem"]


def grade(args: argparse.Namespace) -> None:
    """Print the table as CSV, a row after each training; with a goal, whether it is reached."""
    conditions = read_goal(args.goal) if args.goal else ()
    learners = read_learners(read_text(args.file))
    table = csv.DictWriter(sys.stdout, HEADS, restval="", lineterminator="\n",
                           extrasaction="ignore")  # the score on what is left out
    table.writeheader()
    for name, link in learners:
        row: dict[str, Any] = {"name": name}
        try:
            recipe = from_query(link).recipe
            figures = trained(replace(recipe, train=replace(recipe.train, seed=args.seed)))
            row |= {key: as_text(value) for key, value in figures.items()}
            if conditions:
                reached = all(condition.holds(figures) for condition in conditions)
                row["goal"] = "reached" if reached else "not reached"
        except Seq2SeqError as problem:
            row["problem"] = str(problem)
        table.writerow(row)
        sys.stdout.flush()


def read_learners(text: str) -> list[tuple[str, str]]:
    """Name and link of each line. InputError for a line without a link."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        start = line.find("http") if "http" in line else line.find("?")
        if start < 0:
            raise InputError("Line {line} has no recipe link: write a name and the link, with a "
                             "tab between them.", line=number)
        found.append((line[:start].strip(" \t,;") or f"line {number}", line[start:].strip()))
    if not found:
        raise InputError("The file has no recipe links: write one learner a line.")
    return found


def trained(recipe: Recipe) -> dict[str, Any]:
    """The figures of a recipe after its training. The errors are those of its parts."""
    start = time.process_time()
    experiment = Experiment.from_recipe(recipe)
    for _ in experiment.fit():
        pass
    seconds = time.process_time() - start
    return {"task": recipe.task, **evaluate(experiment.model, experiment.splits).scores,
            "parameters": experiment.num_parameters, "cpu_seconds": round(seconds, 1)}


def as_text(value: Any) -> str:
    """A figure as it stands in the table."""
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
