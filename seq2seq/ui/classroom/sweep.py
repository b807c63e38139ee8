"""The sweep of a class on its pages: the leader's command, a learner's cell, the grid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from seq2seq.errors import ConfigError
from seq2seq.files.share_link import from_query
from seq2seq.hosting.class_sweep import ClassSweep, read_sweep
from seq2seq.hosting.classes import Learner
from seq2seq.hosting.sweep_grid import recipes
from seq2seq.hosting.sweeps import Cell, Sweep
from seq2seq.i18n import _
from seq2seq.training.estimate import estimate
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.sweep import cell_words, grid_html

if TYPE_CHECKING:
    from seq2seq.ui.classroom.summary import ShownRun

MAX_LINK = 10_000  # characters of the leader's link
STATES: dict[str, Any] = {"waiting": "training", "running": "training", "done": "done",
                          "failed": "failed", "stopped": "waiting"}  # of a run -> of its cell


def sweep_in(query: Any) -> ClassSweep:
    """The sweep in the query of the leader's link, around the link's recipe.

    Seq2SeqError if there is none, or if it has too many or too large models.
    """
    text = query if isinstance(query, str) and len(query) <= MAX_LINK else ""
    words = parse_qs(text.removeprefix("?")).get("sweep")
    if not words:
        raise ConfigError("The link has no sweep. It must name one, for example: "
                          "&sweep=hidden_size:8,32;attention:none,dot")
    axes = read_sweep(words[0])
    cells = recipes(from_query(text).recipe, axes)
    for recipe in cells:
        estimate(recipe)
    return ClassSweep(axes, cells)


def news(lab: Lab, sweep: ClassSweep | None, learner: Learner) -> dict[str, str] | None:
    """The cell that is offered to a learner; None if the learner has trained it, or without one."""
    if sweep is None:
        return None
    recipe = sweep.cells[sweep.cell_of(learner.number)]
    if any(run.recipe == recipe for run in lab.runs.of(learner.owner)):
        return None
    return {"say": _("Your cell of the class’s sweep: {settings}.",
                     settings=cell_words(sweep.axes, recipe))}


def grid(sweep: ClassSweep | None, shown: "Sequence[ShownRun]") -> str:
    """HTML of the cells with the runs of the class; "" without a sweep.

    Learners whose cell is trained get one that nobody has.
    """
    if sweep is None:
        return ""
    cells = []
    for recipe in sweep.cells:
        found = max((s for s in shown if s.run.recipe == recipe), default=None,
                    key=lambda s: (s.run.status == "done", len(s.history.epochs)))
        cells.append(Cell(recipe) if found is None else Cell(
            recipe, STATES[found.run.status], epochs=tuple(found.history.epochs)))
    sweep.move_on({i for i, cell in enumerate(cells) if cell.status == "done"})
    return grid_html(Sweep(sweep.id, "", sweep.axes, tuple(cells)))
