"""The line in which jobs wait for their turn: what a worker does all day, wherever it runs.

A job is an iterator of events. The worker takes the first job in its line, calls `next()` on it
until a slice of time is over, sends what came out as one `Report`, and puts the job at the end
of the line. So thirty trainings share one core fairly, and none of them knows of the others.

What this file does not know: what a recipe or an event is, who the learners are, how messages
come here (`seq2seq.worker`: by a pipe, `seq2seq.cluster`: by Ray) and what becomes of the reports.
"""

import logging
import pickle
import queue
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from typing import Any, Literal, NamedTuple

from seq2seq.errors import Seq2SeqError
from seq2seq.language import Text
from seq2seq.memory import give_back

Start = Callable[..., Iterator[Any]]
"""From a recipe to its events, or from a recipe and a state (bytes, which an earlier event held)
to the events after that one. A `None` among them says nothing, but lets others have a turn."""

Events = Generator[Any, None, None]

Message = tuple[str, bytes | None]
"""To a worker: `(job id, pickled arguments of start)` begins a job, `(job id, None)` stops it, and
`("", pickled share)` asks to work for this share (0 to 1] of the time."""

Inbox = queue.SimpleQueue[Message]

OUR_FAULT = Text(
    "The training stopped because of a fault on our side. "
    "Train again; if it happens again, lower the hidden size."
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
        self.is_heard = False
        self.is_among_others = True  # it was told that its turn began, and others have turns
        self.seconds = 0.0  # of computing

    def turn(self, tell: Callable[[Report], None]) -> bool:
        """Run for one slice and tell what happened; False when the job has ended."""
        began = time.thread_time()
        goes_on = self._turn(tell)
        self.seconds += time.thread_time() - began
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
                if event is not None:
                    fresh.append(event)
                over = time.monotonic() >= until
                # The very first event does not wait for the end of the slice: somebody has
                # just pressed Train and looks at an empty chart.
                if fresh and (over or not self.is_heard):
                    batch, fresh = tuple(fresh), []
                    tell(Report(self.job_id, batch))
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

    def close(self) -> None:
        """End a job that was stopped; its `finally` blocks run, its memory is freed."""
        try:
            self.events.close()
        except Exception:
            log.exception("a stopped job failed while it was closed")


def used_up(seconds: float) -> Text:
    """The sentence for a job that has worked as long as it may."""
    return Text("This server gives a run {seconds:g} seconds of computing, and this one has used "
                "them. What it has learned is kept.", seconds=seconds)


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

    line: dict[str, Job] = {}  # a dict keeps its order, and a stopped job is found by its id
    share = 1.0
    while True:
        while not line or not inbox.empty():
            if not line and inbox.empty():
                give_back()  # what the last jobs have used: nobody waits for anything now
            job_id, arguments = inbox.get()
            if not job_id:
                assert arguments is not None
                share = pickle.loads(arguments)
            elif arguments is not None:
                line[job_id] = Job(job_id, _begin(start, arguments), rules)
            elif job_id in line:
                line.pop(job_id).close()
        job = line.pop(next(iter(line)))
        began = time.monotonic()
        if line or job.is_among_others:  # if this process ends now, it is known who was at work
            tell(Report(job.job_id, begins=True))
        job.is_among_others = bool(line)
        if job.turn(tell):
            line[job.job_id] = job
        time.sleep((time.monotonic() - began) * (1 / share - 1))


def _begin(start: Start, arguments: bytes) -> Events:
    # A generator, so that a recipe that cannot be read or started fails in its own turn, alone.
    yield from start(*pickle.loads(arguments))
