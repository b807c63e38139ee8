"""The workers of a server: assigns jobs to them, limits their shares, restarts lost ones.

`trainings` submits the jobs, receives their reports, and decides what happens to jobs whose worker
was lost.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from seq2seq.jobs.scheduler import Report
from seq2seq.jobs.worker import Worker

RETRY_SECONDS = 2.0  # before a worker that died during its start is started again

# The highest speed of a run, relative to the slowest one; a worker with few runs pauses.
ADVANTAGE = 1.15
LEAST_SHARE = 0.5  # of the time that a worker may work

log = logging.getLogger(__name__)


class Command(NamedTuple):
    """A message to a worker: start this job, or stop it."""

    worker: Worker
    job_id: str
    arguments: tuple[Any, ...] | None  # of `start`; None: stop the job
    is_wanted: Callable[[], bool] = lambda: True  # checked just before sending


class WorkerPool:
    """The workers, each with a thread that receives its reports and replaces it when it is lost.

    `on_report` is called with every report; `on_worker_lost` with a lost worker, while `lock` is
    held: it returns the commands that restart its jobs elsewhere. `count_jobs` counts the jobs of
    each worker by its `id`, while `lock` is held.
    """

    def __init__(self, workers: list[Worker], lock: threading.Lock,
                 on_report: Callable[[Report], None],
                 on_worker_lost: Callable[[Worker], list[Command]],
                 count_jobs: Callable[[], Counter[int]]) -> None:
        self.workers, self.lock = workers, lock
        self.on_report, self.on_worker_lost = on_report, on_worker_lost
        self.count_jobs = count_jobs
        self._closed = threading.Event()
        for worker in workers:
            worker.start()
        self.threads = [threading.Thread(target=self._supervise, args=(worker,), daemon=True)
                        for worker in workers]
        for thread in self.threads:
            thread.start()

    @property
    def num_ready(self) -> int:
        """How many workers are ready."""
        return sum(worker.is_ready for worker in self.workers)

    def choose(self, fits: Callable[[Worker], bool], besides: Worker | None = None) -> Worker:
        """The worker with the fewest jobs among those that a job fits, for a caller with the lock.

        If it fits none, the choice is among all workers that are up. `besides` is chosen last.
        """
        load = self.count_jobs()
        there = [worker for worker in self.workers if worker.is_up and worker is not besides]
        fitting = list(filter(fits, there)) or list(filter(fits, self.workers))
        return min(fitting or there or self.workers, key=lambda worker: load[id(worker)])

    def send(self, commands: list[Command]) -> None:
        """Send commands. The caller must not hold the lock: sending to a new worker may block."""
        for worker, job_id, arguments, is_wanted in commands:
            with worker.sending:
                if arguments is None:
                    worker.stop(job_id)
                elif is_wanted():
                    worker.begin(job_id, *arguments)
        self._balance()

    def close(self) -> None:
        """End all workers, within two seconds."""
        self._closed.set()
        for worker in self.workers:
            worker.end()
        for thread in self.threads:
            thread.join(1.0)

    def _balance(self) -> None:
        # Jobs do not move between workers. If one worker has two jobs and another has one, the
        # single job would get twice the time, so its worker pauses for part of it.
        with self.lock:
            load = self.count_jobs()
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
                worker.limit_share(worker.share)

    def _supervise(self, worker: Worker) -> None:
        while True:
            was_ready, why = False, ""
            try:
                while True:
                    report = worker.receive()
                    if report.begins:
                        worker.running_job = report.job_id
                    else:
                        self.on_report(report)
                    was_ready = worker.is_ready = True
            except (EOFError, OSError) as end:
                why = str(end)
            except Exception:
                log.exception("a worker sent something that cannot be read")
            worker.is_ready = False
            worker.end()
            # Both locks: no job may be sent between moving the jobs and opening the new pipe.
            with self.lock, worker.sending:
                if self._closed.is_set():
                    return
                commands = self.on_worker_lost(worker)
                log.warning("a worker was lost", extra={"moved": len(commands), "why": why})
                worker.running_job = ""
                worker.prepare()
            self.send(commands)
            if not was_ready:
                self._closed.wait(RETRY_SECONDS)  # it may die again
            with self.lock:
                if self._closed.is_set():
                    return
                worker.start()
