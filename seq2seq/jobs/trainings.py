"""The transitions of a run: admitted, started or joined, reported, moved, ended.

`seq2seq.jobs.runs.Runs` is the public class; it calls the methods of `Trainings`.
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
from seq2seq.jobs.replays import advance, begin_replay, find_recording
from seq2seq.jobs.run import START, Run, Status
from seq2seq.jobs.run_list import RunList
from seq2seq.jobs.scheduler import Report
from seq2seq.jobs.shared_training import follow, followers_of, leader_of, leave, replace_leader
from seq2seq.jobs.worker import Worker
from seq2seq.jobs.worker_pool import Command, WorkerPool

MAX_LOST = 1  # lost workers after which a run is restarted: the run may be what ends them
MAX_FOLLOWERS = 300  # runs that share one training
STOPPING_SECONDS = 10.0  # how long a stopped run may take to report its final scores

LOST = LazyText("The process training this model failed twice, so the run was stopped. Continue "
                "it, or lower the hidden size and train again.")

log = logging.getLogger(__name__)


class Trainings(RunList):
    """The runs and what happens to them. `Runs` documents the attributes."""

    limits: Limits
    shares: Callable[[Any], bool]
    on_forgotten: Callable[[Run], None]
    counts: Counter[str]
    _closed: threading.Event
    _pool: WorkerPool
    _persister: Persister | None

    # --- The caller holds the lock, and sends the returned commands after releasing it.

    def _admit(self, owner: str, address: str, num_held: int, joins: bool) -> list[Command]:
        # Check the limits for a new run (one that joins a training needs no room), and return the
        # commands that stop the owner's active run and a displaced one.
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
        others = [r for r in self._runs.values()
                  if r.owner != owner and r._leader is None and r._recording is None]
        displaced = admit(others, address, self.limits)
        staying = [r for r in self._runs.values() if r not in mine and r is not displaced]
        check_room((self._held(worker, staying) for worker in self._pool.workers), num_held,
                   self.limits)
        return displaced

    def _leader(self, owner: str, recipe: Any) -> Run | None:
        # Another visitor's run that already trains this recipe and can be joined.
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
        # Each attempt is a new job, so that late reports of an earlier one are ignored.
        others = [other for other in self._runs.values() if other is not run]
        run._worker = worker = self._pool.choose(
            lambda one: has_room(self._held(one, others), run.num_held, self.limits), besides)
        run._attempt += 1
        run._seconds_before = run.cpu_seconds
        run.job_id = f"{run.id}/{run._attempt}"
        run._num_repeated = len(run.events) - run.checkpoint.num_events
        run.status = "waiting"
        self._changed(run, at_once=True)
        job_id, state = run.job_id, run.checkpoint.state
        return Command(worker, job_id, (run.recipe, state) if state else (run.recipe,),
                       # It may have been stopped or moved in the meantime.
                       lambda: any(r.is_active and r.job_id == job_id
                                   for r in list(self._runs.values())))

    def _find_recording(self, owner: str, recipe: Any) -> Run | None:
        if not (self.limits.replay_seconds and self.shares(recipe)):
            return None
        return find_recording(owner, recipe, self._runs.values())

    def _replay(self, run: Run, recording: Run) -> None:
        begin_replay(run, recording)
        self.counts["replayed"] += 1
        self._changed(run, at_once=True)

    def _advance_replays(self) -> None:
        now = time.monotonic()
        for run in list(self._runs.values()):
            if run._recording is not None and advance(
                    run, (now - run._replayed_since) / self.limits.replay_seconds):
                self._end(run, "done")

    def _stop(self, run: Run) -> list[Command]:
        if run._recording is not None:
            run._recording, run.note = None, ""
            self._end(run, "stopped")
            return []
        followers = followers_of(run, self._runs.values())
        if run._leader is not None or followers:  # the others train on
            if run._leader is not None:
                leave(run, run._leader)
            else:
                replace_leader(run, followers)
            self._end(run, "stopped")
            return []
        run._stops_until = time.monotonic() + STOPPING_SECONDS if run.events else 0.0
        self._end(run, "stopped")
        assert run._worker is not None
        return [Command(run._worker, run.job_id, None)]

    def _end(self, run: Run, status: Status) -> None:
        if status in ("done", "failed"):  # it cannot be continued
            run.checkpoint = START
        self.counts[status] += 1
        run.status = status  # last, since readers have no lock
        log.info("run ended", extra={"run": run.id[:6], "status": status,
                                     "seconds": round(time.time() - run.created, 1)})
        self._changed(run, at_once=True)

    def _end_all(self, run: Run, status: Status) -> None:
        # End all runs that share a training.
        for other in followers_of(run, self._runs.values()):
            if status == "stopped":
                leave(other, run)  # each can be continued on its own
            other._leader = None  # otherwise they keep the same objects, which no longer change
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
        # The number of jobs of each worker, by its id.
        return Counter(id(run._worker) for run in self._runs.values()
                       if run.is_active and run._worker is not None)

    @staticmethod
    def _held(worker: Worker, runs: Iterable[Run]) -> int:
        # The bytes that the active ones of `runs` hold in a worker.
        return sum(run.num_held for run in runs if run.is_active and run._worker is worker)

    def _on_worker_lost(self, worker: Worker) -> list[Command]:
        # Restart its runs on other workers; stop the one that was running if it was lost before.
        self.counts["lost workers"] += 1
        commands = []
        for run in self._runs.values():
            if run.is_active and run._worker is worker:
                run._num_lost += worker.running_job in ("", run.job_id)
                if run._num_lost <= MAX_LOST:
                    run.note = worker.lost_words
                    commands.append(self._begin(run, besides=worker))
                else:
                    run.note = LOST
                    self._end_all(run, "stopped")
        return commands

    # --- Called by the threads of the pool and of the persister, without the lock.

    def _on_report(self, report: Report) -> None:
        run_id, _, _ = report.job_id.partition("/")
        if report.fault:
            self.counts["faults"] += 1
            log.error("a run failed\n%s", report.fault, extra={"run": run_id[:6]})
        with self._lock:
            run = next((r for r in self._runs.values() if r.job_id == report.job_id), None)
            if run is None:
                return  # it was deleted or restarted in the meantime
            sharing = [run, *followers_of(run, self._runs.values())]
            if report.seconds:
                for one in sharing:
                    one.cpu_seconds = run._seconds_before + report.seconds
            if run.add_events(report.events, report.num_parts):
                for one in sharing:
                    self._changed(one, at_once=False)
            if not run.is_active:
                if report.status != "running":
                    run._stops_until = 0.0  # that was its last report
                return  # a stopped run stays stopped
            if report.status == "failed":
                run.error = report.words
            elif report.words:
                run.note = report.words
            # The status changes last: readers without the lock then find all events.
            if report.status == "running":
                for one in sharing:
                    one.status = "running"
            else:
                self._end_all(run, report.status)

    def _snapshot(self, run_id: str) -> SavedRun | None:
        with self._lock:
            run = self._runs.get(run_id)
            return None if run is None else run.to_saved()

    def _on_saved(self, run_id: str, is_saved: bool) -> None:
        with self._lock:
            self.counts["unkept"] += not is_saved
            if run := self._runs.get(run_id):
                run._is_unsaved = not is_saved
