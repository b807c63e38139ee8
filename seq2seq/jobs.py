"""Training in the background: recipes go in, events come out.

    runs = Runs(start)                       # start(recipe) -> iterator of events
    run = runs.submit(owner, recipe)         # returns at once
    run.status, run.events, run.blobs        # read them whenever you like
    runs.watch(run.id)                       # "somebody looks": a run nobody watches is stopped
    runs.stop(run.id)

The jobs run in a few long-lived worker processes (`seq2seq.worker`), in turn, slice by slice.
Not in threads: small models spend their time in Python, where they would fight the web server
for the interpreter lock. Not in a process each: more processes than cores cost throughput.
A run outlives the page that started it: reload, look again, and every event is still there.

What this file does not know: torch, gradio, what a recipe is and what its events mean. The one
thing it looks at is whether an event has `weights` (bytes): those of a run are kept by epoch,
in a bounded store. A cluster could sit behind the same seam.

The workers are spawned, so the program's main module is imported once more in each of them:
it needs `if __name__ == "__main__":`, and should import what is heavy behind it.
"""

import atexit
import logging
import pickle
import secrets
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from seq2seq.errors import LabFullError, RunGoneError
from seq2seq.snapshots import MAX_SNAPSHOT_BYTES, Snapshots
from seq2seq.worker import Report, Start, Worker

Status = Literal["waiting", "running", "done", "stopped", "failed"]

RETRY_SECONDS = 2.0  # the pause before another attempt, when a worker died before it was ready

GONE = (
    "This run is no longer here: it was too old, or the server was restarted. "
    "Press Train to run its recipe again."
)
LOST = "The worker process that trained this model was lost. Press Train again."

# A run may be served so many times as fast as the slowest; a worker with few runs rests for it.
ADVANTAGE = 1.15
LEAST_SHARE = 0.5  # but never longer than it works: a core is there to be used

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Run:
    """One training job and everything it has told so far.

    Only `Runs` writes; anybody may read, at any time and without a lock: `events` is only ever
    appended to, `blobs` changes as a whole, and whoever finds the run ended finds
    all of its events there (only a stopped one may get a last slice of them later).
    """

    id: str  # unguessable: who knows it may see the run and stop it
    owner: str
    recipe: Any
    name: str
    status: Status = "waiting"  # until its first event
    error: str = ""  # when it failed: a sentence for the learner
    events: list[Any] = field(default_factory=list)
    blobs: Snapshots = field(default_factory=Snapshots)  # weights by epoch, thinned
    created: float = field(default_factory=time.time)  # seconds since 1970
    made: Any = None  # how a model came to be that was trained elsewhere, if that is known
    _watched: float = field(default_factory=time.monotonic)
    _touched: float = field(default_factory=time.monotonic)
    _worker: Worker | None = None
    _runs: "Runs | None" = None

    @property
    def is_active(self) -> bool:
        """Whether it still waits or trains."""
        return self.status in ("waiting", "running")

    @property
    def position(self) -> int:
        """How many runs that were submitted before it still wait; 0 when it doesn't wait."""
        return self._runs._position(self) if self._runs is not None else 0


