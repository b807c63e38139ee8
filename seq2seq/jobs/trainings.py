"""How runs get into training and out of it: who is admitted, who shares, what a worker has told.

`seq2seq.jobs.runs.Runs` is what others call; the steps that it is made of are here.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from seq2seq.errors import LabFullError
from seq2seq.i18n import LazyText
from seq2seq.jobs.admission import DISPLACED, admit, check_room, forgettable, has_room
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.persistence import Persister, SavedRun
from seq2seq.jobs.run import START, Run, Status
from seq2seq.jobs.run_list import RunList
from seq2seq.jobs.scheduler import Report
from seq2seq.jobs.shared_training import follow, followers_of, hand_over, leader_of, leave
from seq2seq.jobs.worker import Worker
from seq2seq.jobs.worker_pool import Command, WorkerPool

MAX_LOSSES = 1  # of its worker, after which a run is begun again: it may be what kills them
MAX_FOLLOWERS = 300  # runs that share one training
STOPPING_SECONDS = 10.0  # so long a stopped run is waited for, to tell where it stands

LOST = LazyText("The process training this model failed twice, so the run was stopped. Continue "
                "it, or lower the hidden size and train again.")

log = logging.getLogger(__name__)


class Trainings(RunList):
    """The runs, and their way through the workers. `Runs` says what these are."""

    limits: Limits
    shares: Callable[[Any], bool]
    on_forgotten: Callable[[Run], None]
    counts: Counter[str]
    _closed: threading.Event
    _pool: WorkerPool
    _persister: Persister | None

    # --- The caller of these holds the lock; it sends the commands after releasing it.

    def _admit(self, owner: str, address: str, num_held: int, joins: bool) -> list[Command]:
        # Is there room for one more? Who joins a training takes none. The owner's older run ends.
        if self._closed.is_set():
            raise RuntimeError("these Runs are closed")
        mine = [run for run in self._runs.values() if run.is_active and run.owner == owner]
        displaced = None
        try:
            if not joins:
                displaced = self._make_room(owner, address, mine, num_held)
        except LabFullError:
            self.counts["refused"] += 1
            raise
        if displaced is not None:
            displaced.note = DISPLACED
            mine.append(displaced)
        return [command for run in mine for command in self._stop(run)]

    def _make_room(self, owner: str, address: str, mine: list[Run], num_held: int) -> Run | None:
        others = [r for r in self._runs.values() if r.owner != owner and r._leader is None]
        displaced = admit(others, address, self.limits)
        staying = [r for r in self._runs.values() if r not in mine and r is not displaced]
        check_room((self._held(worker, staying) for worker in self._pool.workers), num_held,
                   self.limits)
        return displaced

    def _leader(self, owner: str, recipe: Any) -> Run | None:
        # Another visitor's run that trains this recipe already, and may be joined.
        if not self.shares(recipe):
            return None
        leader = leader_of(recipe, (r for r in self._runs.values() if r.owner != owner))
        if leader and len(followers_of(leader, self._runs.values())) >= MAX_FOLLOWERS:
            return None
        return leader

    def _begin_or_join(self, run: Run, leader: Run | None) -> list[Command]:
        if leader is None:
            return [self._begin(run)]
        follow(run, leader)
        self.counts["shared"] += 1
        self._changed(run, at_once=True)
        return []

    def _begin(self, run: Run, besides: Worker | None = None) -> Command:
        # Another attempt is another job: what an earlier one may still tell is not listened to.
        others = [other for other in self._runs.values() if other is not run]
        run._worker = worker = self._pool.choose(
            lambda one: has_room(self._held(one, others), run.num_held, self.limits), besides)
        run._attempt += 1
        run.job_id = f"{run.id}/{run._attempt}"
        run._again = len(run.events) - run.checkpoint.num_events
        run.status = "waiting"
        self._changed(run, at_once=True)
        job_id, state = run.job_id, run.checkpoint.state
        return Command(worker, job_id, (run.recipe, state) if state else (run.recipe,),
                       # It may have been stopped, or moved elsewhere, on the way.
                       lambda: any(r.is_active and r.job_id == job_id
                                   for r in list(self._runs.values())))

    def _stop(self, run: Run) -> list[Command]:
        followers = followers_of(run, self._runs.values())
        if run._leader is not None or followers:  # the others train on
            if run._leader is not None:
                leave(run, run._leader)
            else:
                hand_over(run, followers)
            self._end(run, "stopped")
            return []
        run._stops_until = time.monotonic() + STOPPING_SECONDS if run.events else 0.0
        self._end(run, "stopped")
        assert run._worker is not None
        return [Command(run._worker, run.job_id, None)]

    def _end(self, run: Run, status: Status) -> None:
        if status in ("done", "failed"):  # there is nothing to go on with
            run.checkpoint = START
        self.counts[status] += 1
        run.status = status  # after all else: who reads it has no lock
        log.info("run ended", extra={"run": run.id[:6], "status": status,
                                     "seconds": round(time.time() - run.created, 1)})
        self._changed(run, at_once=True)

    def _end_all(self, run: Run, status: Status) -> None:
        # The end of a training is that of all runs which share it.
        for other in followers_of(run, self._runs.values()):
            if status == "stopped":
                leave(other, run)  # each may go on
            other._leader = None  # else nothing is added any more: they keep the same objects
            other.error, other.note = run.error, run.note
            self._end(other, status)
        self._end(run, status)

    def _changed(self, run: Run, at_once: bool) -> None:
        if self._persister is not None:
            self._persister.changed(run.id, at_once)

    def _forget(self) -> None:
        for run in forgettable(self._runs.values(), self.limits):
            del self._runs[run.id]
            self.on_forgotten(run)
            if self._persister is not None:
                self._persister.forget(run.id)

    def _count_jobs(self) -> Counter[int]:
        # How many jobs each worker has, by its id.
        return Counter(id(run._worker) for run in self._runs.values()
                       if run.is_active and run._worker is not None)

    @staticmethod
    def _held(worker: Worker, runs: Iterable[Run]) -> int:
        # The bytes that those of `runs` hold which train in a worker.
        return sum(run.num_held for run in runs if run.is_active and run._worker is worker)

    def _on_worker_lost(self, worker: Worker) -> list[Command]:
        # Its runs are begun again elsewhere; but the one that was at work not again and again.
        self.counts["lost workers"] += 1
        commands = []
        for run in self._runs.values():
            if run.is_active and run._worker is worker:
                run._losses += worker.at_work in ("", run.job_id)
                if run._losses <= MAX_LOSSES:
                    run.note = worker.lost_words
                    commands.append(self._begin(run, besides=worker))
                else:
                    run.note = LOST
                    self._end_all(run, "stopped")
        return commands

    # --- These take the lock: they are called by the threads of the pool and of the persister.

    def _on_report(self, report: Report) -> None:
        run_id, _, _ = report.job_id.partition("/")
        if report.fault:
            self.counts["faults"] += 1
            log.error("a run failed\n%s", report.fault, extra={"run": run_id[:6]})
        with self._lock:
            run = next((r for r in self._runs.values() if r.job_id == report.job_id), None)
            if run is None:
                return  # it was forgotten, or begun again in the meantime
            sharing = [run, *followers_of(run, self._runs.values())]
            if run.add_events(report.events, report.num_parts):
                for one in sharing:
                    self._changed(one, at_once=False)
            if not run.is_active:
                if report.status != "running":
                    run._stops_until = 0.0  # that was all
                return  # what was stopped stays stopped
            if report.status == "failed":
                run.error = report.words
            elif report.words:
                run.note = report.words
            # The status comes last: who reads it without the lock finds the rest in place.
            if report.status == "running":
                for one in sharing:
                    one.status = "running"
            else:
                self._end_all(run, report.status)

    def _snapshot(self, run_id: str) -> SavedRun | None:
        with self._lock:
            run = self._runs.get(run_id)
            return None if run is None else run.keep()

    def _on_saved(self, run_id: str, is_kept: bool) -> None:
        with self._lock:
            self.counts["unkept"] += not is_kept
            if run := self._runs.get(run_id):
                run._is_unkept = not is_kept
