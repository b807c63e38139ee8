"""Workers on the machines of a Ray cluster, where `SEQ2SEQ_RAY_ADDRESS` names one.

An actor on each CPU replaces a local worker process: it runs the same jobs in the same time slices
(`scheduler`), and the page is unaware of it. When a machine is lost, its actors are lost as well;
`trainings` restarts their runs on others. An actor that waits for a free CPU starts as soon as the
cluster has one.

Ray is no requirement of the lab: it is imported when it is asked for. The actors find our code
and data in a copy that Ray takes to each machine; torch and the other requirements have to be
installed there, in the same versions.
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
# What is not needed for training need not travel; a pattern each, as in .gitignore.
LEFT_HERE = [".git", ".venv", "tests", "assets/models", "__pycache__"]
NAMESPACE = "seq2seq-lab"
LOST_HEAD_SECONDS = 10**8  # three years

log = logging.getLogger(__name__)


class Actor:
    """Lives on a machine of the cluster: one thread does jobs, one brings them, one tells."""

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Begin to work."""
        self.inbox: Inbox = queue.SimpleQueue()
        self.told: queue.SimpleQueue[bytes] = queue.SimpleQueue()  # pickled reports
        arguments = (start, warm_up, rules, self.inbox, self.tell)
        threading.Thread(target=run_jobs, args=arguments, daemon=True).start()

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Take a `scheduler.Message`."""
        self.inbox.put((job_id, arguments))

    def tell(self, report: Report) -> None:
        """Have something to tell; what cannot be pickled is the fault of its job."""
        self.told.put(pickle.dumps(report))

    def receive(self) -> list[bytes]:
        """Wait for something to tell, and tell all there is."""
        reports = [self.told.get()]
        while not self.told.empty():
            reports.append(self.told.get())
        return reports


class ClusterWorker(Worker):
    """The handle of an actor."""

    lost_words = LazyText("The computer training this model went offline; training continues on "
                          "another one.")

    def __init__(self, start: Start, warm_up: Any, rules: JobLimits) -> None:
        """Ask the cluster for a place."""
        super().__init__()
        self.arguments = (start, warm_up, rules)
        self.prepare()

    @property
    def is_up(self) -> bool:
        """Whether the actor has been heard: it may wait for a machine without end."""
        return self.is_ready

    def prepare(self) -> None:
        """Ask for a place; what is sent is kept by Ray until there is one."""
        import ray
        self.share = 1.0
        self.heard: list[bytes] = []
        # Each of the two in order, and neither waits for the other.
        groups: dict[str, Any] = {"concurrency_groups": {"in": 1, "out": 1}}
        self.actor: Any = None
        try:
            self.actor = ray.remote(num_cpus=1, **groups)(Actor).remote(*self.arguments)
        except Exception:  # the cluster is out of reach: `receive` says so, and it is tried again
            log.exception("the cluster gave no place to an actor")

    def start(self) -> None:
        """Nothing to do: Ray starts the actor as soon as a CPU is free."""

    def send(self, job_id: str, arguments: bytes | None) -> None:
        """Send to the actor."""
        try:
            self.actor.send.options(concurrency_group="in").remote(job_id, arguments)
        except Exception as problem:  # whoever hears it knows, too
            log.warning("a message to a lost actor was dropped (%s)", type(problem).__name__)

    def receive(self) -> Report:
        """Wait for the next report; EOFError when the actor or its machine is gone."""
        import ray
        while not self.heard:
            try:
                asked = self.actor.receive.options(concurrency_group="out").remote()
                self.heard = ray.get(asked)
            except (ray.exceptions.RayError, AttributeError, ConnectionError) as problem:
                raise EOFError(" ".join(str(problem).split())[:300]) from None
        report = pickle.loads(self.heard.pop(0))
        assert isinstance(report, Report)
        return report

    def end(self) -> None:
        """End the actor, if it is still there."""
        import ray
        try:
            ray.kill(self.actor)
        except Exception as problem:  # the connection is lost as well: then the actor ends, too
            log.warning("an actor could not be ended (%s)", type(problem).__name__)


@dataclass(frozen=True)
class Cluster:
    """A cluster that we are connected to."""

    num_cpus: int
    make_worker = ClusterWorker


def connect(address: str) -> Cluster:
    """Connect to the cluster at `address`; ConfigError when there is none, or no Ray here."""
    # Ray ends the process that lost its head for a minute. The lab's page has to outlive that: what
    # is trained is answered here, and trainings wait.
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", str(LOST_HEAD_SECONDS))
    try:
        import ray
    except ImportError:
        raise ConfigError(
            "{name} is {address}: to use a cluster, install the package ray on this computer as "
            "well (pip install ray==2.60.0), or unset the variable to train locally.",
            name=f"{PREFIX}RAY_ADDRESS", address=address) from None
    try:
        _knock(address)
        if not ray.is_initialized():
            ray.init(address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.ERROR,
                     runtime_env={"working_dir": str(ROOT), "excludes": LEFT_HERE})
        num_cpus = int(ray.cluster_resources().get("CPU", 0))
    except Exception as problem:  # of many kinds: no such host, another version, no answer
        raise ConfigError(
            "{name} is {address}: no cluster answers there ({kind}). Start one (ray start --head), "
            "or leave out the variable.", name=f"{PREFIX}RAY_ADDRESS",
            address=address, kind=type(problem).__name__) from None
    if num_cpus < 1:
        raise ConfigError("{name} is {address}: that cluster has no CPUs. Add a computer to it "
                          "(ray start --address=HOST:6379).", name=f"{PREFIX}RAY_ADDRESS",
                          address=address)
    return Cluster(num_cpus)


def _knock(address: str) -> None:
    """OSError where nobody listens at HOST:PORT: Ray itself would try for minutes to find out."""
    place = urlsplit(address if "//" in address else f"//{address}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), timeout=10).close()
