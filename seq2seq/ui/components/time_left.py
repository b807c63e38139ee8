"""How long it will take: from a run's own pace of the last seconds, and in round words.

    countdown = Countdown()
    countdown.note(left=900)      # steps that are still to be made, or runs that come before
    countdown.note(left=850)      # a second later
    countdown.seconds()           # 17.0; None while nothing has moved yet

Nothing is assumed of the machine or of the other runs: what they cost is in the pace already. So
there is no estimate before the first movement, and it follows when others come and go.
"""

import time
from collections import deque
from collections.abc import Callable

from seq2seq.i18n import ngettext

WINDOW = 20.0  # seconds that count; more would be slow to notice that others have come or gone
SPACING = 0.25  # seconds between two notes that are kept
SHORTEST = 0.5  # seconds of movement, at least, before anything is said


class Countdown:
    """The pace at which something that is left gets less. Not thread-safe.

    `clock` tells seconds that only grow; tests bring their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._notes: deque[tuple[float, float]] = deque()  # when, and what was left then

    def note(self, left: float) -> None:
        """Say how much is left now."""
        now = self._clock()
        if len(self._notes) > 1 and now - self._notes[-2][0] < SPACING:
            self._notes.pop()  # a newer one takes its place
        self._notes.append((now, left))
        while len(self._notes) > 2 and self._notes[1][0] <= now - WINDOW:
            self._notes.popleft()

    def seconds(self) -> float | None:
        """How long until nothing is left, at the pace of late; None if that is not known."""
        if len(self._notes) < 2:
            return None
        (since, first), (_, last) = self._notes[0], self._notes[-1]
        spent, gone = self._clock() - since, first - last
        if gone <= 0 or spent < SHORTEST:
            return None
        return spent / gone * last


def in_words(seconds: float) -> str:
    """A time in so round numbers as an estimate deserves.

    >>> [in_words(s) for s in (0.2, 7.4, 38, 57.9, 61, 100, 4000)]
    ['1 second', '7 seconds', '40 seconds', '1 minute', '1 minute', '2 minutes', '67 minutes']
    """
    count = max(1, round(seconds) if seconds < 10 else 5 * round(seconds / 5))
    if count >= 60:
        return ngettext("{n} minute", "{n} minutes", max(1, round(seconds / 60)))
    return ngettext("{n} second", "{n} seconds", count)


def others_in_words(count: int) -> str:
    """Who else is at work: "11 others are training on this server too"; "" for nobody."""
    if count < 1:
        return ""
    return ngettext("{n} other run is training on this server",
                    "{n} other runs are training on this server", count)
