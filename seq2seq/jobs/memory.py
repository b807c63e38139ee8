"""Returns freed memory to the operating system.

glibc keeps freed memory for later allocations, in up to eight arenas per core, and each arena
becomes fragmented. After an hour of load, much of the memory of a server with many threads is free
but not returned. With a C library other than glibc, these functions do nothing.
"""

import ctypes
from collections.abc import Callable

NUM_ARENAS = 2  # enough: threads wait for the GIL far more often than for an arena
M_ARENA_MAX = -8  # the option of glibc's mallopt


def _find(name: str) -> Callable[..., int] | None:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, TypeError, AttributeError):
        return None


_malloc_trim = _find("malloc_trim")
# Only with glibc, which has malloc_trim: the number of the option is its own.
_mallopt = _find("mallopt") if _malloc_trim is not None else None


def limit_arenas() -> None:
    """Limit the number of arenas of this process. Call it before it starts many threads."""
    if _mallopt is not None:
        _mallopt(M_ARENA_MAX, NUM_ARENAS)


def release_free_memory() -> None:
    """Return free memory to the system; takes milliseconds."""
    if _malloc_trim is not None:
        _malloc_trim(0)
