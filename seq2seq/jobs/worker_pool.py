"""The workers of a server: who of them gets a job, how fast each goes, and who takes over.

This file does not know whose jobs these are. `trainings` submits them, receives their reports, and
decides what happens to jobs whose worker was lost.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from seq2seq.jobs.scheduler import Report
from seq2seq.jobs.worker import Worker

RETRY_SECONDS = 2.0  # the pause before another attempt, when a worker died before it was ready

# A run may be served so many times as fast as the slowest; a worker with few runs rests for it.
ADVANTAGE = 1.15
LEAST_SHARE = 0.5  # but never longer than it works: a core is there to be used

log = logging.getLogger(__name__)


class Errand(NamedTuple):
    """A message that is to be sent to a worker: begin this job, or stop it."""

    worker: Worker
    job_id: str
    arguments: tuple[Any, ...] | None  # of the job's start; None: stop it
    is_wanted: Callable[[], bool] = lambda: True  # asked at the last moment


class Crew:
    """Some workers, each with a thread that hears it and replaces it when it is lost.

    `hear` is called with every report. `lost` is called with a worker that is gone, while
    `lock` is held, and says what its jobs are to become. `load` counts the jobs of each worker,
    by its `id`; it is called while `lock` is held, too.
    """

    def __init__(self, workers: list[Worker], lock: threading.Lock, hear: Callable[[Report], None],
                 lost: Callable[[Worker], list[Errand]], load: Callable[[], Counter[int]]) -> None:
        self.workers, self.lock = workers, lock
        self.hear, self.lost, self.load = hear, lost, load
        self._closed = threading.Event()
        for worker in workers:
            worker.start()
        self.threads = [threading.Thread(target=self._tend, args=(worker,), daemon=True)
                        for worker in workers]
        for thread in self.threads:
            thread.start()

    @property
    def num_ready(self) -> int:
        """How many are at work, or could be at once."""
        return sum(worker.is_ready for worker in self.workers)

    def choose(self, fits: Callable[[Worker], bool], besides: Worker | None = None) -> Worker:
        """The worker that has least to do, of those where a job fits. The lock is held.

        Where it fits nowhere, of all that are there.
        """
        load = self.load()
        there = [worker for worker in self.workers if worker.is_up and worker is not besides]
        fitting = list(filter(fits, there)) or list(filter(fits, self.workers))
        return min(fitting or there or self.workers, key=lambda worker: load[id(worker)])

    def send(self, errands: list[Errand]) -> None:
        """Run these errands. Without the lock: a long message to a worker that starts may block."""
        for worker, job_id, arguments, is_wanted in errands:
            with worker.sending:
                if arguments is None:
                    worker.stop(job_id)
                elif is_wanted():
                    worker.begin(job_id, *arguments)
        self._balance()

    def close(self) -> None:
        """End all workers, within a second or two."""
        self._closed.set()
        for worker in self.workers:
            worker.end()
        for thread in self.threads:
            thread.join(1.0)

    def _balance(self) -> None:
        # Jobs do not move from one worker to another. Where one has two and the other has one,
        # the single job would get twice as much: its worker rests a part of the time instead.
        with self.lock:
            load = self.load()
            most = max(load.values(), default=1)
            changed = []
            for worker in self.workers:
                share = ADVANTAGE * (load[id(worker)] or most) / most
                share = min(1.0, max(LEAST_SHARE, share))
                if worker.share != share:
                    worker.share = share
                    changed.append(worker)
        for worker in changed:
            with worker.sending:
                worker.pace(worker.share)

    def _tend(self, worker: Worker) -> None:
        while True:
            was_ready, why = False, ""
            try:
                while True:
                    report = worker.hear()
                    if report.begins:
                        worker.at_work = report.job_id
                    else:
                        self.hear(report)
                    was_ready = worker.is_ready = True
            except (EOFError, OSError) as end:
                why = str(end)
            except Exception:
                log.exception("a worker told something that cannot be read")
            worker.is_ready = False
            worker.end()
            # Both locks: no job may slip in between moving these and laying the new pipe.
            with self.lock, worker.sending:
                if self._closed.is_set():
                    return
                errands = self.lost(worker)
                log.warning("a worker was lost", extra={"moved": len(errands), "why": why})
                worker.at_work = ""
                worker.prepare()
            self.send(errands)
            if not was_ready:
                self._closed.wait(RETRY_SECONDS)  # it may die again: don't spin
            with self.lock:
                if self._closed.is_set():
                    return
                worker.start()
