"""Memory that was freed goes back to the system.

The C library keeps what a program frees, for the next time, and each thread keeps its own. After a
busy hour much of what a server holds is such leavings: it would have to be paid for all night.
"""

import ctypes
from collections.abc import Callable


def _find() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return None  # another C library than glibc: it has its own ways


_trim = _find()


def give_back() -> None:
    """Give back what is free at this moment; takes milliseconds, and nobody has to wait for it."""
    if _trim is not None:
        _trim(0)
