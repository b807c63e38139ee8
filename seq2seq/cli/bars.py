"""Progress bars on the standard error, while a large file is read."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from seq2seq.tasks.tables.progress import showing

DELAY = 0.5  # seconds: most files are read sooner


@contextmanager
def progress_bars() -> Iterator[None]:
    """A bar for each loop that takes long, if the standard error is a terminal."""
    with showing(_bar):
        yield


def _bar(items: Iterable[Any], name: str, total: int | None) -> Iterable[Any]:
    return tqdm(items, name, total, leave=False, file=sys.stderr, disable=None, delay=DELAY,
                unit_scale=True, unit=" lines")
