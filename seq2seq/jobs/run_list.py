"""The runs of a server, and queries about them.

`seq2seq.jobs.runs` starts, trains and stops them.
"""

import threading
import time
from collections import Counter

from seq2seq.errors import RunGoneError
from seq2seq.i18n import LazyText
from seq2seq.jobs.run import Run

GONE = LazyText(
    "This run is no longer available: it expired, or the server was restarted. Press Train to run "
    "its recipe again."
)


class RunList:
    """Runs by id, in the order in which they were last started. Thread-safe.

    `get` and `of` restart the age of the runs that they return.
    """

    def __init__(self) -> None:
        """An empty list."""
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()  # protects `_runs` and the runs in it

    @property
    def num_active(self) -> int:
        """How many trainings wait or run; a shared one counts once, a replay not at all."""
        with self._lock:
            return sum(run.is_active and run._leader is None and run._recording is None
                       for run in self._runs.values())

    def num_sharing(self, run: Run) -> int:
        """How many other active runs share the job that trains `run`."""
        leader = run._leader or run
        with self._lock:
            return sum(other is not run and other.is_active and leader in (other, other._leader)
                       for other in self._runs.values())

    def census(self) -> Counter[str]:
        """The number of runs with each status, and the "bytes" that all of them take."""
        with self._lock:
            found = Counter[str](run.status for run in self._runs.values())
            distinct = {id(run.blobs): run for run in self._runs.values()}  # shared ones once
            found["bytes"] = sum(run.num_bytes for run in distinct.values())
            return found

    def get(self, run_id: str) -> Run:
        """The run with this id. RunGoneError if it was deleted."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                raise RunGoneError(GONE)
            run._touched = time.monotonic()
            return run

    def of(self, owner: str) -> list[Run]:
        """The runs of `owner`, in the order in which they were last started."""
        with self._lock:
            mine = [run for run in self._runs.values() if run.owner == owner]
            for run in mine:
                run._touched = time.monotonic()
            return mine

    def watch(self, run_id: str) -> None:
        """Record that a page shows the run: unwatched runs are stopped. RunGoneError if deleted."""
        self.get(run_id)._watched = time.monotonic()

    def position(self, run: Run) -> int:
        """How many runs that were started before it still wait; 0 if it does not wait."""
        with self._lock:
            waiting = [other for other in self._runs.values()
                       if other.status == "waiting" and other._leader is None]
            return waiting.index(run) if run in waiting else 0
