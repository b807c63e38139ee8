"""Pauses: a long ordinary function runs in time slices, without being a generator.

    def slow():
        for ...:
            pause()          # the function may be suspended here
        return result

    result = yield from paused(slow)

Generating 40,000 examples takes seconds, in nested functions that are no generators. `paused` runs
such a function in a thread that computes only while its caller waits: the two never run at once.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")

PART_SECONDS = 0.02  # length of a time slice

_here = threading.local()


class _GivenUp(BaseException):
    """Ends a suspended function whose result is no longer needed."""


class _Work:
    """A function in a thread; either the thread or its caller runs, never both."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_over = self.is_given_up = False
        self.until = 0.0
        self._mine, self._callers = threading.Semaphore(0), threading.Semaphore(0)
        context = contextvars.copy_context()
        self.thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self._mine.acquire()
        _here.work = self
        try:
            self.result = self.work()
        except BaseException as error:  # raised again in the caller
            self.error = error
        self.is_over = True
        self._callers.release()

    def go_on(self) -> None:
        """In the caller: run the thread until its next pause."""
        self.until = time.monotonic() + PART_SECONDS
        self._mine.release()
        self._callers.acquire()

    def stand_still(self) -> None:
        """In the thread: suspend it and resume the caller."""
        self._callers.release()
        self._mine.acquire()
        if self.is_given_up:
            raise _GivenUp

    def give_up(self) -> None:
        """In the caller: end the thread."""
        self.is_given_up = True
        self.go_on()
        self.thread.join()


def pause() -> None:
    """Within `paused`, suspend the function if its time slice is over; elsewhere do nothing."""
    work: _Work | None = getattr(_here, "work", None)
    if work is not None and time.monotonic() >= work.until:
        work.stand_still()


def paused(work: Callable[[], Result]) -> Generator[None, None, Result]:
    """The result of `work()`, or its exception. Yields at its pauses."""
    found = _Work(work)
    try:
        found.go_on()
        while not found.is_over:
            yield
            found.go_on()
    finally:
        if not found.is_over:
            found.give_up()
    if found.error is not None:
        raise found.error
    result: Result = found.result
    return result
