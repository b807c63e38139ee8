"""Time slicing: how one worker runs many jobs in turns, on a local process or on Ray.

A job is an iterator of events. The worker selects a job (`JobQueue`), calls `next()` on it until
its slice is over, and sends the events as one `Report`. So thirty trainings share one core fairly:
after a step of ten seconds, a job waits until the others have had ten seconds as well.

This file does not interpret recipes or events. Messages arrive through a pipe (`worker`) or through
Ray (`ray_workers`); `trainings` handles the reports.
"""

import logging
import pickle
import queue
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from typing import Any, Literal, NamedTuple

from seq2seq.errors import Seq2SeqError, StopTraining
from seq2seq.i18n import LazyText
from seq2seq.jobs.memory import release_free_memory

Start = Callable[..., Iterator[Any]]
"""`start(recipe)` yields a job's events; `start(recipe, state)` yields those after the event that
contained this `state` (bytes). A `None` is not an event: the slice may end there."""

Events = Generator[Any, None, None]

Message = tuple[str, bytes | None]
"""To a worker: `(job id, pickled arguments of start)` begins a job, `(job id, None)` stops it,
`("", pickled share)` limits the worker to this share (0 to 1] of the time, and
`(PREPARE, pickled arguments of start)` prepares a job that may follow."""

PREPARE = "prepare"
NUM_PREPARED = 3  # the first events of a training: what it begins with, its weights, its first loss

Inbox = queue.SimpleQueue[Message]

OUR_FAULT = LazyText(
    "Training stopped because of an internal error. Train again; if it happens again, lower the "
    "hidden size."
)

log = logging.getLogger(__name__)


class Report(NamedTuple):
    """A worker's message to the server. An empty `job_id` means that the worker is ready."""

    job_id: str = ""
    events: tuple[Any, ...] = ()
    status: Literal["running", "done", "stopped", "failed"] = "running"
    words: str = ""  # why it stopped or failed, for the learner
    fault: str = ""  # traceback for the server's log, without typed text
    begins: bool = False  # it only announces that the job's slice begins
    num_parts: int = 0  # `None`s since its newest event
    seconds: float = 0.0  # of CPU time that the job has used; 0: not measured


class JobLimits(NamedTuple):
    """How long a job may run."""

    slice_seconds: float  # per slice
    run_seconds: float  # CPU time in all; 0: no limit


class Job:
    """One job of a worker: its iterator, and the time it has used."""

    def __init__(self, job_id: str, events: Events, rules: JobLimits) -> None:
        """A job that has not started: its first slice computes the first event."""
        self.job_id = job_id
        self.events = events
        self.rules = rules
        self.served = 0.0  # seconds, on the scale of its `JobQueue`
        self.last_turn = self.usual_turn = 0.0  # seconds; 0 before its first
        self.has_reported = False
        self.is_among_others = True  # other jobs wait, so its slices are announced
        self.seconds = 0.0  # of computing, before the current slice
        self.slice_began = 0.0  # thread time
        self.num_parts = 0  # since its newest event

    def run_slice(self, send_report: Callable[[Report], None]) -> bool:
        """Run for one slice and report its events; False when the job has ended."""
        began, self.slice_began = time.monotonic(), time.thread_time()
        goes_on = self._run_slice(send_report)
        seconds = time.thread_time() - self.slice_began
        self.seconds += seconds
        # A slice counts as such even if the job was waiting; computing beyond it counts in full.
        turn = max(seconds, min(time.monotonic() - began, self.rules.slice_seconds))
        # A single long turn, such as the one that makes the batches, predicts nothing.
        self.usual_turn, self.last_turn = min(turn, self.last_turn), turn
        self.served += turn
        if goes_on and 0 < self.rules.run_seconds <= self.seconds:
            send_report(Report(self.job_id, (), "stopped", used_up(self.rules.run_seconds)))
            self.close()
            return False
        return goes_on

    def _run_slice(self, send_report: Callable[[Report], None]) -> bool:
        until = time.monotonic() + self.rules.slice_seconds
        fresh: list[Any] = []
        try:
            for event in self.events:
                self.num_parts = 0 if event is not None else self.num_parts + 1
                if event is not None:
                    fresh.append(event)
                over = time.monotonic() >= until
                # The first event is sent at once: the visitor has just pressed Train and sees an
                # empty chart. Later, each slice sends at least an empty report, since a job may
                # compute for long between two events.
                if (fresh and not self.has_reported) or (over and self.has_reported):
                    batch, fresh = tuple(fresh), []
                    send_report(Report(self.job_id, batch, num_parts=self.num_parts,
                                       seconds=self._seconds_now()))
                    self.has_reported = True
                if over:
                    return True
            batch, fresh = tuple(fresh), []
            send_report(Report(self.job_id, batch, "done", seconds=self._seconds_now()))
        except Seq2SeqError as error:
            send_report(Report(self.job_id, tuple(fresh), "failed", error.args[0]))
        except Exception as error:  # a bug, or no memory: the other jobs continue
            send_report(Report(self.job_id, tuple(fresh), "failed", OUR_FAULT, where(error)))
        return False

    def _seconds_now(self) -> float:
        return self.seconds + time.thread_time() - self.slice_began

    def stop(self) -> None:
        """Stop training; the job may still report its final scores in its next slices."""
        self.events = _stopped(self.events)

    def close(self) -> None:
        """End the job at once: its `finally` blocks run, and its memory is freed."""
        try:
            self.events.close()
        except Exception:
            log.exception("a stopped job failed while it was closed")


