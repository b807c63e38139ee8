"""Training in the background: recipes go in, events come out.

    runs = Runs(start)                       # start(recipe) -> iterator of events
    run = runs.submit(owner, recipe)         # returns at once
    run.status, run.events, run.blobs        # may be read at any time
    runs.watch(run.id)                       # keeps it running: an unwatched run is stopped
    runs.stop(run.id)
    runs.resume(run.id)                      # from where it stopped

The jobs run in a few long-lived workers (`worker`), in time slices (`scheduler`). Not in threads:
small models spend their time in Python, where they would compete with the web server for the
interpreter lock. Not in one process each: more processes than cores cost throughput. A run survives
the page that started it, the loss of its worker (it is restarted once) and, with a `Store`
(`persistence`), the end of the server.

This file depends on neither torch nor Gradio, and does not interpret recipes or events. It only
checks whether an event has `weights` (bytes), which are stored by epoch in limited memory; `state`
(bytes), from which `start(recipe, state)` continues; or `is_scored_model`, which marks the last
event of a stopped run (`run`).

Workers are spawned processes, each of which imports the program's main module again. So that module
needs `if __name__ == "__main__":`, and should import large packages after that line.
"""

import atexit
import logging
import pickle
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from typing import Any

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import DEFAULT, Limits
from seq2seq.jobs.memory import release_free_memory
from seq2seq.jobs.persistence import Persister, Store
from seq2seq.jobs.replays import TICK
from seq2seq.jobs.run import Run, Status, restored
from seq2seq.jobs.run_list import GONE, RunList
from seq2seq.jobs.scheduler import PREPARE, JobLimits, Start
from seq2seq.jobs.trainings import LOST, Trainings
from seq2seq.jobs.worker import MakeWorker, ProcessWorker
from seq2seq.jobs.worker_pool import Command, WorkerPool
from seq2seq.training.snapshots import Snapshots

__all__ = ["GONE", "LOST", "Run", "Runs", "Status"]

LOCAL_WORKERS = 2  # unless the limits say otherwise
REFRESH_SECONDS = 60.0  # between two updates of the saved runs' ages
RELEASE_SECONDS = 10.0  # between two calls of `release_free_memory`

