"""Training in the background: recipes go in, events come out.

    runs = Runs(start)                       # start(recipe) -> iterator of events
    run = runs.submit(owner, recipe)         # returns at once
    run.status, run.events, run.blobs        # read them whenever you like
    runs.watch(run.id)                       # "somebody looks": a run nobody watches is stopped
    runs.stop(run.id)
    runs.resume(run.id)                      # from where it stopped

The jobs run in a few long-lived workers (`seq2seq.jobs.worker`), in turn, slice by slice.
Not in threads: small models spend their time in Python, where they would fight the web server
for the interpreter lock. Not in a process each: more processes than cores cost throughput.
A run outlives the page that started it: reload, look again, and every event is still there.
It outlives its worker: it is begun again, once. And with a `Store` (`seq2seq.jobs.persistence`) it
outlives the server.

What this file does not know: torch, gradio, what a recipe is and what its events mean. The one
thing it looks at is whether an event has `weights` (bytes): those of a run are kept by epoch,
in a bounded store. If it also has a `state` (bytes), `start(recipe, state)` goes on from there; if
it `is_present`, it is the last word of a run that was stopped (see `seq2seq.jobs.run`).

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
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from typing import Any

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import DEFAULT, Limits
from seq2seq.jobs.memory import give_back
from seq2seq.jobs.persistence import Keeper, Store
from seq2seq.jobs.run import Run, Status, restored
from seq2seq.jobs.run_list import GONE, RunList
from seq2seq.jobs.scheduler import Rules, Start
from seq2seq.jobs.trainings import LOST, Trainings
from seq2seq.jobs.worker import Hire, ProcessWorker
from seq2seq.jobs.worker_pool import Crew
from seq2seq.training.snapshots import Snapshots

__all__ = ["GONE", "LOST", "Run", "Runs", "Status"]

LOCAL_WORKERS = 2  # unless the limits say otherwise
REFRESH_SECONDS = 60.0  # how often the store hears which runs are still asked for
GIVE_BACK_SECONDS = 10.0  # how often freed memory goes back to the system

ENDED = LazyText("This run is complete and cannot be continued. Press Train to start another.")

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Runs(Trainings, AbstractContextManager["Runs"]):
    """All runs of this server, and the workers that train them. Thread-safe.

    `start(recipe)` must be a module-level function; it is called in a worker and returns an
    iterator of picklable events (or None: "you may switch jobs here"). A `Seq2SeqError` that it
    raises becomes the run's `error`; any other exception goes to the log, and the learner reads
    a plain sentence.

    Making one starts the workers, without waiting for them, and finds the runs that are in the
    `store`. Close it, or use it in a `with`, to end the workers; they also end with this process,
    however it ends.
    """

    start: Start
    _: KW_ONLY
    limits: Limits = DEFAULT
    warm_up: Any = None  # a recipe for each worker's first run, to have imported everything
    hire: Hire = ProcessWorker
    store: Store | None = None  # None: nothing outlives the server
    # Whether runs with an equal recipe share one training. Never where it holds somebody's data.
    shares: Callable[[Any], bool] = lambda recipe: False
    # Told of each run that is forgotten, to let go of it too. It must not ask about other runs:
    # the lock is held.
    forgotten: Callable[[Run], None] = lambda run: None

    def __post_init__(self) -> None:
        """Start the workers and the threads."""
        RunList.__init__(self)
        self.counts: Counter[str] = Counter()  # what has happened so far, by name
        self._closed = threading.Event()
        self._keeper: Keeper | None = None
        if self.store is not None:
            for kept in self.store.read():
                run = restored(kept, self.limits.max_run_bytes)
                run._runs = self
                self._runs[run.id] = run
            self._keeper = Keeper(self.store, self.limits.state_seconds, self._kept, self._told)
        rules = Rules(self.limits.slice_seconds, self.limits.run_seconds)
        workers = [self.hire(self.start, self.warm_up, rules)
                   for _ in range(self.limits.num_workers or LOCAL_WORKERS)]
        self._crew = Crew(workers, self._lock, self._hear, self._lost, self._load)
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self._reaper.start()
        atexit.register(self.close)

    def submit(self, owner: str, recipe: Any, name: str = "", address: str = "",
               num_held: int = 0) -> Run:
        """Start training `recipe` for `owner`, whose older active run is stopped.

        Where the same recipe is being trained already, and may be shared, the run joins that.

        Raises `LabFullError` when as many runs of others are active as the server admits, in all
        or from this network `address`, and when no worker has room for the `num_held` bytes that
        it will hold; `ConfigError` when none ever could.
        """
        pickle.dumps(recipe)  # what cannot be sent fails here, before anything is stopped for it
        with self._lock:
            leader = self._leader(owner, recipe)
            errands = self._admit(owner, address, num_held, joins=leader is not None)
            run = Run(secrets.token_urlsafe(16), owner, recipe, name, address=address, _runs=self,
                      num_held=num_held, blobs=Snapshots(self.limits.max_run_bytes))
            self._runs[run.id] = run
            errands += self._begin_or_join(run, leader)
            self.counts["started"] += 1
            self._forget()
        log.info("run started", extra={"run": run.id[:6]})
        self._crew.send(errands)
        return run

    def resume(self, run_id: str, address: str = "", num_held: int = 0) -> Run:
        """Let a run that was stopped or interrupted train on from its newest state.

        What it told after that is told again, the same, and not added twice. Errors are those of
        `submit` and `get`, and `InputError` for a run that has come to its end.
        """
        run = self.get(run_id)
        with self._lock:
            if run.is_active:
                return run
            if not run.can_continue:
                raise InputError(ENDED)
            leader = self._leader(run.owner, run.recipe)
            if leader and len(leader.events) < len(run.events):
                leader = None  # it is behind: nobody goes back
            errands = self._admit(run.owner, address, num_held, joins=leader is not None)
            run.num_held = num_held
            run.address, run.note, run._losses = address, "", 0
            run.goes_on()
            run._watched = time.monotonic()
            run.num_continued = len(run.events)
            self._runs[run.id] = self._runs.pop(run.id)
            errands += self._begin_or_join(run, leader)
            self.counts["continued"] += 1
        log.info("run continued", extra={"run": run.id[:6]})
        self._crew.send(errands)
        return run

    def adopt(self, owner: str, recipe: Any, name: str, epoch: int, weights: bytes,
              provenance: Any = None, present: Any = None, events: Iterable[Any] = ()) -> Run:
        """Enter a model that was trained elsewhere as an ended run, with its weights.

        It does not outlive the server: whoever brought it has it.
        """
        run = Run(secrets.token_urlsafe(16), owner, recipe, name, status="done",
                  provenance=provenance, is_opened=True, present=present,
                  events=list(events), _runs=self)
        run.blobs[epoch] = weights
        with self._lock:
            self._runs[run.id] = run
            self._forget()
        return run

    @property
    def num_workers(self) -> int:
        """How many runs can train at the very same time."""
        return len(self._crew.workers)

    @property
    def num_ready_workers(self) -> int:
        """How many of the workers are there."""
        return self._crew.num_ready

    def stop(self, run_id: str) -> None:
        """Stop the run, whether it waits or trains; an ended one stays as it is.

        Its status changes at once; its worker lets go of it at the end of a slice, and what it
        had to tell until then is still added. Raises `RunGoneError` when it was forgotten.
        """
        run = self.get(run_id)
        with self._lock:
            if not run.is_active:
                return
            errands = self._stop(run)
        self._crew.send(errands)

    def close(self) -> None:
        """End the workers, within a few seconds; active runs become stopped.

        What the store keeps of these is that they were training: a restart has interrupted them.
        """
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
        if self._keeper is not None:
            self._keeper.close()
        with self._lock:
            for run in self._runs.values():
                if run.is_active:
                    run.status = "stopped"
        self._crew.close()
        self._reaper.join(1.0)
        atexit.unregister(self.close)

    def __exit__(self, *exception: object) -> None:
        """Close, also after an exception."""
        self.close()

    # --- The thread of the reaper: stops what nobody watches, forgets what nobody asks for.

    def _reap(self) -> None:
        refreshed = given_back = time.monotonic()
        while not self._closed.wait(max(0.05, min(self.limits.idle_seconds / 4, 1.0))):
            with self._lock:
                latest = time.monotonic() - self.limits.idle_seconds
                errands = [errand for run in list(self._runs.values())
                           if run.is_active and run._watched < latest
                           for errand in self._stop(run)]
                self._forget()
                asked_for = [r.id for r in self._runs.values() if r._touched > refreshed]
            self._crew.send(errands)
            if time.monotonic() > given_back + GIVE_BACK_SECONDS:
                given_back = time.monotonic()
                give_back()
            if self.store is not None and time.monotonic() > refreshed + REFRESH_SECONDS:
                refreshed = time.monotonic()
                for run_id in asked_for:
                    self.store.refresh(run_id)
