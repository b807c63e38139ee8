"""Runs that survive a restart: what is saved of each, and the thread that saves it.

The `Persister` saves a run when it starts, at the ends of epochs (not too often), and when it ends,
to a `Store` (`seq2seq.hosting.run_folder`: a folder). A full or slow disk neither delays nor stops
a run: its training continues, and its message states that it is not saved.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

RETRY_SECONDS = 30.0  # after a write that failed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedRun:
    """What is saved of a run: enough to show it, to use its model and to continue it."""

    id: str
    owner: str
    recipe: Any
    name: str
    status: str
    error: str
    note: str
    created: float  # seconds since 1970
    events: tuple[Any, ...]
    epoch: int  # of the weights
    weights: bytes  # empty: training has not started
    state: bytes  # to continue from; empty: from the start
    num_events: int  # events before that state
    cpu_seconds: float = 0.0  # that its training has taken
    is_opened: bool = False  # the model of an epoch of another run


class Store(Protocol):
    """Where runs are saved. Each call may raise OSError; a run is written whole or not at all."""

    def write(self, saved: SavedRun) -> None:
        """Save a run, replacing what was saved of it before."""

    def remove(self, run_id: str) -> None:
        """Delete a saved run."""

    def refresh(self, run_id: str) -> None:
        """Restart the age of a saved run."""

    def read(self) -> list[SavedRun]:
        """All saved runs, the oldest first, without damaged ones."""


class Persister:
    """Saves runs to a store, in a thread of its own.

    `snapshot(run id)` returns what to save, or None for a deleted run. `on_saved(run id, success)`
    is called after each attempt.
    """

    def __init__(self, store: Store, seconds: float, snapshot: Callable[[str], SavedRun | None],
                 on_saved: Callable[[str, bool], None]) -> None:
        self.store, self.seconds, self.snapshot, self.on_saved = store, seconds, snapshot, on_saved
        self._due: dict[str, float] = {}  # run id -> when to write it
        self._written: dict[str, float] = {}  # run id -> when writing was last tried
        self._gone: set[str] = set()
        self._closing = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="persister", daemon=True)
        self._thread.start()

    def changed(self, run_id: str, at_once: bool) -> None:
        """Save the run: at once, or a few seconds after the last save."""
        now = time.monotonic()
        with self._change:
            due = now if at_once else self._written.get(run_id, now - self.seconds) + self.seconds
            self._due[run_id] = min(due, self._due.get(run_id, due))
            self._change.notify()

    def forget(self, run_id: str) -> None:
        """Delete the saved run."""
        with self._change:
            self._due.pop(run_id, None)
            self._written.pop(run_id, None)
            self._gone.add(run_id)
            self._change.notify()

    def close(self, seconds: float = 4.0) -> None:
        """Save all runs that are due, for at most `seconds` seconds."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            with self._change:
                while not (self._gone or self._ready() or self._closing):
                    soonest = min(self._due.values(), default=None)
                    self._change.wait(None if soonest is None
                                      else max(0.0, soonest - time.monotonic()))
                closing = self._closing
                ready = list(self._due) if closing else self._ready()
                gone, self._gone = self._gone, set()
                for run_id in ready:
                    del self._due[run_id]
                    self._written[run_id] = time.monotonic()
            for run_id in gone:
                self._remove(run_id)
            for run_id in ready:
                self._write(run_id)
            if closing:
                return

    def _ready(self) -> list[str]:
        now = time.monotonic()
        return [run_id for run_id, due in self._due.items() if due <= now]

    def _write(self, run_id: str) -> None:
        saved = self.snapshot(run_id)
        if saved is None:
            return
        try:
            self.store.write(saved)
        except Exception as problem:  # a full disk, a deleted folder: training continues
            log.warning("a run could not be saved (%s)", getattr(problem, "strerror", None)
                        or type(problem).__name__, extra={"run": run_id[:6]})
            self.on_saved(run_id, False)
            with self._change:
                if run_id in self._written:
                    self._due.setdefault(run_id, time.monotonic() + RETRY_SECONDS)
        else:
            self.on_saved(run_id, True)

    def _remove(self, run_id: str) -> None:
        try:
            self.store.remove(run_id)
        except OSError as problem:
            log.warning("a run could not be removed (%s)", problem.strerror)
