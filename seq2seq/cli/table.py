"""`tasks`: every task trained by its own recipe, here and now, and the results as a table.

Where a recipe has no attention, so that learners may turn it on, the row below has it.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from seq2seq.config import ModelConfig
from seq2seq.experiment import Experiment
from seq2seq.files import pretrained
from seq2seq.tasks import TASKS, Task, get_task
from seq2seq.training.events import EpochEnd

HEADS = ("task", "new", "third set", "CPU s", "parameters", "pre-trained: new",
         "pre-trained: third")


def show_tasks(args: argparse.Namespace) -> None:
    """Print a row as soon as its task has been trained."""
    tasks = [get_task(name) for name in args.only] or list(TASKS)
    rows = [(task, *variant) for task in tasks for variant in variants(task)]
    widths = [max(len(HEADS[0]), *(len(name) + 2 for _, name, _ in rows)),
              *map(len, HEADS[1:])]
    widths[2] = max(len(third_set(task, 1.0)) for task in tasks)

    def show(cells: tuple[str, ...]) -> None:
        row = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
        text = "| " + " | ".join(row) + " |" if args.markdown else "  ".join(row).rstrip()
        tqdm.write(text)

    show(HEADS)
    if args.markdown:
        show(tuple("-" * width for width in widths))
    for task, name, model in rows:
        show((f"`{name}`" if args.markdown else name, *row_of(task, model, args.seed)))


def variants(task: Task) -> Iterator[tuple[str, ModelConfig]]:
    """A task's own model; and the same with attention, if it has none and is to be understood."""
    yield task.name, task.model
    if task.model.attention == "none" and not task.fixed:
        yield f"{task.name} --attention dot", replace(task.model, attention="dot")


def row_of(task: Task, model: ModelConfig, seed: Any = None) -> tuple[str, ...]:
    """Train a model by its task's own recipe: what it came to, as texts.

    With another `seed` the examples are others, too: those on which the recipe was not chosen.
    """
    start = time.process_time()
    config = task.train if seed is None else replace(task.train, seed=seed)
    experiment = Experiment(task.name, model, config)
    scores: dict[str, float | None] = {}
    num_epochs = experiment.recipe.train.num_epochs
    with tqdm(total=num_epochs, desc=task.name, unit="epoch", leave=False, disable=None) as bar:
        for event in experiment.fit():
            if isinstance(event, EpochEnd):
                scores = event.scores
                bar.update()
    seconds = time.process_time() - start
    path = pretrained.ready(task.name)
    ready = pretrained.provenance(path).scores if path else {}
    return (percent(scores["new"]), third_set(task, scores["longer"]), f"{seconds:.0f}",
            f"{experiment.num_parameters:,}", percent(ready.get("new")),
            percent(ready.get("longer")))


def third_set(task: Task, score: float | None) -> str:
    """The third set's score with its name, which differs from task to task."""
    return f"{percent(score)} {task.longer}" if score is not None else "–"


def percent(score: float | None) -> str:
    """A score as a text; a dash where there is none."""
    return "–" if score is None else f"{score:.1%}"
