"""Parsed tables that are kept for the next call: parsing a large one takes a second.

A table takes about a hundred times as much memory as its text, so the texts' lengths are limited.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Parsed = TypeVar("Parsed")


class TableCache(Generic[Parsed]):
    """At most `most` tables with together at most `characters`, but always the newest.

    The least recently used ones are forgotten.
    """

    def __init__(self, most: int, characters: int) -> None:
        self.most, self.characters = most, characters
        self._tables: OrderedDict[tuple[str, Hashable], Parsed] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str, how: Hashable, parse: Callable[[], Parsed]) -> Parsed:
        """The result of `parse` for a text, which is parsed in the way `how`."""
        key = text, how
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
        found = parse()
        with self._lock:
            self._tables[key] = found
            while len(self._tables) > 1 and (
                    len(self._tables) > self.most
                    or sum(len(text) for text, _how in self._tables) > self.characters):
                self._tables.popitem(last=False)
        return found
