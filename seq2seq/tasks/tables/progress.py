"""The progress of loops over a large table, which the command line shows as bars.

A loop over many items runs over `tracked(items, …)`. That is the items themselves, unless a caller
further up has asked to see them pass with `showing`:

>>> def show(items, name, total):
...     for n, item in enumerate(items, 1):
...         print(f"{name}: {n} of {total}")
...         yield item
>>> with showing(show):
...     sum(tracked([3, 4], "Adding", 2))
Adding: 1 of 2
Adding: 2 of 2
7
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Item = TypeVar("Item")
# Items, the loop's name and the number of items, if known -> the same items.
Show = Callable[[Iterable[Any], str, int | None], Iterable[Any]]

_show: ContextVar[Show | None] = ContextVar("show", default=None)


def tracked(items: Iterable[Item], name: str, total: int | None = None) -> Iterable[Item]:
    """The items, for a loop called `name` (in English) over `total` of them, if known."""
    show = _show.get()
    return items if show is None else show(items, name, total)


@contextmanager
def showing(show: Show) -> Iterator[None]:
    """Within the block, all tracked loops of this thread run over what `show` returns."""
    before = _show.set(show)
    try:
        yield
    finally:
        _show.reset(before)
