"""`tasks`: train every task with its default recipe and print the results as a table.

If the default model has no attention, a second row shows it with dot attention.
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

HEADS = ("task", "new", "longer", "CPU s", "parameters", "pre-trained: new",
         "pre-trained: longer")


def show_tasks(args: argparse.Namespace) -> None:
    """Train the tasks and print a row after each."""
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
    """Name and model config: the default, and with dot attention if the default has none."""
    yield task.name, task.model
    if task.model.attention == "none" and not task.fixed:
        yield f"{task.name} --attention dot", replace(task.model, attention="dot")


def row_of(task: Task, model: ModelConfig, seed: Any = None) -> tuple[str, ...]:
    """Train a model with its task's default recipe; the results as cells of the table.

    Another `seed` also generates other examples than those on which the recipe was tuned.
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
    """The score of the third set with the set's title."""
    return f"{percent(score)} {task.longer}" if score is not None else "–"


def percent(score: float | None) -> str:
    """A score in percent; a dash if there is none."""
    return "–" if score is None else f"{score:.1%}"
