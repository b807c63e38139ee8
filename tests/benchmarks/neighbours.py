"""(k) What a large run costs the small one beside it, in one worker.

Both are real trainings. They share one thread in two ways, which take turns: first come, first
served (a turn each), and the scheduler of the lab, in which the least served is the next.
"""

import random
import statistics
import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.line import Job, Line, Report, Rules
from seq2seq.training import StepEnd
from seq2seq.training_job import training_job
from tests.benchmarks.contest import table

RULES = Rules(slice_seconds=0.1, run_seconds=0)
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
    """A turn each: what the lab did before."""

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()

    def enter(self, job: Job) -> None:
        """Take in a job."""
        self.jobs.append(job)

    back = enter

    def next(self) -> Job:
        """The one that came first."""
        return self.jobs.popleft()


def share(make: Callable[[], Queue | Line], seconds: float) -> tuple[float, float]:
    """Steps a second of the small run, and the longest it was silent, beside the large one."""
    line, told = make(), []

    def tell(report: Report) -> None:
        if report.job_id == "small":
            told.append((time.perf_counter(),
                         [e for e in report.events if isinstance(e, StepEnd)]))

    for name, recipe in (("large", large()), ("small", SMALL)):
        line.enter(Job(name, training_job(recipe), RULES))
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        job = line.next()
        assert job.turn(tell)
        line.back(job)
    steps = max((events[-1].step for _, events in told if events), default=0)
    times = [began, *(when for when, _ in told), time.perf_counter()]
    return steps / seconds, max(b - a for a, b in pairwise(times))


def neighbours(short: bool) -> str:
    """The table; a ratio is that of two neighbouring rounds."""
    rounds, seconds = (2, 12.0) if short else (5, 25.0)
    found = [(share(Queue, seconds), share(Line, seconds)) for _ in range(rounds)]
    rows = []
    for name, which in (("a turn each", 0), ("the least served first", 1)):
        rates, gaps = zip(*(pair[which] for pair in found), strict=True)
        ratios = [pair[which][0] / max(pair[0][0], 1e-9) for pair in found]
        rows.append([name, f"{statistics.median(rates):.1f}", f"{statistics.median(ratios):.1f}×",
                     f"{max(gaps):.1f}"])
    return table(f"A small run beside a large one ({rounds} rounds of {seconds:.0f} s)",
                 ["", "its steps a second", "ratio", "longest silence (s)"], rows)
