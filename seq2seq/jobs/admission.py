"""Applies `Limits` to runs: which training may start, and which ended runs are deleted."""

import time
from collections import Counter
from collections.abc import Iterable

from seq2seq.errors import ConfigError, LabFullError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.run import Run

DISPLACED = LazyText("The server was full, so this run was stopped to make room for a visitor with "
                     "another network address. Its progress is saved: continue it in a moment.")


def admit(others: Iterable[Run], address: str, limits: Limits) -> Run | None:
    """The active run that must be stopped so that a new one can start; usually None.

    `others` are the runs of other visitors, `address` is the network address of the new run ("":
    unknown, and not limited). If the server is full, the new run displaces the newest run of the
    address with the most active runs. That address must still have at least as many runs as the
    new run's address, and an address may displace others only up to a quarter of `max_active`.
    LabFullError if the new run may not start.
    """
    active = [run for run in others if run.is_active]
    own = sum(run.address == address for run in active) if address else 0
    if len(active) >= limits.max_active and address:
        held = Counter(run.address for run in active if run.address)
        where, most = max(held.items(), key=lambda pair: pair[1], default=("", 0))
        is_new = own < max(1, limits.max_active // 4)
        if is_new and most - 1 >= own + 1 and not 0 < limits.max_active_per_address <= own:
            return max((run for run in active if run.address == where), key=lambda r: r.created)
    if len(active) >= limits.max_active:
        if len(active) == 1:
            raise LabFullError("This server is full: it is already training 1 model. Try again in "
                               "a moment.")
        raise LabFullError("This server is full: it is already training {n} models. Try again in a "
                           "moment.", n=len(active))
    if 0 < limits.max_active_per_address <= own:
        if own == 1:
            raise LabFullError(
                "This server is already training 1 model for your network address (everyone at a "
                "school may share one), and that is the limit. Try again in a moment.")
        raise LabFullError(
            "This server is already training {n} models for your network address (everyone at a "
            "school may share one), and that is the limit. Try again in a moment.", n=own)
    return None


def has_room(held: float, more: float, limits: Limits) -> bool:
    """Whether a worker whose runs hold `held` bytes has memory for a run of `more` bytes.

    A large run must leave a sixth free, so that a few large runs do not exclude all small ones.
    """
    most = limits.worker_mb * 2**20
    spare = most / 6 if more > most / 8 else 0
    return held + more + spare <= most


def check_room(held: Iterable[float], more: float, limits: Limits) -> None:
    """Raise an error if no worker has memory for a run of `more` bytes.

    `held` are the bytes that each worker's runs hold. LabFullError if the run may fit later,
    ConfigError if it never can.
    """
    if any(has_room(one, more, limits) for one in held):
        return
    size = max(1, round(more / 2**20))
    if has_room(0, more, limits):
        raise LabFullError("This server does not have enough memory for another model of this size "
                           "right now: it needs about {mb} MB. Try again in a moment, or lower the "
                           "hidden size.", mb=size)
    raise ConfigError("Training this model needs about {mb} MB of memory, more than this server "
                      "allows per model. Lower the hidden size, the number of layers or the number "
                      "of training examples.", mb=size)


def forgettable(runs: Iterable[Run], limits: Limits) -> list[Run]:
    """Those of `runs` (oldest first) that are too old or too many; never an active one."""
    latest = time.monotonic() - limits.keep_seconds
    num_ended = num_bytes = 0
    # Opened models are counted separately, so that they do not displace a visitor's own runs.
    num_owned: Counter[tuple[str, bool]] = Counter()
    found = []
    counted: set[int] = set()  # weights that several runs share
    for run in reversed(list(runs)):
        kind = run.owner, run.is_opened
        num_owned[kind] += 1
        size = 0 if id(run.blobs) in counted else run.num_bytes
        counted.add(id(run.blobs))
        if not run.is_active:
            if (
                run._touched < latest
                or num_owned[kind] > limits.max_owned
                or num_ended >= limits.max_kept
                or num_bytes + size > limits.max_kept_bytes
            ):
                found.append(run)
                continue
            num_ended += 1
        num_bytes += size
    return found
