"""Small jobs in pure Python for the tests of `jobs`.

They have a module of their own, which worker processes can import by name.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq.errors import TrainingError

STEP_SECONDS = 0.005


class Snapshot(NamedTuple):
    """A stand-in for the event of the same name."""

    epoch: int
    weights: bytes
    state: bytes = b""


def start(recipe: tuple[str, Any], state: bytes = b"") -> Iterator[Any]:
    """The `start` of the tests: a recipe is the name of a job below and its argument."""
    kind, argument = recipe
    return JOBS[kind](argument, state) if state else JOBS[kind](argument)


def count(last: int) -> Iterator[Any]:
    for number in range(1, last + 1):
        yield number
        yield None


def busy(log: str | None) -> Iterator[Any]:
    """Work without end, a few milliseconds at a time: first the process id, then step numbers."""
    try:
        yield os.getpid()
        step = 0
        while True:
            until = time.perf_counter() + STEP_SECONDS
            while time.perf_counter() < until:
                pass
            step += 1
            yield step
    finally:
        if log is not None:
            Path(log).write_text("closed", encoding="utf-8")


def sleepy(seconds: float) -> Iterator[Any]:
    """Yield the process id, then None for ever."""
    yield os.getpid()
    while True:
        time.sleep(seconds)
        yield None


def once_and_long(seconds: float) -> Iterator[Any]:
    yield "first"
    time.sleep(seconds)
    yield "second"


def traces(path: str) -> Iterator[Any]:
    """Four events; the file shows which have been computed."""
    for number in "1234":
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(number)
        yield number


def fails(sentence: str) -> Iterator[Any]:
    yield "before"
    raise TrainingError(sentence)


def crashes(message: str) -> Iterator[Any]:
    yield "before"
    raise ZeroDivisionError(message)


def cannot_be_sent(_: None) -> Iterator[Any]:
    yield "before"
    yield lambda: None


def epochs(argument: tuple[int, int]) -> Iterator[Any]:
    """Yield epochs, each followed by a Snapshot of a given size."""
    last, size = argument
    for epoch in range(1, last + 1):
        yield f"epoch {epoch}"
        yield Snapshot(epoch, bytes(size))


def saving(argument: tuple[int, float], state: bytes = b"") -> Iterator[Any]:
    """Yield epochs of a given duration, each as two events and a Snapshot with a state.

    From a state, it continues instead of starting again.
    """
    last, seconds = argument
    if not state:
        yield "began"
    for epoch in range(int(state or b"0") + 1, last + 1):
        yield f"half of {epoch}"
        time.sleep(seconds)
        yield None
        yield f"epoch {epoch}"
        yield Snapshot(epoch, b"weights %d" % epoch, b"%d" % epoch)


def deadly(marks: str) -> Iterator[Any]:
    """Write to a file, yield the process id, and end the process."""
    with Path(marks).open("a", encoding="utf-8") as file:
        file.write("x")
    yield os.getpid()
    os._exit(1)


def thinking(seconds: float) -> Iterator[Any]:
    """Compute for ever, in steps of a given duration."""
    step = 0
    while True:
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        step += 1
        yield step


def nice(_: None) -> Iterator[Any]:
    yield os.getpriority(os.PRIO_PROCESS, 0)


def note(path: str) -> Iterator[Any]:
    """Leave a line with this process's id in a file; with `was_noted`, tests the warm-up."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    yield "noted"


def was_noted(path: str) -> Iterator[Any]:
    yield str(os.getpid()) in Path(path).read_text(encoding="utf-8").split()


JOBS = {
    job.__name__: job
    for job in (
        *(count, busy, sleepy, once_and_long, traces, fails, crashes, cannot_be_sent),
        *(epochs, saving, deadly, thinking, nice, note, was_noted),
    )
}
