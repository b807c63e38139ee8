"""(k) How much a large run slows down a small one in the same worker.

Both are real trainings. They share one thread in two ways, measured alternately: round-robin (a
turn each), and the scheduler of the lab, in which the least served run is next.
"""

import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.hosting.training_job import training_job
from seq2seq.jobs.scheduler import Job, JobLimits, JobQueue
from tests.benchmarks.contest import table

RULES = JobLimits(slice_seconds=0.1, run_seconds=0)
SMALL = Recipe("reverse", ModelConfig(attention="dot"), TrainConfig(num_epochs=200))


def large() -> Recipe:
    """Own pairs of 118 tokens over 1,900 symbols, for three layers of 512."""
    rng = random.Random(1)
    words = [f"w{i}" for i in range(1900)]
    lines = (" -> ".join(" ".join(rng.choices(words, k=118)) for _ in range(2))
             for _ in range(200))
    return Recipe("pairs", ModelConfig(hidden_size=512, num_layers=3, attention="dot"),
                  TrainConfig(batch_size=7), "\n".join(lines))


class Queue:
    """Round-robin: a turn for each job."""

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()

    def enter(self, job: Job) -> None:
        """Add a job."""
        self.jobs.append(job)

    back = enter

    def next(self) -> Job:
        """The job that was added first."""
        return self.jobs.popleft()


def share(make: Callable[[], Queue | JobQueue], seconds: float) -> tuple[float, float]:
    """Parts per CPU second of the small run, and the longest CPU time without a part.

    A part is a step of its training or a slice of its evaluation. Parts are counted where they are
    computed, since a long run reports only some of its steps.
    """
    line, parts = make(), [time.process_time()]

    def counted() -> Iterator[Any]:
        for event in training_job(SMALL):
            parts.append(time.process_time())
            yield event

    for name, events in (("large", training_job(large())), ("small", counted())):
        line.enter(Job(name, events, RULES))
    began = time.process_time()
    while time.process_time() < began + seconds:
        job = line.next()
        assert job.run_slice(lambda report: None)
        line.back(job)
    spent = time.process_time() - began  # the last turn may end late
    silences = [b - a for a, b in pairwise([*parts, began + spent])]
    return (len(parts) - 1) / spent, max(silences)


def neighbours(short: bool) -> str:
    """The table; ratios are those of two consecutive rounds."""
    rounds, seconds = (2, 20.0) if short else (5, 40.0)
    found = [(share(Queue, seconds), share(JobQueue, seconds)) for _ in range(rounds)]
    rows = []
    for name, which in (("a turn each", 0), ("the least served first", 1)):
        rates, gaps = zip(*(pair[which] for pair in found), strict=True)
        ratios = [pair[which][0] / pair[0][0] for pair in found]
        rows.append([name, f"{statistics.median(rates):.1f}", f"{statistics.median(ratios):.1f}×",
                     f"{max(gaps):.1f}"])
    return table(f"A small run beside a large one ({rounds} rounds of {seconds:.0f} CPU s)",
                 ["", "its parts a CPU s", "ratio", "longest silence (CPU s)"], rows)
