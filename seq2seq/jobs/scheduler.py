"""The line in which jobs wait for their turn: what a worker does all day, wherever it runs.

A job is an iterator of events. The worker takes the job that was served least so far, calls
`next()` on it until a slice of time is over, sends what came out as one `Report`, and adds the time
that it computed to what the job was served. So thirty trainings share one core fairly: one whose
single step takes ten seconds has its next turn when all the others have had ten seconds, too.

This file knows nothing of recipes, events or learners. Messages arrive through a pipe (`worker`) or
through Ray (`ray_workers`); `trainings` handles the reports.
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
from seq2seq.jobs.memory import give_back

Start = Callable[..., Iterator[Any]]
"""From a recipe to its events, or from a recipe and a state (bytes, which an earlier event held)
to the events after that one. A `None` among them says nothing, but lets others have a turn."""

Events = Generator[Any, None, None]

Message = tuple[str, bytes | None]
"""To a worker: `(job id, pickled arguments of start)` begins a job, `(job id, None)` stops it, and
`("", pickled share)` asks to work for this share (0 to 1] of the time."""

Inbox = queue.SimpleQueue[Message]

OUR_FAULT = LazyText(
    "Training stopped because of an internal error. Train again; if it happens again, lower the "
    "hidden size."
)

log = logging.getLogger(__name__)


class Report(NamedTuple):
    """What a worker tells the server. The one with an empty `job_id` says "I am ready"."""

    job_id: str = ""
    events: tuple[Any, ...] = ()
    status: Literal["running", "done", "stopped", "failed"] = "running"
    words: str = ""  # why it stopped or failed: a sentence for the learner
    fault: str = ""  # for the server's log: where it went wrong, without what anybody has typed
    begins: bool = False  # nothing but this: the job's turn begins now, and others wait
    num_parts: int = 0  # times that it let others have a turn since its newest event


class Rules(NamedTuple):
    """How long a job may work."""

    slice_seconds: float  # before it is another's turn
    run_seconds: float  # of computing, in all; 0: as long as it likes


class Job:
    """One job in the line of a worker: its iterator, and what it has used so far."""

    def __init__(self, job_id: str, events: Events, rules: Rules) -> None:
        """Nothing runs yet: `events` is first asked in the job's first turn."""
        self.job_id = job_id
        self.events = events
        self.rules = rules
        self.served = 0.0  # seconds of the worker's time, on the scale of its `Line`
        self.last_turn = 0.0  # seconds; 0 before its first
        self.is_heard = False
        self.is_among_others = True  # it was told that its turn began, and others have turns
        self.seconds = 0.0  # of computing
        self.num_parts = 0  # since its newest event

    def turn(self, tell: Callable[[Report], None]) -> bool:
        """Run for one slice and tell what happened; False when the job has ended."""
        began, computed = time.monotonic(), time.thread_time()
        goes_on = self._turn(tell)
        seconds = time.thread_time() - computed
        self.seconds += seconds
        # A turn costs its slice, however much of it was waiting; what it computed beyond that
        # counts in full.
        self.last_turn = max(seconds, min(time.monotonic() - began, self.rules.slice_seconds))
        self.served += self.last_turn
        if goes_on and 0 < self.rules.run_seconds <= self.seconds:
            tell(Report(self.job_id, (), "stopped", used_up(self.rules.run_seconds)))
            self.close()
            return False
        return goes_on

    def _turn(self, tell: Callable[[Report], None]) -> bool:
        until = time.monotonic() + self.rules.slice_seconds
        fresh: list[Any] = []
        try:
            for event in self.events:
                self.num_parts = 0 if event is not None else self.num_parts + 1
                if event is not None:
                    fresh.append(event)
                over = time.monotonic() >= until
                # The very first event does not wait for the end of the slice: somebody has
                # just pressed Train and looks at an empty chart. After it, each turn tells at least
                # that it was there: a job may compute for long between two events.
                if (fresh and not self.is_heard) or (over and self.is_heard):
                    batch, fresh = tuple(fresh), []
                    tell(Report(self.job_id, batch, num_parts=self.num_parts))
                    self.is_heard = True
                if over:
                    return True
            batch, fresh = tuple(fresh), []
            tell(Report(self.job_id, batch, "done"))
        except Seq2SeqError as error:
            tell(Report(self.job_id, tuple(fresh), "failed", error.args[0]))
        except Exception as error:  # a bug, or no memory: the other jobs in the line go on
            tell(Report(self.job_id, tuple(fresh), "failed", OUR_FAULT, where(error)))
        return False

    def stop(self) -> None:
        """Let it come to its end: its next turns are for what it still tells of where it stands."""
        self.events = _stopped(self.events)

    def close(self) -> None:
        """End a job at once; its `finally` blocks run, its memory is freed."""
        try:
            self.events.close()
        except Exception:
            log.exception("a stopped job failed while it was closed")


