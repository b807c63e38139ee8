"""A worker runs jobs: here, a local process; in `ray_workers`, an actor of a Ray cluster.

`Worker` is the interface of both, `ProcessWorker` the server's handle of a process, and `work` the
function that runs inside it.
"""

import gc
import logging
import multiprocessing
import os
import pickle
import queue
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from seq2seq.i18n import LazyText
from seq2seq.jobs.scheduler import Inbox, JobLimits, Report, Start, run_jobs

NICENESS = 1
"""How far the workers step back behind the web server, in units of `os.nice`.

Only a little: strangers who keep the server busy must not take the learners' computing time.
"""

GC_THRESHOLDS = (700, 10, 100)
"""For `gc.set_threshold`: the examples of thirty runs are many objects, and all stay for long.

With Python's own, each look at all of them takes a fifth of a second, and there are ten times more.
"""

log = logging.getLogger(__name__)


class Worker(ABC):
    """The server's handle of one worker, which may be replaced when it is lost.

    Making one starts nothing. `prepare`, `start`, `receive` and `end` are called by one thread;
    whoever sends holds `sending`.
    """

    lost_words: str = ""  # a sentence for the learner whose run was moved elsewhere

    def __init__(self) -> None:
        self.sending = threading.Lock()  # to be held while sending: one message at a time
        self.share = 1.0  # of the time that it works, as it was told last
        self.at_work = ""  # the job whose turn it is, as far as that was told
        self.is_ready = False  # it has said so, and is not lost; set by who hears it

    @property
    @abstractmethod
    def is_up(self) -> bool:
        """Whether a job may be given to it: it is at work, or will be in a few seconds."""

    @abstractmethod
    def prepare(self) -> None:
        """Make ready for `start`, once more after a loss; keeps what is sent until then."""

    @abstractmethod
    def start(self) -> None:
        """Start it, without waiting. When that is not possible, `receive` soon says so."""

    @abstractmethod
    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Send a `scheduler.Message`; one to a lost worker is dropped."""

    @abstractmethod
    def receive(self) -> Report:
        """Wait for the next report; raises EOFError or OSError when the worker is lost."""

    @abstractmethod
    def end(self) -> None:
        """End it now, in the middle of whatever it does; it keeps nothing of value."""

    def begin(self, job_id: str, *arguments: Any) -> None:
        """Begin a job: `start(*arguments)`."""
        self.send(job_id, pickle.dumps(arguments))

    def stop(self, job_id: str) -> None:
        """Stop a job, wherever it stands in the line."""
        self.send(job_id, None)

    def pace(self, share: float) -> None:
        """Let it rest so that it works for `share` (0 to 1] of the time."""
        self.send("", pickle.dumps(share))


MakeWorker = Callable[[Start, Any, JobLimits], Worker]
"""Makes a worker: from the start of its jobs, a recipe to warm up with (or None), and the rules."""


class ProcessWorker(Worker):
    """A process of this machine, reached by a pipe."""

    lost_words = LazyText("The process training this model was lost; training continues in another "
                          "one.")
    is_up = True

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Lay the first pipe."""
        super().__init__()
        self.arguments = (start, warm_up, rules)
        self.prepare()

    def prepare(self) -> None:
        """Lay a new pipe.

        The old one is not closed but dropped: another thread may be sending into it just now.
        """
        context = multiprocessing.get_context("spawn")
        self.pipe, self.far_end = context.Pipe()
        self.share = 1.0
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

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Send into the pipe."""
        try:
            self.pipe.send_bytes(pickle.dumps((job_id, arguments)))
        except OSError:
            log.warning("a message to a lost worker was dropped")  # the reader of its pipe knows

    def receive(self) -> Report:
        """Wait for the next report; raises EOFError or OSError when the process has ended."""
        report = pickle.loads(self.pipe.recv_bytes())
        assert isinstance(report, Report)
        return report

    def end(self) -> None:
        """End the process."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.far_end.close()  # in case it was never started: nobody shall wait to send into it


def work(pipe: Connection, start: Start, warm_up: Any, rules: JobLimits) -> None:
    """Be a worker until the server is gone or SIGTERM comes; never returns.

    Messages come in by the pipe, pickled reports go out by it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches us too, but the server decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    gc.set_threshold(*GC_THRESHOLDS)
    inbox: Inbox = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, inbox), name="inbox", daemon=True).start()

    def tell(report: Report) -> None:
        message = pickle.dumps(report)  # what cannot be pickled is the fault of its job
        try:
            pipe.send_bytes(message)
        except OSError:
            os._exit(0)  # the server is gone

    run_jobs(start, warm_up, rules, inbox, tell)


def _listen(pipe: Connection, inbox: Inbox) -> None:
    # A thread of its own for two reasons: the server never waits for the end of a slice to get
    # rid of a message, and we end at once when it dies, even by kill -9 and even in a long step.
    try:
        while True:
            inbox.put(pickle.loads(pipe.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)
