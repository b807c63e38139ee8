"""Overfitting, as the held-out loss shows it: it has fallen, turned, and risen since."""

from collections.abc import Sequence
from typing import NamedTuple

RISE = 0.05  # the part by which the loss must have risen: it varies a little from epoch to epoch


class Turn(NamedTuple):
    """Where the held-out loss was least, and what it is at the end of the training."""

    epoch: int
    least: float
    last: float


def turn(epochs: Sequence[float], losses: Sequence[float]) -> Turn | None:
    """Where the held-out loss turned; None if it is still about as low as it has ever been.

    >>> turn([1, 2, 3, 4], [2.0, 1.0, 1.2, 1.5])
    Turn(epoch=2, least=1.0, last=1.5)
    >>> turn([1, 2, 3], [2.0, 1.0, 1.02]) is None
    True
    """
    if not losses:
        return None
    least = min(losses)
    found = Turn(int(epochs[losses.index(least)]), least, losses[-1])
    return found if found.last > (1 + RISE) * least else None