class Line:
    """The jobs of one worker: each is served as long as any other, and long turns stand apart.

    This is EEVDF (Stoica and Abdel-Wahab 1995), the policy of Linux, with equal weights: of the
    jobs that were served no longer than the mean, the next is the one that will have been served
    least after its turn, if that takes as long as its last one. So after one job's long step, all
    that were waiting have a turn before the next long step of another.

    Who comes in begins at the mean, and with a turn of unknown, that is, no length: so it has its
    turn soon, but is owed nothing for the time in which it was not there.
    """

    def __init__(self) -> None:
        """Nobody waits."""
        self._jobs: dict[str, Job] = {}  # by id; of equals the first is the next
        self._mean = 0.0  # seconds that the jobs were served

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    def enter(self, job: Job) -> None:
        """Take in a new job."""
        if self._jobs:
            self._mean = sum(job.served for job in self._jobs.values()) / len(self._jobs)
        job.served = self._mean
        self._jobs[job.job_id] = job

    def leave(self, job_id: str) -> Job | None:
        """Take out the job that has this id; None if there is none."""
        return self._jobs.pop(job_id, None)

    def next(self) -> Job:
        """Take out the job whose turn it is."""
        self._mean = sum(job.served for job in self._jobs.values()) / len(self._jobs)
        least = min(job.served for job in self._jobs.values())
        ready = [job for job in self._jobs.values() if job.served <= max(self._mean, least)]
        job = min(ready, key=lambda job: job.served + job.last_turn)
        del self._jobs[job.job_id]
        return job

    def back(self, job: Job) -> None:
        """Take in a job again, after its turn."""
        self._jobs[job.job_id] = job


def used_up(seconds: float) -> LazyText:
    """The sentence for a job that has worked as long as it may."""
    return LazyText("This server allows {seconds:g} seconds of CPU time per run, and this run has "
                    "used them. Its progress is saved.", seconds=seconds)


def where(error: Exception) -> str:
    """The kind of an error and the lines it came from. Not its message, which may quote texts."""
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}"


def stand_in_line(start: Start, warm_up: Any, rules: Rules, inbox: Inbox,
                  tell: Callable[[Report], None]) -> None:
    """Do the jobs that come into `inbox`, in turn, and `tell` what happens; never returns.

    `warm_up` is a recipe to run to its end before the first job, or None.
    """
    if warm_up is not None:
        try:
            for _ in start(warm_up):
                pass
        except Exception:
            log.exception("the warm-up failed; the worker goes on without it")
    tell(Report())

    line = Line()
    share = 1.0
    while True:
        while not len(line) or not inbox.empty():
            if not len(line) and inbox.empty():
                give_back()  # what the last jobs have used: nobody waits for anything now
            job_id, arguments = inbox.get()
            if not job_id:
                assert arguments is not None
                share = pickle.loads(arguments)
            elif arguments is not None:
                line.enter(Job(job_id, _begin(start, arguments), rules))
            elif stopped := line.leave(job_id):
                stopped.stop()
                line.enter(stopped)
        job = line.next()
        began = time.monotonic()
        # If this process ends now, it is known who was at work.
        if len(line) or job.is_among_others:
            tell(Report(job.job_id, begins=True))
        job.is_among_others = len(line) > 0
        if job.turn(tell):
            line.back(job)
        time.sleep((time.monotonic() - began) * (1 / share - 1))


def _stopped(events: Events) -> Events:
    try:
        yield events.throw(StopTraining())
        yield from events
    except (StopTraining, StopIteration):
        return
    finally:
        events.close()


def _begin(start: Start, arguments: bytes) -> Events:
    # A generator, so that a recipe that cannot be read or started fails in its own turn, alone.
    yield from start(*pickle.loads(arguments))
