"""Estimates the time left from a run's own recent speed.

    countdown = Countdown()
    countdown.note(left=900)      # remaining steps, or runs ahead in the queue
    countdown.note(left=850)      # a second later
    countdown.seconds()           # 17.0; None while the speed is not known

The estimate needs no model of the machine or of other runs: the measured speed includes their
effect, and the estimate adapts when they start or end.
"""

import time
from collections import deque
from collections.abc import Callable

from seq2seq.i18n import ngettext

WINDOW = 20.0  # seconds over which speed is measured; longer ones adapt slowly to other runs
SPACING = 0.25  # least seconds between two stored notes
SHORTEST = 0.5  # seconds of measurement before the first estimate


class Countdown:
    """The speed at which a remaining amount decreases. Not thread-safe.

    `clock` is a monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._notes: deque[tuple[float, float]] = deque()  # time, amount left

    def note(self, left: float) -> None:
        """Record how much is left now."""
        now = self._clock()
        if len(self._notes) > 1 and now - self._notes[-2][0] < SPACING:
            self._notes.pop()  # replaced by this one
        self._notes.append((now, left))
        while len(self._notes) > 2 and self._notes[1][0] <= now - WINDOW:
            self._notes.popleft()

    def seconds(self) -> float | None:
        """The time until nothing is left, at the recent speed; None if it is not known."""
        if len(self._notes) < 2:
            return None
        (since, first), (_, last) = self._notes[0], self._notes[-1]
        spent, gone = self._clock() - since, first - last
        if gone <= 0 or spent < SHORTEST:
            return None
        return spent / gone * last


def in_words(seconds: float) -> str:
    """An estimated time, rounded, in words.

    >>> [in_words(s) for s in (0.2, 7.4, 38, 57.9, 61, 100, 4000)]
    ['1 second', '7 seconds', '40 seconds', '1 minute', '1 minute', '2 minutes', '67 minutes']
    """
    count = max(1, round(seconds) if seconds < 10 else 5 * round(seconds / 5))
    if count >= 60:
        return ngettext("{n} minute", "{n} minutes", max(1, round(seconds / 60)))
    return ngettext("{n} second", "{n} seconds", count)


def others_in_words(count: int) -> str:
    """The number of other active runs, in words; "" for 0."""
    if count < 1:
        return ""
    return ngettext("{n} other run is training on this server",
                    "{n} other runs are training on this server", count)
