"""Sweeps: up to twelve trainings that differ in one or two settings, one after the other.

    sweeps = Sweeps(runs, submit)               # submit(owner, recipe) -> Run
    sweep = sweeps.start(owner, recipe, axes)
    sweeps.advance(sweep)                       # call it about once a second, while it is shown
    [cell.epochs for cell in sweep.cells]

The cells are ordinary trainings: a visitor who trains the same recipe shares one, and a recipe that
was trained here before is not trained again. A sweep has at most one active training, so it counts
as one active run of its visitor, and like any run it stops when its page is closed. Nothing is
saved: a restart of the server ends it.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from seq2seq.errors import LabFullError, RunGoneError, Seq2SeqError
from seq2seq.hosting.sweep_grid import Axis, recipes
from seq2seq.jobs.run import Run
from seq2seq.jobs.runs import Runs
from seq2seq.recipe import Recipe
from seq2seq.training.estimate import estimate
from seq2seq.training.events import EpochEnd

MAX_SWEEPS = 200  # one for each visitor; the least recently shown one is deleted


@dataclass
class Cell:
    """One model of a sweep."""

    recipe: Recipe
    status: Literal["waiting", "training", "done", "failed"] = "waiting"
    run_id: str = ""  # not the run itself, which `Runs` may delete with its weights
    epochs: tuple[EpochEnd, ...] = ()  # that have ended


@dataclass
class Sweep:
    """The cells of a sweep, in the order of `recipes`."""

    id: str  # cannot be guessed
    owner: str
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    is_stopped: bool = False
    note: str = ""  # why it waits, for the learner
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_active(self) -> bool:
        """Whether cells remain to be trained and it was not stopped."""
        return not self.is_stopped and any(
            cell.status in ("waiting", "training") for cell in self.cells)


class Sweeps:
    """All sweeps of this server, the newest of each visitor. Thread-safe."""

    def __init__(self, runs: Runs, submit: Callable[[str, Recipe], Run]) -> None:
        self.runs = runs
        self.submit = submit
        self._sweeps: OrderedDict[str, Sweep] = OrderedDict()  # by owner
        self._lock = threading.Lock()

    def start(self, owner: str, base: Recipe, axes: Sequence[Axis]) -> Sweep:
        """A new sweep of `owner`, whose older one is stopped.

        ConfigError if a recipe is not allowed or too large; InputError for pairs without a task.
        """
        cells = tuple(map(Cell, recipes(base, axes)))
        for cell in cells:
            estimate(cell.recipe)
        self.stop(owner)
        sweep = Sweep(secrets.token_urlsafe(16), owner, tuple(axes), cells)
        with self._lock:
            self._sweeps[owner] = sweep
            self._sweeps.move_to_end(owner)
            while len(self._sweeps) > MAX_SWEEPS:
                self._sweeps.popitem(last=False)
        self.advance(sweep)
        return sweep

    def of(self, owner: str) -> Sweep | None:
        """The newest sweep of `owner`, or None."""
        with self._lock:
            return self._sweeps.get(owner)

    def find(self, sweep_id: object) -> Sweep | None:
        """The sweep with this id, or None."""
        with self._lock:
            for owner, sweep in self._sweeps.items():
                if sweep.id == sweep_id:
                    self._sweeps.move_to_end(owner)
                    return sweep
            return None

    def stop(self, owner: str) -> None:
        """Stop the sweep of `owner`, if any; cells that are trained stay."""
        sweep = self.of(owner)
        if sweep is None:
            return
        with sweep.lock:
            sweep.is_stopped = True
            for cell in sweep.cells:
                if cell.status == "training":
                    self._stop_cell(cell)

    def resume(self, sweep: Sweep) -> None:
        """Continue a stopped sweep; the stopped cell continues from its checkpoint."""
        with sweep.lock:
            sweep.is_stopped, sweep.note = False, ""
        self.advance(sweep)

    def advance(self, sweep: Sweep) -> None:
        """Read the results of the active cell, and start the next one if it has ended.

        Calls keep the sweep running, as `Runs.watch` does for a run.
        """
        with sweep.lock:
            for cell in sweep.cells:
                if cell.status == "training":
                    self._read(sweep, cell)
            while not sweep.is_stopped and not any(c.status == "training" for c in sweep.cells):
                following = next((c for c in sweep.cells if c.status == "waiting"), None)
                if following is None or not self._begin(sweep, following):
                    return

    def _begin(self, sweep: Sweep, cell: Cell) -> bool:
        # Start a cell; False if the server has no room now.
        known = self.runs.recording_of(cell.recipe)
        if known is not None:
            cell.status, cell.epochs = "done", _epochs(known.events)
            return True
        try:
            run = self.runs.get(cell.run_id) if cell.run_id else None
            if run is not None and run.can_continue:
                self.runs.resume(run.id, run.address, run.num_held)
            else:
                # An owner of its own: a visitor's runs are limited, and only one may be active.
                cell.run_id = self.submit(secrets.token_urlsafe(16), cell.recipe).id
        except LabFullError as full:
            sweep.note = full.args[0]
            return False
        except RunGoneError:
            cell.run_id = ""
            return True
        except Seq2SeqError as problem:
            cell.status, sweep.note = "failed", problem.args[0]
            return True
        cell.status, sweep.note = "training", ""
        return True

    def _read(self, sweep: Sweep, cell: Cell) -> None:
        try:
            self.runs.watch(cell.run_id)
            run = self.runs.get(cell.run_id)
        except RunGoneError:
            cell.status, cell.run_id = "waiting", ""
            return
        status = run.status  # first: if the run has ended, all its events are available
        cell.epochs = _epochs(run.events)
        if status in ("done", "failed"):
            cell.status = "done" if status == "done" else "failed"
            sweep.note = run.error
        elif status == "stopped":  # it was not watched, displaced, or out of CPU time
            cell.status, sweep.is_stopped, sweep.note = "waiting", True, run.note

    def _stop_cell(self, cell: Cell) -> None:
        cell.status = "waiting"
        try:
            self.runs.stop(cell.run_id)
        except RunGoneError:
            cell.run_id = ""


def _epochs(events: Sequence[Any]) -> tuple[EpochEnd, ...]:
    return tuple(event for event in list(events) if isinstance(event, EpochEnd))
