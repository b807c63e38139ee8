"""The sweep of a class: a grid of models that differ in one or two settings, a cell each.

    axes = read_sweep("hidden_size:8,32;attention:none,dot")
    sweep = ClassSweep(axes, recipes(base, axes))
    sweep.cell_of(3)                  # the cell of learner 3: one that few others have
    sweep.move_on({0, 2})             # learners of these cells get those that nobody has

Learners are numbers, as in `class_activity`. A sweep has at most `MAX_CELLS` cells, and a class
has one sweep, so its memory is limited by the learners of the class.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from seq2seq.errors import ConfigError, shorten
from seq2seq.hosting.sweep_grid import Axis, read_axis
from seq2seq.recipe import Recipe

MAX_TEXT = 300  # characters of a sweep in a link


def read_sweep(text: str) -> list[Axis]:
    """The one or two settings of a sweep in a link. ConfigError if a part of it is not allowed.

    >>> [axis.values for axis in read_sweep("hidden_size:8,32;attention:none,dot")]
    [(8, 32), ('none', 'dot')]
    """
    parts = text.split(";") if len(text) <= MAX_TEXT else []
    if not 1 <= len(parts) <= 2 or not all(":" in part for part in parts):
        raise ConfigError("In the link, sweep is “{text}”: it must name one or two settings with "
                          "their values, for example hidden_size:8,32;attention:none,dot",
                          text=shorten(text))
    return [read_axis(*map(str.strip, part.split(":", 1))) for part in parts]


class ClassSweep:
    """The cells of a sweep, and which learner has which. Thread-safe."""

    def __init__(self, axes: Sequence[Axis], cells: Sequence[Recipe]) -> None:
        self.id = secrets.token_urlsafe(6)
        self.axes, self.cells = tuple(axes), tuple(cells)
        self._cell_of: dict[int, int] = {}
        self._lock = threading.Lock()

    def cell_of(self, learner: int) -> int:
        """The number of a learner's cell; at the first call, a cell that the fewest have."""
        with self._lock:
            if learner not in self._cell_of:
                taken = Counter(self._cell_of.values())
                self._cell_of[learner] = min(range(len(self.cells)), key=taken.__getitem__)
            return self._cell_of[learner]

    def move_on(self, trained: Collection[int]) -> None:
        """Give cells that nobody has trained or taken to learners whose cell is trained."""
        with self._lock:
            taken = {*self._cell_of.values(), *trained}
            free = [cell for cell in range(len(self.cells)) if cell not in taken]
            ready = [learner for learner, cell in self._cell_of.items() if cell in trained]
            self._cell_of.update(zip(ready, free, strict=False))

    def leave(self, learners: Iterable[int]) -> None:
        """Free the cells of these learners."""
        with self._lock:
            for learner in learners:
                self._cell_of.pop(learner, None)
