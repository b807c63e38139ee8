"""Time slices: long computations that let others use the CPU in between.

A server shares one processor among its visitors, so a computation that takes seconds must run in
short slices. Here, such a computation is a generator (`Sliced`): it yields None after each slice
and returns its result. There are two ways to write one.

1. As a generator. By convention its name ends in `_sliced`; the function of the same name without
   the ending runs all slices at once (`finish`). Decoding and evaluation do this.

       def answers(…):
           return finish(answers_sliced(…))

2. As a plain function that calls `pause` where it may be suspended. `in_slices` turns it into a
   generator. This is for code whose loops are in nested functions that are not generators, such as
   the sampling of 40,000 examples, and needs a thread, since only a thread can suspend a plain
   function. The thread computes only while its caller waits: the two never run at the same time.

       def slow():
           for …:
               pause()
           return result

       result = yield from in_slices(slow)
"""

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Sliced = Generator[None, None, Result]

SLICE_SECONDS = 0.02  # length of a slice of a plain function

_current = threading.local()  # `call`: the suspendable call that this thread runs


def finish(computation: Sliced[Result]) -> Result:
    """Run all remaining slices and return the result.

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


def pause() -> None:
    """Inside `in_slices`, suspend the function if its slice is over; elsewhere do nothing."""
    call: _SuspendableCall | None = getattr(_current, "call", None)
    if call is not None and time.monotonic() >= call.until:
        call.suspend()


def in_slices(function: Callable[[], Result]) -> Sliced[Result]:
    """The result of `function()`, or its exception, in slices that end at its pauses.

    If the generator is closed, the function ends at the pause where it is suspended.
    """
    call = _SuspendableCall(function)
    try:
        call.resume()
        while not call.has_ended:
            yield
            call.resume()
    finally:
        if not call.has_ended:
            call.cancel()
    if call.error is not None:
        raise call.error
    result: Result = call.result
    return result


class _Cancelled(BaseException):
    """Ends a suspended function whose result is no longer needed."""


class _SuspendableCall:
    """A call in a thread; at any time either the thread or its caller runs."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.result: Any = None
        self.error: BaseException | None = None
        self.has_ended = self.is_cancelled = False
        self.until = 0.0  # end of the current slice
        self._thread_runs, self._caller_runs = threading.Semaphore(0), threading.Semaphore(0)
        context = contextvars.copy_context()
        self.thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self._thread_runs.acquire()
        _current.call = self
        try:
            self.result = self.function()
        except BaseException as error:  # raised again in the caller
            self.error = error
        self.has_ended = True
        self._caller_runs.release()

    def resume(self) -> None:
        """In the caller: run the thread until its next pause."""
        self.until = time.monotonic() + SLICE_SECONDS
        self._thread_runs.release()
        self._caller_runs.acquire()

    def suspend(self) -> None:
        """In the thread: suspend it and resume the caller."""
        self._caller_runs.release()
        self._thread_runs.acquire()
        if self.is_cancelled:
            raise _Cancelled

    def cancel(self) -> None:
        """In the caller: end the thread."""
        self.is_cancelled = True
        self.resume()
        self.thread.join()
