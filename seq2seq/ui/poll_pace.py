"""How long pages wait between two polls of the runs that they show."""

import random
import time
from collections.abc import Callable

LEAST, MOST = 0.5, 5.0  # seconds; a page waits `LEAST` by itself (`assets/js/live_training.js`)
MAX_POLLS = 200  # a second, of all pages together: each takes 2 ms of the one process that answers


class PollPace:
    """Slows down the polls of all pages when there are more than `MAX_POLLS` a second.

    No page loses a point by waiting: an answer has all points since the last one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._begin = clock, clock()
        self._count, self._rng = 0, random.Random(0)
        self.wait = LEAST

    def polled(self) -> float:
        """Count a poll. Returns the seconds until that page's next one."""
        self._count += 1
        elapsed = self._clock() - self._begin
        # After this time every page has polled at the present pace.
        if elapsed >= max(1.0, 1.5 * self.wait):
            num_pages = self._count / elapsed * self.wait
            self.wait = min(MOST, max(LEAST, num_pages / MAX_POLLS))
            self._begin, self._count = self._clock(), 0
        # Pages that were slowed down at the same moment must not all poll at the same moment.
        return self.wait if self.wait == LEAST else self.wait * self._rng.uniform(0.6, 1.4)
