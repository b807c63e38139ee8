"""Memory that was freed goes back to the system.

The C library keeps what a program frees for the next time, and keeps it apart for its threads, in
up to eight arenas a core, each of which goes to pieces in its own way. After a busy hour much of
what a server of many threads holds is such leavings. With another library than glibc nothing is
done here: it has its own ways.
"""

import ctypes
from collections.abc import Callable

NUM_ARENAS = 2  # threads wait for Python far more often than they would for one of these
M_ARENA_MAX = -8  # what glibc's mallopt calls their number


def _find(name: str) -> Callable[..., int] | None:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, TypeError, AttributeError):
        return None


_malloc_trim = _find("malloc_trim")
_mallopt = _find("mallopt") if _malloc_trim is not None else None  # others number their options


def share_arenas() -> None:
    """Let all threads of this process share few arenas. Call it before there are many threads."""
    if _mallopt is not None:
        _mallopt(M_ARENA_MAX, NUM_ARENAS)


def give_back() -> None:
    """Give back what is free at this moment; takes milliseconds, and nobody has to wait for it."""
    if _malloc_trim is not None:
        _malloc_trim(0)
