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
"""How much lower the workers' priority is than the web server's, in units of `os.nice`.

Only slightly lower: heavy web traffic must not take CPU time from training.
"""

GC_THRESHOLDS = (700, 10, 100)
"""For `gc.set_threshold`: the examples of thirty runs are many objects with a long lifetime.

With Python's defaults, there would be ten times as many full collections of 0.2 seconds each.
"""

log = logging.getLogger(__name__)


class Worker(ABC):
    """The server's handle of one worker, which can be restarted when the worker is lost.

    The constructor starts nothing. One thread calls `prepare`, `start`, `receive` and `end`.
    Senders must hold `sending`.
    """

    lost_words: str = ""  # a message for the learners whose runs are moved

    def __init__(self) -> None:
        self.sending = threading.Lock()  # held while sending: one message at a time
        self.share = 1.0  # of the time that it may work, as last sent
        self.running_job = ""  # the job that it last reported as running
        self.is_ready = False  # it has sent a report since it was started; set by the receiver

    @property
    @abstractmethod
    def is_up(self) -> bool:
        """Whether it can receive jobs: it runs, or will run in a few seconds."""

    @abstractmethod
    def prepare(self) -> None:
        """Prepare for `start`, also after a loss; messages sent before `start` are stored."""

    @abstractmethod
    def start(self) -> None:
        """Start it, without waiting. If that fails, `receive` raises an error."""

    @abstractmethod
    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Send a `scheduler.Message`; it is dropped if the worker is lost."""

    @abstractmethod
    def receive(self) -> Report:
        """Wait for the next report. EOFError or OSError if the worker is lost."""

    @abstractmethod
    def end(self) -> None:
        """End it immediately."""

    def begin(self, job_id: str, *arguments: Any) -> None:
        """Start a job: `start(*arguments)`."""
        self.send(job_id, pickle.dumps(arguments))

    def stop(self, job_id: str) -> None:
        """Stop a job, whether it waits or runs."""
        self.send(job_id, None)

    def limit_share(self, share: float) -> None:
        """Limit its work to a `share` (0 to 1] of the time."""
        self.send("", pickle.dumps(share))


MakeWorker = Callable[[Start, Any, JobLimits], Worker]
"""Makes a worker from the `start` function of its jobs, a warm-up recipe (or None) and limits."""


class ProcessWorker(Worker):
    """A process on this machine, connected by a pipe."""

    lost_words = LazyText("The process training this model was lost; training continues in another "
                          "one.")
    is_up = True

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Open the first pipe."""
        super().__init__()
        self.arguments = (start, warm_up, rules)
        self.prepare()

    def prepare(self) -> None:
        """Open a new pipe.

        The old one is dropped without being closed: another thread may be writing to it.
        """
        context = multiprocessing.get_context("spawn")
        self.pipe, self.far_end = context.Pipe()
        self.share = 1.0
        arguments = (self.far_end, *self.arguments)
        self.process = context.Process(target=work, args=arguments, daemon=True)

    def start(self) -> None:
        """Start the process; if the system cannot, the pipe is closed."""
        try:
            self.process.start()
        except OSError:
            log.exception("a worker process could not be started")
        finally:
            self.far_end.close()  # so that the pipe is closed when the process ends

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Write to the pipe."""
        try:
            self.pipe.send_bytes(pickle.dumps((job_id, arguments)))
        except OSError:
            log.warning("a message to a lost worker was dropped")  # `receive` raises an error

    def receive(self) -> Report:
        """Wait for the next report. EOFError or OSError if the process has ended."""
        report = pickle.loads(self.pipe.recv_bytes())
        assert isinstance(report, Report)
        return report

    def end(self) -> None:
        """End the process."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.far_end.close()  # if it was never started: a sender must not block


def work(pipe: Connection, start: Start, warm_up: Any, rules: JobLimits) -> None:
    """Run jobs until the server ends or SIGTERM arrives; never returns.

    The pipe carries messages in and pickled reports out.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is handled by the server
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    gc.set_threshold(*GC_THRESHOLDS)
    inbox: Inbox = queue.SimpleQueue()
    threading.Thread(target=_receive_messages, args=(pipe, inbox), name="inbox",
                     daemon=True).start()

    def send_report(report: Report) -> None:
        message = pickle.dumps(report)  # an error here ends the report's job
        try:
            pipe.send_bytes(message)
        except OSError:
            os._exit(0)  # the server has ended

    run_jobs(start, warm_up, rules, inbox, send_report)


def _receive_messages(pipe: Connection, inbox: Inbox) -> None:
    # A separate thread, so that the server need not wait for the end of a slice to send a message,
    # and so that this process ends at once when the server dies, even during a long step.
    try:
        while True:
            inbox.put(pickle.loads(pipe.recv_bytes()))
    except (EOFError, OSError):
        os._exit(0)