class JobQueue:
    """The jobs of one worker. All get equal time, and long turns do not follow each other.

    The policy is EEVDF (Stoica and Abdel-Wahab 1995), as in Linux, with equal weights. A job is
    eligible if it has been served no longer than the mean. Of these, the next is the one with the
    least service after its turn, which is predicted to take as long as the shorter of its last two.
    So after one job's long step, all waiting jobs have a turn before another job's long step.

    A new job starts at the mean service, with a predicted turn of 0. So it runs soon, without
    credit for the time before it was added.
    """

    def __init__(self) -> None:
        """An empty queue."""
        self._jobs: dict[str, Job] = {}  # by id; among equals, the first is next
        self._mean = 0.0  # service of the jobs, in seconds

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    def enter(self, job: Job) -> None:
        """Add a new job."""
        if self._jobs:
            self._mean = sum(job.served for job in self._jobs.values()) / len(self._jobs)
        job.served = self._mean
        self._jobs[job.job_id] = job

    def leave(self, job_id: str) -> Job | None:
        """Remove and return the job with this id, or None."""
        return self._jobs.pop(job_id, None)

    def next(self) -> Job:
        """Remove and return the job with the next slice."""
        self._mean = sum(job.served for job in self._jobs.values()) / len(self._jobs)
        least = min(job.served for job in self._jobs.values())
        ready = [job for job in self._jobs.values() if job.served <= max(self._mean, least)]
        job = min(ready, key=lambda job: job.served + job.usual_turn)
        del self._jobs[job.job_id]
        return job

    def back(self, job: Job) -> None:
        """Add a job again after its slice."""
        self._jobs[job.job_id] = job


def used_up(seconds: float) -> LazyText:
    """The message of a job that has used its CPU time."""
    return LazyText("This server allows {seconds:g} seconds of CPU time per run, and this run has "
                    "used all of it. Its progress is saved. Use fewer epochs or a smaller hidden "
                    "size to finish within the limit.", seconds=seconds)


def where(error: Exception) -> str:
    """Type and traceback of an error, without its message, which may quote typed text."""
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}"


def run_jobs(start: Start, warm_up: Any, rules: JobLimits, inbox: Inbox,
             send_report: Callable[[Report], None]) -> None:
    """Run the jobs that arrive in `inbox` in slices, and send their reports; never returns.

    `warm_up` is a recipe to train completely before the first job, or None.
    """
    if warm_up is not None:
        try:
            for _ in start(warm_up):
                pass
        except Exception:
            log.exception("the warm-up failed; the worker continues without it")
    send_report(Report())

    waiting = JobQueue()
    share = 1.0
    while True:
        while not len(waiting) or not inbox.empty():
            if not len(waiting) and inbox.empty():
                release_free_memory()  # of the last jobs, while no job waits
            job_id, arguments = inbox.get()
            if not job_id:
                assert arguments is not None
                share = pickle.loads(arguments)
            elif job_id == PREPARE:
                assert arguments is not None
                if not len(waiting) and inbox.empty():
                    _prepare(start, arguments, inbox)
            elif arguments is not None:
                waiting.enter(Job(job_id, _begin(start, arguments), rules))
            elif stopped := waiting.leave(job_id):
                stopped.stop()
                waiting.enter(stopped)
        job = waiting.next()
        began = time.monotonic()
        # If this process dies now, the server must know which job was running.
        if len(waiting) or job.is_among_others:
            send_report(Report(job.job_id, begins=True))
        job.is_among_others = len(waiting) > 0
        if job.run_slice(send_report):
            waiting.back(job)
        time.sleep((time.monotonic() - began) * (1 / share - 1))


def _prepare(start: Start, arguments: bytes, inbox: Inbox) -> None:
    """Compute a job's first events, so that its data are in the caches of this process.

    It ends early when a message arrives.
    """
    events, num = _begin(start, arguments), 0
    try:
        while num < NUM_PREPARED and inbox.empty():
            num += next(events) is not None
    except (StopIteration, Seq2SeqError):  # the training itself will report the error
        pass
    except Exception as error:
        log.warning("a job could not be prepared\n%s", where(error))
    finally:
        events.close()


def _stopped(events: Events) -> Events:
    try:
        yield events.throw(StopTraining())
        yield from events
    except (StopTraining, StopIteration):
        return
    finally:
        events.close()


def _begin(start: Start, arguments: bytes) -> Events:
    # A generator, so that an error in unpickling or starting fails only this job.
    yield from start(*pickle.loads(arguments))
