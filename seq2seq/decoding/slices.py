"""Computations that pause, so that a server can share one processor among visitors.

Decoding a large test set takes seconds. The functions named `…_sliced` do it in time slices: they
are generators that yield None between short pieces of work and return the result at the end. A
script calls the function of the same name without `_sliced`, which runs all the slices at once.
"""

from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")
Sliced = Generator[None, None, Result]


def finish(computation: Sliced[Result]) -> Result:
    """Run all the slices that are left and return the result.

    >>> def two_slices():
    ...     yield
    ...     return "result"
    >>> finish(two_slices())
    'result'
    """
    while True:
        try:
            next(computation)
        except StopIteration as end:
            result: Result = end.value
            return result
