"""Limits how many models compute predictions at once, and shares the turns between addresses.

    with turns.hold(address):      # BusyError after two seconds of waiting
        experiment.beam(text)

Without turns, sixty requests to a large model would occupy all threads of the page, and gigabytes
of memory. The next turn goes to the network address that holds the fewest turns, and among equals
to the one that has used the least time recently. No address can hold all turns, and the number of
its waiting calls is limited.

While `must_rest()` is true, because the cores are needed for training, a turn that has computed for
some time stays unused for as long: answers then take half of a core for each turn.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seq2seq.errors import BusyError
from seq2seq.time_slices import Result, Sliced

PATIENCE = 2.0  # seconds that a call waits
MAX_PATIENT = 8  # so many calls may wait longer, if they ask for it: each holds a thread
MAX_WAITING = 64  # calls that wait at once, each in a thread
MAX_WAITING_PER_ADDRESS = 32  # of them from one address: a class of learners may share it
HALF_LIFE = 30.0  # seconds after which the time that an address has used counts half
SHORT, LONGEST_REST = 0.1, 5.0  # seconds: an answer that needs no rest, and the limit of a rest


class Ticket:
    """A call that waits for a turn or holds one."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.began = 0.0  # when its turn began
        self.called = threading.Event()  # its turn has come


class Turns:
    """`num` turns for all visitors. Thread-safe. `clock` is a monotonic clock in seconds."""

    def __init__(self, num: int, patience: float = PATIENCE,
                 clock: Callable[[], float] = time.monotonic,
                 must_rest: Callable[[], bool] = lambda: False) -> None:
        self.num, self.patience = num, patience
        self._clock, self._must_rest = clock, must_rest
        self._lock = threading.Lock()
        self._waiting: list[Ticket] = []
        self._running: Counter[str] = Counter()  # turns that are held, by address
        self._used: dict[str, tuple[float, float]] = {}  # address -> seconds, and as of when
        self._mine = threading.local()

    @contextmanager
    def hold(self, address: str, patience: float | None = None) -> Iterator[None]:
        """Hold a turn. BusyError if none is free within `patience` seconds or too many calls wait.

        A thread that already holds a turn keeps it. A longer `patience` than the default is
        ignored while more than `MAX_PATIENT` calls wait.
        """
        if getattr(self._mine, "ticket", None):
            yield
            return
        ticket = self.enter(address)
        if patience is None or len(self._waiting) > MAX_PATIENT:
            patience = self.patience
        if not ticket.called.wait(patience) and not self._give_up(ticket):
            raise busy_error()
        self._mine.ticket = ticket
        try:
            yield
        finally:
            self.leave(self._mine.ticket)
            self._mine.ticket = None

    def run_in_parts(self, parts: Sliced[Result], most: float = math.inf) -> Result:
        """The result of a long computation, which lets others have the turn between its parts.

        BusyError when it has taken more than `most` seconds.
        """
        seconds = 0.0
        while True:
            began = self._clock()
            try:
                next(parts)
            except StopIteration as finished:
                result: Result = finished.value
                return result
            took = self._clock() - began
            seconds += took
            if seconds > most:
                parts.close()
                raise busy_error()
            self._pass_on()
            if self._must_rest():
                time.sleep(min(took, LONGEST_REST))

    def enter(self, address: str) -> Ticket:
        """Wait in line: the ticket's `called` is set when its turn comes. BusyError: too many."""
        ticket = Ticket(address)
        with self._lock:
            if (len(self._waiting) >= MAX_WAITING
                    or sum(t.address == address for t in self._waiting) >= MAX_WAITING_PER_ADDRESS):
                raise busy_error()
            self._waiting.append(ticket)
            self._call()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Return the turn of `ticket`, now or after its rest."""
        with self._lock:
            took = self._clock() - ticket.began
            self._account(ticket)
        if took > SHORT and self._must_rest():
            timer = threading.Timer(min(took, LONGEST_REST), self._free, [ticket])
            timer.daemon = True
            timer.start()
        else:
            self._free(ticket)

    def _free(self, ticket: Ticket) -> None:
        with self._lock:
            self._running[ticket.address] -= 1
            self._running += Counter()  # without those that hold none
            self._call()

    def _account(self, ticket: Ticket) -> None:
        # Add the time since `began` to the address's time, and restart the count.
        now = self._clock()
        self._used[ticket.address] = (
            self._seconds_of(ticket.address, now) + now - ticket.began, now)
        ticket.began = now
        if len(self._used) > 1000:
            self._used = {a: used for a, used in self._used.items()
                          if now - used[1] < 10 * HALF_LIFE}

    def _give_up(self, ticket: Ticket) -> bool:
        # Stop waiting. True if the turn came in the meantime.
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return False
            return True

    def _pass_on(self) -> None:
        ticket = getattr(self._mine, "ticket", None)
        if ticket is None:
            return
        with self._lock:
            self._account(ticket)
            now = self._clock()
            mine = self._seconds_of(ticket.address, now)
            if not any(self._seconds_of(t.address, now) < mine for t in self._waiting):
                return
            again = Ticket(ticket.address)  # not `enter`: a call that has begun gets no BusyError
            self._waiting.append(again)
            self._running[ticket.address] -= 1
            self._call()
        again.called.wait()
        self._mine.ticket = again

    def _seconds_of(self, address: str, now: float) -> float:
        seconds, when = self._used.get(address, (0.0, now))
        return seconds * 0.5 ** ((now - when) / HALF_LIFE)

    def _call(self) -> None:
        # Give free turns to the next tickets. The lock must be held.
        most, now = max(1, self.num - 1), self._clock()
        while self._running.total() < self.num:
            ready = [t for t in self._waiting if self._running[t.address] < most]
            if not ready:
                return
            ticket = min(ready, key=lambda t: (self._running[t.address],
                                               self._seconds_of(t.address, now)))
            self._waiting.remove(ticket)
            self._running[ticket.address] += 1
            ticket.began = now
            ticket.called.set()


def busy_error() -> BusyError:
    """The error for a call that got no turn."""
    return BusyError("This server is busy. Try again in a moment.")
