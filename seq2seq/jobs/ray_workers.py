"""Workers on the machines of a Ray cluster, where `SEQ2SEQ_RAY_ADDRESS` names one.

An actor on each CPU replaces a local worker process: it runs the same jobs in the same time slices
(`scheduler`), and the page is unaware of it. When a machine is lost, its actors are lost as well;
`trainings` restarts their runs on others. An actor that waits for a free CPU starts as soon as the
cluster has one.

The lab does not require Ray: it is imported only if that variable is set. Ray copies our code and
data to each machine; torch and the other requirements must be installed there in the same versions.
"""

import logging
import os
import pickle
import queue
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seq2seq.errors import ConfigError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import PREFIX
from seq2seq.jobs.scheduler import Inbox, JobLimits, Report, Start, run_jobs
from seq2seq.jobs.worker import Worker

ROOT = Path(__file__).parents[2]
# Patterns, as in .gitignore, of files that training does not need: they are not copied.
EXCLUDED = [".git", ".venv", "tests", "assets/models", "__pycache__"]
NAMESPACE = "seq2seq-lab"
RECONNECT_SECONDS = 10**8  # three years

log = logging.getLogger(__name__)


class Actor:
    """A process on a machine of the cluster, with a thread each to run, receive and report jobs."""

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Start the thread that runs the jobs."""
        self.inbox: Inbox = queue.SimpleQueue()
        self.reports: queue.SimpleQueue[bytes] = queue.SimpleQueue()  # pickled
        arguments = (start, warm_up, rules, self.inbox, self.report)
        threading.Thread(target=run_jobs, args=arguments, daemon=True).start()

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Accept a `scheduler.Message`."""
        self.inbox.put((job_id, arguments))

    def report(self, report: Report) -> None:
        """Queue a report; if it cannot be pickled, the error ends its job."""
        self.reports.put(pickle.dumps(report))

    def receive(self) -> list[bytes]:
        """Wait for a report, and return all reports that are queued."""
        reports = [self.reports.get()]
        while not self.reports.empty():
            reports.append(self.reports.get())
        return reports


class ClusterWorker(Worker):
    """The server's handle of an actor."""

    lost_words = LazyText("The computer training this model went offline; training continues on "
                          "another one.")

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Request an actor from the cluster."""
        super().__init__()
        self.arguments = (start, warm_up, rules)
        self.prepare()

    @property
    def is_up(self) -> bool:
        """Whether the actor has sent a report: it may wait for a free CPU indefinitely."""
        return self.is_ready

    def prepare(self) -> None:
        """Request an actor; Ray stores what is sent to it until it starts."""
        import ray
        self.share = 1.0
        self.received: list[bytes] = []
        # Messages stay in order in each direction, and no direction waits for the other.
        groups: dict[str, Any] = {"concurrency_groups": {"in": 1, "out": 1}}
        self.actor: Any = None
        try:
            self.actor = ray.remote(num_cpus=1, **groups)(Actor).remote(*self.arguments)
        except Exception:  # unreachable: `receive` raises an error, and the pool tries again
            log.exception("the cluster could not create an actor")

    def start(self) -> None:
        """Nothing to do: Ray starts the actor as soon as a CPU is free."""

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Send to the actor."""
        try:
            self.actor.send.options(concurrency_group="in").remote(job_id, arguments)
        except Exception as problem:  # `receive` raises an error as well
            log.warning("a message to a lost actor was dropped (%s)", type(problem).__name__)

    def receive(self) -> Report:
        """Wait for the next report; EOFError when the actor or its machine is gone."""
        import ray
        while not self.received:
            try:
                reports = self.actor.receive.options(concurrency_group="out").remote()
                self.received = ray.get(reports)
            except (ray.exceptions.RayError, AttributeError, ConnectionError) as problem:
                raise EOFError(" ".join(str(problem).split())[:300]) from None
        report = pickle.loads(self.received.pop(0))
        assert isinstance(report, Report)
        return report

    def end(self) -> None:
        """End the actor if it still exists."""
        import ray
        try:
            ray.kill(self.actor)
        except Exception as problem:  # without a connection the actor ends by itself
            log.warning("an actor could not be ended (%s)", type(problem).__name__)


@dataclass(frozen=True)
class Cluster:
    """A connected cluster."""

    num_cpus: int
    make_worker = ClusterWorker


def connect(address: str) -> Cluster:
    """Connect to the cluster at `address`. ConfigError if that fails or Ray is not installed."""
    # By default, Ray ends a process that loses the connection to the head node for a minute. The
    # page must keep running: it can still answer with trained models while trainings wait.
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", str(RECONNECT_SECONDS))
    try:
        import ray
    except ImportError:
        raise ConfigError(
            "{name} is {address}: to use a cluster, install the package ray on this computer as "
            "well (pip install ray==2.60.0), or unset the variable to train locally.",
            name=f"{PREFIX}RAY_ADDRESS", address=address) from None
    try:
        _check_reachable(address)
        if not ray.is_initialized():
            ray.init(address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.ERROR,
                     runtime_env={"working_dir": str(ROOT), "excludes": EXCLUDED})
        num_cpus = int(ray.cluster_resources().get("CPU", 0))
    except Exception as problem:  # many types: unknown host, another version, no answer
        raise ConfigError(
            "{name} is {address}: no cluster answers there ({kind}). Start one (ray start --head), "
            "or leave out the variable.", name=f"{PREFIX}RAY_ADDRESS",
            address=address, kind=type(problem).__name__) from None
    if num_cpus < 1:
        raise ConfigError("{name} is {address}: that cluster has no CPUs. Add a computer to it "
                          "(ray start --address=HOST:6379).", name=f"{PREFIX}RAY_ADDRESS",
                          address=address)
    return Cluster(num_cpus)


def _check_reachable(address: str) -> None:
    """OSError if nothing listens at HOST:PORT; Ray itself would try for minutes."""
    place = urlsplit(address if "//" in address else f"//{address}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), timeout=10).close()
