"""Who may begin a training, and which runs are forgotten: what `Limits` mean for runs."""

import time
from collections import Counter
from collections.abc import Iterable

from seq2seq.errors import ConfigError, LabFullError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.run import Run

DISPLACED = LazyText("The server was full, so this run was stopped to make room for a visitor from "
                     "another network. Its progress is saved: continue it in a moment.")


def admit(others: Iterable[Run], address: str, limits: Limits) -> Run | None:
    """The active run that has to make way for one more beside those of `others`, mostly None.

    Raises `LabFullError` when no more may be active. `address` is that of whoever asks; "" where
    it is not known, and not limited. A full server takes the newest run of the address that holds
    most, if that one holds at least as many still as whoever asks has then. Only a newcomer is
    served so: an address has no more than a quarter of the places at the cost of others.
    """
    active = [run for run in others if run.is_active]
    near = sum(run.address == address for run in active) if address else 0
    if len(active) >= limits.max_active and address:
        held = Counter(run.address for run in active if run.address)
        where, most = max(held.items(), key=lambda pair: pair[1], default=("", 0))
        is_new = near < max(1, limits.max_active // 4)
        if is_new and most - 1 >= near + 1 and not 0 < limits.max_active_per_address <= near:
            return max((run for run in active if run.address == where), key=lambda r: r.created)
    if len(active) >= limits.max_active:
        if len(active) == 1:
            raise LabFullError("This server is full: it is already training 1 model. Try again in "
                               "a moment.")
        raise LabFullError("This server is full: it is already training {n} models. Try again in a "
                           "moment.", n=len(active))
    if 0 < limits.max_active_per_address <= near:
        if near == 1:
            raise LabFullError(
                "This server is already training 1 model for your network, which is the limit. Try "
                "again in a moment.")
        raise LabFullError(
            "This server is already training {n} models for your network, which is the limit. Try "
            "again in a moment.", n=near)
    return None


def has_room(held: float, more: float, limits: Limits) -> bool:
    """Whether a worker whose runs hold so many bytes can take one that holds `more`.

    A large one has to leave a sixth free: or few of them would keep out all the small ones.
    """
    most = limits.worker_mb * 2**20
    spare = most / 6 if more > most / 8 else 0
    return held + more + spare <= most


def check_room(held: Iterable[float], more: float, limits: Limits) -> None:
    """Raise unless one of the workers, whose runs hold so many bytes, can take one more run.

    LabFullError where it could later, ConfigError where it never could.
    """
    if any(has_room(one, more, limits) for one in held):
        return
    size = max(1, round(more / 2**20))
    if has_room(0, more, limits):
        raise LabFullError("This server does not have the memory for another model of this size "
                           "right now: it needs about {mb} MB. Try again in a moment, or lower the "
                           "hidden size.", mb=size)
    raise ConfigError("Training this model needs about {mb} MB of memory, more than this server "
                      "allows per model. Lower the hidden size, the number of layers or the number "
                      "of training examples.", mb=size)


def forgettable(runs: Iterable[Run], limits: Limits) -> list[Run]:
    """Which of `runs` (the oldest first) are too old or too many. Never one that is active."""
    latest = time.monotonic() - limits.keep_seconds
    num_ended = num_bytes = 0
    # Opened models are counted apart: they must not push out what a visitor has trained.
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