@dataclass(eq=False, repr=False)
class Runs(AbstractContextManager["Runs"]):
    """All runs of this server, and the worker processes that train them. Thread-safe.

    `start(recipe)` must be a module-level function; it is called in a worker and returns an
    iterator of picklable events (or None: "you may switch jobs here"). A `Seq2SeqError` that it
    raises becomes the run's `error`; any other exception goes to the log, and the learner reads
    a plain sentence.

    Making one starts the workers, without waiting for them. Close it, or use it in a `with`, to
    end them; they also end with this process, however it ends.
    """

    start: Start
    _: KW_ONLY
    num_workers: int = 2
    slice_seconds: float = 0.1  # a job runs so long before it is another's turn
    max_active: int = 40  # runs that may wait or train at once
    idle_seconds: float = 45.0  # an active run that nobody watches for so long is stopped
    keep_seconds: float = 3600.0  # an ended run that nobody asks for for so long is forgotten
    warm_up: Any = None  # a recipe for each worker's first run, to have imported everything
    max_blob_bytes: int = MAX_SNAPSHOT_BYTES  # weights of one run; above, some epochs go
    max_kept: int = 300  # ended runs; above, the oldest are forgotten
    max_kept_bytes: int = 2 * 2**30  # weights of all runs; above, the oldest ended are forgotten
    max_owned: int = 8  # runs of one owner; above, the oldest ended are forgotten

    def __post_init__(self) -> None:
        """Start the workers and the threads that listen to them."""
        self._runs: dict[str, Run] = {}  # oldest first
        self._lock = threading.Lock()  # of _runs and all that is in it
        self._closed = threading.Event()
        arguments = (self.start, self.warm_up, self.slice_seconds)
        self._workers = [Worker(*arguments) for _ in range(self.num_workers)]
        for worker in self._workers:
            worker.start()
        self._threads = [
            *(threading.Thread(target=self._tend, args=(w,), daemon=True) for w in self._workers),
            threading.Thread(target=self._reap, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)

    def submit(self, owner: str, recipe: Any, name: str = "") -> Run:
        """Start training `recipe` for `owner`, whose older active run is stopped.

        Raises `LabFullError` when as many runs of others are active as the server admits.
        """
        packed = pickle.dumps(recipe)
        with self._lock:
            if self._closed.is_set():
                raise RuntimeError("these Runs are closed")
            active = [run for run in self._runs.values() if run.is_active]
            older = [run for run in active if run.owner == owner]
            others = len(active) - len(older)
            if others >= self.max_active:
                raise LabFullError(
                    f"{others} models are training on this server right now, which is as many "
                    "as it takes at once. Try again in a moment."
                )
            for run in older:
                run.status = "stopped"
            load = Counter(id(run._worker) for run in active if run.is_active)
            worker = min(self._workers, key=lambda worker: load[id(worker)])
            run = Run(secrets.token_urlsafe(16), owner, recipe, name, _worker=worker, _runs=self,
                      blobs=Snapshots(self.max_blob_bytes))
            self._runs[run.id] = run
            self._forget()
        for old in older:
            self._send(old, None)
        self._send(run, packed)
        self._balance()
        return run

    def adopt(self, owner: str, recipe: Any, name: str, epoch: int, weights: bytes,
              made: Any = None) -> Run:
        """Enter a model that was trained elsewhere as an ended run, with its weights."""
        run = Run(secrets.token_urlsafe(16), owner, recipe, name, status="done", made=made,
                  _runs=self)
        run.blobs[epoch] = weights
        with self._lock:
            self._runs[run.id] = run
            self._forget()
        return run

    @property
    def num_active(self) -> int:
        """How many runs wait or train."""
        with self._lock:
            return sum(run.is_active for run in self._runs.values())

    def get(self, run_id: str) -> Run:
        """Return the run with this id; raises `RunGoneError` when it was forgotten."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                raise RunGoneError(GONE)
            run._touched = time.monotonic()
            return run

    def of(self, owner: str) -> list[Run]:
        """Return the runs of `owner`, oldest first."""
        with self._lock:
            mine = [run for run in self._runs.values() if run.owner == owner]
            for run in mine:
                run._touched = time.monotonic()
            return mine

    def watch(self, run_id: str) -> None:
        """Say that somebody looks at the run, so it goes on; `RunGoneError` if forgotten."""
        self.get(run_id)._watched = time.monotonic()

    def stop(self, run_id: str) -> None:
        """Stop the run, whether it waits or trains; an ended one stays as it is.

        Its status changes at once; its worker lets go of it at the end of a slice, and what it
        had to tell until then is still added. Raises `RunGoneError` when it was forgotten.
        """
        run = self.get(run_id)
        with self._lock:
            if not run.is_active:
                return
            run.status = "stopped"
        self._send(run, None)
        self._balance()

    def close(self) -> None:
        """End the workers, within a second or two; active runs become stopped."""
        with self._lock:
            self._closed.set()
            for run in self._runs.values():
                if run.is_active:
                    run.status = "stopped"
        for worker in self._workers:
            worker.end()
        for thread in self._threads:
            thread.join(1.0)
        atexit.unregister(self.close)

    def __exit__(self, *exception: object) -> None:
        """Close, also after an exception."""
        self.close()

    def _position(self, run: Run) -> int:
        with self._lock:
            waiting = [other for other in self._runs.values() if other.status == "waiting"]
            return waiting.index(run) if run in waiting else 0

    def _send(self, run: Run, recipe: bytes | None) -> None:
        # Without the lock of all runs: a long message to a worker that still starts may block.
        assert run._worker is not None
        with run._worker.sending:
            if recipe is None or run.is_active:  # it may have been stopped on the way here
                run._worker.send(run.id, recipe)

    def _balance(self) -> None:
        # Runs cannot move from one worker to another. Where one has two and the other has one,
        # the single run would get twice as much: its worker rests a part of the time instead.
        with self._lock:
            load = Counter(id(run._worker) for run in self._runs.values() if run.is_active)
            most = max(load.values(), default=1)
            changed = []
            for worker in self._workers:
                share = ADVANTAGE * (load[id(worker)] or most) / most
                share = min(1.0, max(LEAST_SHARE, share))
                if worker.share != share:
                    worker.share = share
                    changed.append(worker)
        for worker in changed:
            with worker.sending:
                worker.pace(worker.share)

    # The thread of a worker: hears what it tells, and replaces it when it is lost.

    def _tend(self, worker: Worker) -> None:
        while True:
            was_ready = False
            try:
                while True:
                    self._hear(worker.hear())
                    was_ready = True
            except (EOFError, OSError):
                pass  # the process has ended
            except Exception:
                log.exception("a worker told something that cannot be read")
            worker.end()
            # Both locks: no run may slip in between failing these and laying the new pipe.
            with self._lock, worker.sending:
                if self._closed.is_set():
                    return
                log.warning("a worker ended (exit code %s)", worker.process.exitcode)
                for run in self._runs.values():
                    if run.is_active and run._worker is worker:
                        run.error, run.status = LOST, "failed"
                worker.prepare()
            if not was_ready:
                self._closed.wait(RETRY_SECONDS)  # it may die again: don't spin
            with self._lock:
                if self._closed.is_set():
                    return
                worker.start()

    def _hear(self, report: Report) -> None:
        if report.fault:
            log.error("a run failed\n%s", report.fault)
        with self._lock:
            run = self._runs.get(report.run_id)
            if run is None:
                return
            for event in report.events:
                if isinstance(getattr(event, "weights", None), bytes):
                    run.blobs[event.epoch] = event.weights
                else:
                    run.events.append(event)
            if run.is_active:  # what was stopped stays stopped
                # The status comes last: who reads it without the lock finds the rest in place.
                run.error = report.error
                run.status = report.status

    # The thread of the reaper: stops what nobody watches, forgets what nobody asks for.

    def _reap(self) -> None:
        while not self._closed.wait(max(0.05, min(self.idle_seconds / 4, 1.0))):
            with self._lock:
                latest = time.monotonic() - self.idle_seconds
                idle = [r for r in self._runs.values() if r.is_active and r._watched < latest]
                for run in idle:
                    run.status = "stopped"
                self._forget()
            for run in idle:
                self._send(run, None)
            self._balance()

    def _forget(self) -> None:
        # The caller holds the lock. Active runs are counted, but never forgotten.
        latest = time.monotonic() - self.keep_seconds
        num_ended = num_bytes = 0
        num_owned: Counter[str] = Counter()
        for run in reversed(list(self._runs.values())):
            num_owned[run.owner] += 1
            size = run.blobs.num_bytes
            if not run.is_active:
                if (
                    run._touched < latest
                    or num_owned[run.owner] > self.max_owned
                    or num_ended >= self.max_kept
                    or num_bytes + size > self.max_kept_bytes
                ):
                    del self._runs[run.id]
                    continue
                num_ended += 1
            num_bytes += size
