"""Runs that outlive a restart: what is kept of each, and a thread that sees to it.

The `Keeper` knows when a run is to be written: when it has begun, at the end of an epoch (not too
often), and when it has ended. A `Store` knows how and where (`seq2seq.hosting.run_folder`: in a
folder). A full or slow disk delays and ends nothing: the run trains on, and says that it is not
saved.
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
class Kept:
    """All that is kept of a run: enough to show it, to use its model and to train on."""

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
    weights: bytes  # empty: it has not begun
    state: bytes  # to train on from; empty: from the start
    num_events: int  # so many of the events came before that state


class Store(Protocol):
    """Where runs are kept. Each call may raise OSError; a run is written whole or not at all."""

    def write(self, kept: Kept) -> None:
        """Keep this, instead of what was kept of the run before."""

    def remove(self, run_id: str) -> None:
        """Keep nothing of this run any more."""

    def refresh(self, run_id: str) -> None:
        """Count the age of this run from now on, if it is kept."""

    def read(self) -> list[Kept]:
        """What is kept, the oldest first. What is damaged is left out."""


class Keeper:
    """Writes runs to a store, in a thread of its own.

    `take(run id)` is what is to be written, or None when the run was forgotten;
    `tell(run id, whether it is kept)` is called after each attempt.
    """

    def __init__(self, store: Store, seconds: float, take: Callable[[str], Kept | None],
                 tell: Callable[[str, bool], None]) -> None:
        self.store, self.seconds, self.take, self.tell = store, seconds, take, tell
        self._due: dict[str, float] = {}  # run id -> when it is to be written
        self._written: dict[str, float] = {}  # run id -> when it was tried last
        self._gone: set[str] = set()
        self._closing = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    def changed(self, run_id: str, at_once: bool) -> None:
        """The run has something new; if not `at_once`, some seconds after the last time."""
        now = time.monotonic()
        with self._change:
            due = now if at_once else self._written.get(run_id, now - self.seconds) + self.seconds
            self._due[run_id] = min(due, self._due.get(run_id, due))
            self._change.notify()

    def forget(self, run_id: str) -> None:
        """The run is to be removed."""
        with self._change:
            self._due.pop(run_id, None)
            self._written.pop(run_id, None)
            self._gone.add(run_id)
            self._change.notify()

    def close(self, seconds: float = 4.0) -> None:
        """Write what is not yet written, for at most so many seconds."""
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
        kept = self.take(run_id)
        if kept is None:
            return
        try:
            self.store.write(kept)
        except Exception as problem:  # a full disk, a vanished folder: the training goes on
            log.warning("a run could not be kept (%s)", getattr(problem, "strerror", None)
                        or type(problem).__name__, extra={"run": run_id[:6]})
            self.tell(run_id, False)
            with self._change:
                if run_id in self._written:
                    self._due.setdefault(run_id, time.monotonic() + RETRY_SECONDS)
        else:
            self.tell(run_id, True)

    def _remove(self, run_id: str) -> None:
        try:
            self.store.remove(run_id)
        except OSError as problem:
            log.warning("a run could not be removed (%s)", problem.strerror)
