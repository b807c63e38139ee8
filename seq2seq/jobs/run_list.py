"""All runs of a server, for whoever asks about them.

What this file does not know: how a run begins, trains and ends (`seq2seq.jobs.runs`).
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
    """Runs by their ids, the one begun last comes last. Thread-safe.

    Whoever asks for a run says with it that it is still wanted.
    """

    def __init__(self) -> None:
        """No runs yet."""
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()  # of _runs and all that is in it

    @property
    def num_active(self) -> int:
        """How many trainings wait or are at work; one that several runs share counts once."""
        with self._lock:
            return sum(run.is_active and run._leader is None for run in self._runs.values())

    def num_sharing(self, run: Run) -> int:
        """How many other active runs are trained by the job that trains `run`."""
        leader = run._leader or run
        with self._lock:
            return sum(other is not run and other.is_active and leader in (other, other._leader)
                       for other in self._runs.values())

    def census(self) -> Counter[str]:
        """How many runs there are of each status, and the "bytes" that all of them take."""
        with self._lock:
            found = Counter[str](run.status for run in self._runs.values())
            apart = {id(run.blobs): run for run in self._runs.values()}  # what is shared, once
            found["bytes"] = sum(run.num_bytes for run in apart.values())
            return found

    def get(self, run_id: str) -> Run:
        """Return the run with this id; raises `RunGoneError` when it was forgotten."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                raise RunGoneError(GONE)
            run._touched = time.monotonic()
            return run

    def of(self, owner: str) -> list[Run]:
        """Return the runs of `owner`; the one begun last comes last."""
        with self._lock:
            mine = [run for run in self._runs.values() if run.owner == owner]
            for run in mine:
                run._touched = time.monotonic()
            return mine

    def watch(self, run_id: str) -> None:
        """Say that somebody looks at the run, so it goes on; `RunGoneError` if forgotten."""
        self.get(run_id)._watched = time.monotonic()

    def position(self, run: Run) -> int:
        """How many runs that were begun before it still wait; 0 when it doesn't wait."""
        with self._lock:
            waiting = [other for other in self._runs.values()
                       if other.status == "waiting" and other._leader is None]
            return waiting.index(run) if run in waiting else 0