ENDED = LazyText("This run is complete and cannot be continued. Press Train to start another.")

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Runs(Trainings, AbstractContextManager["Runs"]):
    """All runs of this server, and the workers that train them. Thread-safe.

    `start(recipe)` must be a module-level function; it is called in a worker and returns an
    iterator of picklable events (or None, where the slice may end). A `Seq2SeqError` that it
    raises becomes the run's `error`; any other exception is logged, and the learner reads a general
    message.

    The constructor starts the workers, without waiting for them, and reads the runs in `store`.
    `close`, or a `with` block, ends the workers; they also end with this process.
    """

    start: Start
    _: KW_ONLY
    limits: Limits = DEFAULT
    warm_up: Any = None  # a recipe that each worker trains first, to import all modules
    make_worker: MakeWorker = ProcessWorker
    store: Store | None = None  # None: runs are not saved
    # Whether runs with an equal recipe share one training; False if it contains personal data.
    shares: Callable[[Any], bool] = lambda recipe: False
    # Called with each deleted run while the lock is held, so it must not query other runs.
    on_forgotten: Callable[[Run], None] = lambda run: None

    def __post_init__(self) -> None:
        """Start the workers and the threads."""
        RunList.__init__(self)
        self.counts: Counter[str] = Counter()  # of what has happened, by name
        self._closed = threading.Event()
        self._prepared: Any = None  # the recipe that was last prepared
        self._persister: Persister | None = None
        if self.store is not None:
            for saved in self.store.read():
                run = restored(saved, self.limits.max_run_bytes)
                run._runs = self
                self._runs[run.id] = run
            self._persister = Persister(self.store, self.limits.state_seconds, self._snapshot,
                                        self._on_saved)
        rules = JobLimits(self.limits.slice_seconds, self.limits.run_seconds)
        workers = [self.make_worker(self.start, self.warm_up, rules)
                   for _ in range(self.limits.num_workers or LOCAL_WORKERS)]
        self._pool = WorkerPool(workers, self._lock, self._on_report, self._on_worker_lost,
                                self._count_jobs)
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self._reaper.start()
        self._replayer = threading.Thread(target=self._run_replays, daemon=True)
        self._replayer.start()
        atexit.register(self.close)

    def submit(self, owner: str, recipe: Any, name: str = "", address: str = "",
               num_held: int = 0) -> Run:
        """Start training `recipe` for `owner`, whose older active run is stopped.

        If the same recipe is already being trained and may be shared, the run joins that training;
        if it was trained before, the run is a recording of that (`replays`).

        LabFullError if the limit of active runs is reached, in total or for this network `address`,
        or if no worker has memory for the `num_held` bytes of the run; ConfigError if no worker
        ever could.
        """
        pickle.dumps(recipe)  # an error here comes before any other run is stopped
        with self._lock:
            leader = self._leader(owner, recipe)
            recording = None if leader else self._find_recording(owner, recipe)
            joins = leader is not None or recording is not None
            commands = self._admit(owner, address, num_held, joins)
            run = Run(secrets.token_urlsafe(16), owner, recipe, name, address=address, _runs=self,
                      num_held=num_held, blobs=Snapshots(self.limits.max_run_bytes))
            self._runs[run.id] = run
            if recording is not None:
                self._replay(run, recording)
            else:
                commands += self._begin_or_join(run, leader)
            self.counts["started"] += 1
            self._forget()
        log.info("run started", extra={"run": run.id[:6]})
        self._pool.send(commands)
        return run

    def prepare(self, recipe: Any) -> None:
        """Prepare for a training of `recipe` that may follow, if no run is active.

        The worker that would train it computes its first events and discards them; then the
        training's data are in its caches, and its first loss arrives sooner.
        """
        with self._lock:
            if recipe == self._prepared or any(run.is_active for run in self._runs.values()):
                return
            self._prepared = recipe
            worker = self._pool.choose(lambda worker: True)
        self._pool.send([Command(worker, PREPARE, (recipe,))])

    def resume(self, run_id: str, address: str = "", num_held: int = 0) -> Run:
        """Continue a stopped or interrupted run from its newest checkpoint.

        Events that it repeats are not added twice. Errors are those of `submit` and `get`, and
        InputError for a run that is complete.
        """
        run = self.get(run_id)
        with self._lock:
            if run.is_active:
                return run
            if not run.can_continue:
                raise InputError(ENDED)
            leader = self._leader(run.owner, run.recipe)
            if leader and len(leader.events) < len(run.events):
                leader = None  # it has made less progress than this run
            commands = self._admit(run.owner, address, num_held, joins=leader is not None)
            run.num_held = num_held
            run.address, run.note, run._num_lost = address, "", 0
            run.clear_stop()
            run._watched = time.monotonic()
            run.num_continued = len(run.events)
            self._runs[run.id] = self._runs.pop(run.id)
            commands += self._begin_or_join(run, leader)
            self.counts["continued"] += 1
        log.info("run continued", extra={"run": run.id[:6]})
        self._pool.send(commands)
        return run

    def adopt(self, owner: str, recipe: Any, name: str, epoch: int, weights: bytes,
              provenance: Any = None, scored: Any = None, events: Iterable[Any] = (),
              is_saved: bool = False) -> Run:
        """Add a model that was trained elsewhere as an ended run, with its weights.

        It is saved only with `is_saved`: of most such models, the visitor or the lab has a file.
        """
        run = Run(secrets.token_urlsafe(16), owner, recipe, name, status="done",
                  provenance=provenance, is_opened=True, scored=scored,
                  events=list(events), _runs=self)
        run.blobs[epoch] = weights
        with self._lock:
            self._runs[run.id] = run
            self._forget()
            if is_saved:
                self._changed(run, at_once=True)
        return run

    def recording_of(self, recipe: Any) -> Run | None:
        """A complete training of a recipe that may be shared; None if there is none."""
        with self._lock:
            return self._find_recording("", recipe)

    @property
    def num_workers(self) -> int:
        """How many runs can train at the same time."""
        return len(self._pool.workers)

    @property
    def num_ready_workers(self) -> int:
        """How many workers are ready."""
        return self._pool.num_ready

    def stop(self, run_id: str) -> None:
        """Stop the run if it is active.

        Its status changes at once. Its worker stops it at the end of a slice, and the events of
        that slice are still added. RunGoneError if the run was deleted.
        """
        run = self.get(run_id)
        with self._lock:
            if not run.is_active:
                return
            commands = self._stop(run)
        self._pool.send(commands)

    def close(self) -> None:
        """End the workers, within a few seconds; active runs become stopped.

        They are saved as active, so that the next server shows them as interrupted by a restart.
        """
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
        if self._persister is not None:
            self._persister.close()
        with self._lock:
            for run in self._runs.values():
                if run.is_active:
                    run.status = "stopped"
        self._pool.close()
        self._reaper.join(1.0)
        self._replayer.join(1.0)
        atexit.unregister(self.close)

    def __exit__(self, *exception: object) -> None:
        """Close, also after an exception."""
        self.close()

    def _run_replays(self) -> None:
        while not self._closed.wait(TICK):
            with self._lock:
                self._advance_replays()

    # --- The reaper's thread stops unwatched runs, and deletes runs that are no longer requested.

    def _reap(self) -> None:
        refreshed = released = time.monotonic()
        while not self._closed.wait(max(0.05, min(self.limits.idle_seconds / 4, 1.0))):
            with self._lock:
                latest = time.monotonic() - self.limits.idle_seconds
                commands = [command for run in list(self._runs.values())
                            if run.is_active and run._watched < latest
                            for command in self._stop(run)]
                self._forget()
                requested = [r.id for r in self._runs.values() if r._touched > refreshed]
            self._pool.send(commands)
            if time.monotonic() > released + RELEASE_SECONDS:
                released = time.monotonic()
                release_free_memory()
            if self.store is not None and time.monotonic() > refreshed + REFRESH_SECONDS:
                refreshed = time.monotonic()
                for run_id in requested:
                    self.store.refresh(run_id)
