"""One worker process, which drives its share of the jobs in turn: `seq2seq.jobs` has two.

`Worker` is the server's handle of it; `work` and all below it run inside the process.

A job is an iterator of events. The worker takes the first job in its line, calls `next()` on it
until a slice of time is over, sends what came out as one `Report`, and puts the job at the end
of the line. So thirty trainings share one core fairly, and none of them knows of the others.

What this file does not know: what a recipe or an event is, who the learners are, and what
becomes of the reports.
"""

import logging
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

from seq2seq.errors import Seq2SeqError

Start = Callable[[Any], Iterator[Any]]
"""From a recipe to its events. A `None` among them says nothing, but lets others have a turn."""

Events = Generator[Any, None, None]

NICENESS = 10
"""How far the workers step back behind the web server, in units of `os.nice`."""

OUR_FAULT = (
    "The training stopped because of a fault on our side. "
    "Train again; if it happens again, lower the hidden size."
)

log = logging.getLogger(__name__)


class Report(NamedTuple):
    """What a worker tells the server. The one with an empty `run_id` says "I am ready"."""

    run_id: str = ""
    events: tuple[Any, ...] = ()
    status: Literal["running", "done", "failed"] = "running"
    error: str = ""  # a sentence for the learner
    fault: str = ""  # a traceback for the server's log


class Worker:
    """The server's handle of one worker process, which may be replaced when it is lost.

    Its arguments are those of `work`. Making one starts nothing.
    """

    def __init__(self, start: Start, warm_up: Any, slice_seconds: float) -> None:
        """Lay the first pipe."""
        self.arguments = (start, warm_up, slice_seconds)
        self.sending = threading.Lock()  # to be held while sending: one message at a time
        self.prepare()

    def prepare(self) -> None:
        """Lay a new pipe, for a process that `start` will start; it keeps what is sent till then.

        The old pipe is not closed but dropped: another thread may be sending into it just now.
        """
        context = multiprocessing.get_context("spawn")
        self.pipe, self.far_end = context.Pipe()
        self.share = 1.0  # of the time that the process works, as it was told last
        arguments = (self.far_end, *self.arguments)
        self.process = context.Process(target=work, args=arguments, daemon=True)

    def start(self) -> None:
        """Start the process; when the system has no room for it, the pipe just ends."""
        try:
            self.process.start()
        except OSError:
            log.exception("a worker process could not be started")
        finally:
            self.far_end.close()  # so that the end of the process is the end of the pipe

    def send(self, run_id: str, recipe: bytes | None) -> None:
        """Tell the process to start a run from its pickled recipe or, given None, to stop it."""
        try:
            self.pipe.send_bytes(pickle.dumps((run_id, recipe)))
        except OSError:
            log.warning("a message to a lost worker was dropped")  # the reader of its pipe knows

    def pace(self, share: float) -> None:
        """Tell the process to rest so that it works for `share` (0 to 1] of the time."""
        self.send("", pickle.dumps(share))

    def hear(self) -> Report:
        """Wait for the next report; raises EOFError or OSError when the process has ended."""
        report = pickle.loads(self.pipe.recv_bytes())
        assert isinstance(report, Report)
        return report

    def end(self) -> None:
        """End the process now, in the middle of whatever it does; it keeps nothing of value."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.far_end.close()  # in case it was never started: nobody shall wait to send into it


class Job:
    """One job in the line of a worker: its iterator, and whether it was heard of already."""

    def __init__(self, run_id: str, events: Events) -> None:
        """Nothing runs yet: `events` is first asked in the job's first turn."""
        self.run_id = run_id
        self.events = events
        self.is_heard = False

    def turn(self, slice_seconds: float, tell: Callable[[Report], None]) -> bool:
        """Run for one slice (seconds) and tell what happened; False when the job has ended."""
        until = time.monotonic() + slice_seconds
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
                    tell(Report(self.run_id, batch))
                    self.is_heard = True
                if over:
                    return True
            batch, fresh = tuple(fresh), []
            tell(Report(self.run_id, batch, "done"))
        except Seq2SeqError as error:
            tell(Report(self.run_id, tuple(fresh), "failed", str(error)))
        except Exception:  # a bug, or no memory: the other jobs in the line go on
            fault = traceback.format_exc()
            tell(Report(self.run_id, tuple(fresh), "failed", OUR_FAULT, fault))
        return False

    def close(self) -> None:
        """End a job that was stopped; its `finally` blocks run, its memory is freed."""
        try:
            self.events.close()
        except Exception:
            log.exception("a stopped job failed while it was closed")


def work(pipe: Connection, start: Start, warm_up: Any, slice_seconds: float) -> None:
    """Be a worker until the server is gone or SIGTERM comes; never returns.

    `warm_up` is a recipe to run to its end before the first job, or None; a job runs for
    `slice_seconds` before it is another's turn.
    Messages in are `(run_id, pickled recipe)` to start a run, `(run_id, None)` to stop it, and
    `("", pickled share)` to work for this share of the time; messages out are pickled `Report`s.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches us too, but the server decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    inbox: queue.SimpleQueue[tuple[str, bytes | None]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, inbox), name="inbox", daemon=True).start()

    def tell(report: Report) -> None:
        message = pickle.dumps(report)  # what cannot be pickled is the fault of its job
        try:
            pipe.send_bytes(message)
        except OSError:
            os._exit(0)  # the server is gone

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
            run_id, recipe = inbox.get()
            if not run_id:
                assert recipe is not None
                share = pickle.loads(recipe)
            elif recipe is not None:
                line[run_id] = Job(run_id, _begin(start, recipe))
            elif run_id in line:
                line.pop(run_id).close()
        job = line.pop(next(iter(line)))
        began = time.monotonic()
        if job.turn(slice_seconds, tell):
            line[job.run_id] = job
        time.sleep((time.monotonic() - began) * (1 / share - 1))


def _begin(start: Start, recipe: bytes) -> Events:
    # A generator, so that a recipe that cannot be read or started fails in its own turn, alone.
    yield from start(pickle.loads(recipe))


def _listen(pipe: Connection, inbox: queue.SimpleQueue[tuple[str, bytes | None]]) -> None:
    # A thread of its own for two reasons: the server never waits for the end of a slice to get
    # rid of a message, and we end at once when it dies, even by kill -9 and even in a long step.
    try:
        while True:
            inbox.put(pickle.loads(pipe.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)
